"""Print the OpenAPI description, from which the web app's types are made: python -m epochal.server.openapi."""

import json
import sys
import tempfile
from pathlib import Path

from epochal.server.app import create_app


def openapi_text() -> str:
    """The description as JSON, the same whenever the API is the same."""
    with tempfile.TemporaryDirectory() as folder:
        return json.dumps(create_app(Path(folder)).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
