"""A version as a Jupyter notebook: download it by key, train it, look at its training graph, send the weights back."""

import json
from typing import Literal

Kind = Literal["train", "download"]

_INSTALL = '''\
try:
    import epochal
except ModuleNotFoundError:
    %pip install --quiet "epochal[train]"'''

_SETTINGS = """\
import os
from getpass import getpass
from pathlib import Path

URL = os.environ.get("EPOCHAL_SERVER_URL", {url})
KEY = os.environ.get("EPOCHAL_API_KEY") or getpass("API key of the workspace: ")
WORKSPACE, PROJECT, VERSION = {workspace}, {project}, {version}
FOLDER = Path("{folder}")"""

_DOWNLOAD = """\
from epochal.client import connect

version = connect(URL, KEY).project(PROJECT).version(VERSION)
if not FOLDER.exists():
    version.download("coco", FOLDER)
print(version.fields["images"], "images,", "content hash", version.fields["content_hash"])"""

_TRAIN = """\
EPOCHS = int(os.environ.get("EPOCHS", {epochs}))  # more epochs take longer and, up to a point, find more
RUN = Path("{folder}-run")

!epochal train {{FOLDER}} --out {{RUN}} --epochs {{EPOCHS}} {{os.environ.get("TRAIN_ARGS", "")}}"""

_GRAPH = """\
from IPython.display import IFrame

!epochal graph {RUN}
IFrame(RUN / "graph.html", width="100%", height=720)"""

_SEND = """\
weights = RUN / "weights" / "best.onnx"
model = version.project.workspace.upload_model(weights, project=PROJECT, name=f"{PROJECT} notebook")
print("Listed as", model.fields["slug"], "- it can be tried in the project's Deploy tab.")"""

_PLAIN_DOWNLOAD = """\
import io
import json
import time
import urllib.request
import zipfile

FORMAT = os.environ.get("FORMAT", "yolov8")  # or coco, voc, tfrecord, ...: what your trainer reads
BASE = f"{URL}/api/workspaces/{WORKSPACE}/projects/{PROJECT}/versions/{VERSION}/exports"


def ask(address, body=None):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:
        return answer.read()


while (made := json.loads(ask(BASE, {"format": FORMAT})))["state"] == "running":
    print(f"being packed: {made['progress']:.0%}")
    time.sleep(1)
assert made["state"] == "ready", made["message"]
zipfile.ZipFile(io.BytesIO(ask(f"{BASE}/{FORMAT}"))).extractall(FOLDER)
print("In", FOLDER.resolve(), ":", sorted(path.name for path in FOLDER.iterdir()))"""


def format_notebook(kind: Kind, *, url: str, workspace: str, project: str, version: int, epochs: int = 50) -> str:
    """The text of an `.ipynb` file (nbformat 4.5). It holds no key.

    Args:
        kind: `train` with Epochal, or `download` for any other trainer, with Python's own library alone.
        url: of the server, as its reader reaches it.
        workspace: its slug.
        project: its slug.
        version: its number.
        epochs: that it trains for when nothing else is said.
    """
    title = f"# {project}, version {version}\n\n"
    settings = _SETTINGS.format(
        url=repr(url), workspace=repr(workspace), project=repr(project), version=version, folder=f"{project}-{version}"
    )
    if kind == "download":
        cells = [
            _text(title + "Downloads the version in the format of your trainer."),
            _code(settings),
            _code(_PLAIN_DOWNLOAD),
            _text("`data.yaml`, or what your trainer reads, is in the folder; train from here on as you are used to."),
        ]
    else:
        cells = [
            _text(title + "Downloads the version, trains it here, shows the training graph, sends the weights back."),
            _code(_INSTALL),
            _code(settings),
            _text("## The data"),
            _code(_DOWNLOAD),
            _text("## Training\n\nEverything that is not said is derived from the data; the log says what and why."),
            _code(_TRAIN.format(epochs=epochs, folder=f"{project}-{version}")),
            _text("## The training graph\n\nThe verdict with its evidence; every finding says what to do next."),
            _code(_GRAPH),
            _text("## The weights"),
            _code(_SEND),
        ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _text(source: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
