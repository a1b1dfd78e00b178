"""The command line: one file of commands per package, no logic. Begin with `main.py`.

Heavy packages are imported inside the commands, so that `epochal --help` and `epochal graph`
start quickly and without torch.
"""
