"""The Python client of a server: `Client(url, key)` speaks HTTP; a module for each kind of thing says what to ask.

Begin reading in `http.py`.
"""

from epochal.client.http import Client

__all__ = ["Client"]
