"""Labelling with a model's help: its predictions as drafts, which people take or refuse. Never: torch.

Begin with `proposals.py`; `assists.py` has the rows, `reviewing.py` what becomes of drafts.
"""
