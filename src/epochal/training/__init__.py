"""Training: recipe, feeding, the loop, validation, checkpoint, resume. Never: HTTP, SQL.

Nothing is imported here (torch is heavy). Begin with `loop.py`, which draws itself in its docstring.
"""
