"""The Python client of a server: `connect()` gives a workspace, whose things know how to ask for themselves.

Begin reading in `workspace.py`; `http.py` is below it and speaks HTTP for whoever needs another route.
"""

from epochal.client.http import Client
from epochal.client.workspace import Model, Project, Training, Version, Workspace, connect

__all__ = ["Client", "Model", "Project", "Training", "Version", "Workspace", "connect"]
