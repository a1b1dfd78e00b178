"""The nets, their losses and assigners; the weights file and its exports. Never: datasets, HTTP, SQL.

Nothing is imported here, so that `letterbox.py` can be used without torch. Begin with `fast.py`.
"""
