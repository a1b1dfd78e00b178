"""The things of a workspace as objects that know how to ask for themselves.

    lab = connect("http://127.0.0.1:8000", "KEY")
    project = lab.create_project("Cells")
    project.upload(Path("photos"))
    version = project.generate({"preprocessing": {"resize": {"width": 320, "height": 320, "format": "Stretch to"}}})
    training = version.train(epochs=20)
    for training_now in training.follow():
        print(training_now["epoch"], training_now["best"])
    print(training.model().predict(Path("new.jpg")))

Each keeps the JSON of the server as `fields`, as it was when it was asked for.
"""

import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from epochal.client.credentials import find_credentials
from epochal.client.http import Client
from epochal.datasets.archives import is_archive, unpack
from epochal.datasets.folder import Folder
from epochal.datasets.pictures import SUFFIXES
from epochal.errors import BadInput, Failed, NotFound

Progress = Callable[[int, int], None]
ENDED = frozenset({"finished", "stopped", "failed", "cancelled"})
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Workspace:
    """A workspace, and the way to its server."""

    client: Client
    slug: str

    @property
    def path(self) -> str:
        """Its address in the native API."""
        return f"/api/workspaces/{quote(self.slug, safe='')}"

    def projects(self) -> "list[Project]":
        """All projects, the one changed last first."""
        return [Project(self, one) for one in self.client.get(f"{self.path}/projects")["projects"]]

    def project(self, slug: str) -> "Project":
        """The project of that slug. Raises NotFound."""
        return Project(self, self.client.get(f"{self.path}/projects/{quote(slug, safe='')}"))

    def create_project(self, name: str, **more: Any) -> "Project":
        """Make an empty project.

        Args:
            name: for people; its slug is made of it.
            **more: `annotation_group`, `license`, `description`, `is_public`.
        """
        return Project(self, self.client.create(f"{self.path}/projects", {"name": name, **more}))

    def models(self, project: str | None = None) -> "list[Model]":
        """The models of the workspace, or of one project."""
        return [Model(self, one) for one in self.client.get(f"{self.path}/models", project=project)["models"]]

    def model(self, name: str) -> "Model":
        """The model of that slug or id, or the newest of `project/number`. Raises NotFound."""
        return Model(self, self.client.get(f"{self.path}/models/{quote(name, safe='')}"))

    def upload_model(self, file: Path | str, *, project: str | None = None, name: str = "") -> "Model":
        """Send weights: an ONNX file, a weights file of Epochal, or a zip with one of them."""
        fields = self.client.send_file(f"{self.path}/models", file, method="POST", project=project, name=name)
        return Model(self, fields)


@dataclass(frozen=True)
class Project:
    """A dataset that grows, with its classes."""

    workspace: Workspace
    fields: Mapping[str, Any]

    @property
    def slug(self) -> str:
        """Its word in addresses."""
        return str(self.fields["slug"])

    @property
    def path(self) -> str:
        """Its address in the native API."""
        return f"{self.workspace.path}/projects/{quote(self.slug, safe='')}"

    def upload(
        self, source: Path | str, *, split: str | None = None, batch: str = "", on_progress: Progress | None = None
    ) -> dict[str, Any]:
        """Send images with their annotations, in any format that `epochal check` reads; what is there already is left.

        Args:
            source: a folder, a zip or one picture; of a folder what `epochal check` would look at.
            split: for every image; as published when None.
            batch: a name for these images.
            on_progress: called with (images done, images in all) while the server takes them in.

        Returns:
            What the server counted.

        Raises:
            BadInput: no such folder, zip or picture, or the server cannot read it.
        """
        client, source = self.workspace.client, Path(source)
        with tempfile.TemporaryDirectory() as folder:
            file = source if is_archive(source) else _pack(source, Path(folder) / "upload.zip")
            task = client.send_file(f"{self.path}/uploads/zip", file, method="POST", split=split, batch=batch or None)
        while task["state"] not in {"completed", "failed"}:
            time.sleep(_LOOK_EVERY_S)
            task = client.get(f"{self.workspace.path}/tasks/{task['id']}")
            if on_progress is not None:
                on_progress(int(task["done"]), int(task["total"] or 0))
        if task["state"] == "failed":
            raise BadInput(f"The server could not take in {source}: {task['message']}")
        return dict(task["result"] or {})

    def versions(self) -> "list[Version]":
        """All versions, the newest first."""
        return [Version(self, one) for one in self.workspace.client.get(f"{self.path}/versions")["versions"]]

    def version(self, number: int) -> "Version":
        """The version of that number. Raises NotFound."""
        return Version(self, self.workspace.client.get(f"{self.path}/versions/{number}"))

    def generate(
        self, settings: Mapping[str, Any] | None = None, *, name: str = "", on_progress: Progress | None = None
    ) -> "Version":
        """Freeze the dataset into the next version, and wait until its images are made.

        Args:
            settings: `preprocessing`, `augmentation`, `split`, `seed`: docs/versions.md.
            name: for people.
            on_progress: called with (percent, 100).

        Raises:
            BadInput: the settings cannot be used, or nothing is labelled.
            Failed: it could not be generated; says why.
        """
        if not isinstance(settings, Mapping | None):
            raise BadInput(f"settings is a {type(settings).__name__}; expected a dict: docs/versions.md.")
        client = self.workspace.client
        fields = client.create(f"{self.path}/versions", {"name": name, "settings": dict(settings or {})})
        while fields["state"] == "generating":
            time.sleep(_LOOK_EVERY_S)
            fields = client.get(f"{self.path}/versions/{fields['number']}")
            if on_progress is not None:
                on_progress(round(fields["progress"] * 100), 100)
        if fields["state"] != "ready":
            raise Failed(f"Version {fields['number']} is {fields['state']}: {fields['message']}")
        return Version(self, fields)


@dataclass(frozen=True)
class Version:
    """A frozen dataset."""

    project: Project
    fields: Mapping[str, Any]

    @property
    def number(self) -> int:
        """From 1 in its project."""
        return int(self.fields["number"])

    @property
    def path(self) -> str:
        """Its address in the native API."""
        return f"{self.project.path}/versions/{self.number}"

    def export(self, format_name: str, target: Path | str) -> Path:
        """Download it as a zip in a format.

        Args:
            format_name: such as `coco`, `voc`, `yolov8`.
            target: the file; replaced if it is there.

        Raises:
            BadInput: no such format; lists those there are.
            Failed: it could not be packed.
        """
        client = self.project.workspace.client
        made = client.post(f"{self.path}/exports", {"format": format_name})
        while made["state"] == "running":
            time.sleep(_LOOK_EVERY_S)
            made = client.post(f"{self.path}/exports", {"format": format_name})
        if made["state"] != "ready":
            raise Failed(f"The export {format_name} failed: {made['message']}")
        return client.fetch_file(f"{self.path}/exports/{quote(format_name, safe='')}", target)

    def download(self, format_name: str, folder: Path | str) -> Path:
        """Download it and unpack it into a folder that is not there yet or empty."""
        folder = Path(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} is there already; name a folder that is not.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as place:
            unpacked = unpack(self.export(format_name, Path(place) / "export.zip"), Path(place) / "files")
            unpacked.replace(folder)
        return folder

    def train(self, **order: Any) -> "Training":
        """Put a training into the queue.

        Args:
            **order: `model_type`, `epochs`, `image_size`, `seed`, `name`, `start`, `recipe`, `max_s`, `webhook_url`;
                what is left out is derived from the data.

        Raises:
            OutOfCredits: the workspace has no credit left.
        """
        workspace = self.project.workspace
        return Training(workspace, workspace.client.create(f"{self.path}/trainings", order))

    def trainings(self) -> "list[Training]":
        """Its trainings, the newest first."""
        workspace = self.project.workspace
        return [Training(workspace, one) for one in workspace.client.get(f"{self.path}/trainings")["trainings"]]


@dataclass(frozen=True)
class Training:
    """A training of a version; its id is also that of its run."""

    workspace: Workspace
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Of the training and of its run."""
        return str(self.fields["id"])

    @property
    def path(self) -> str:
        """Its address in the native API."""
        return f"{self.workspace.path}/trainings/{quote(self.id, safe='')}"

    def follow(self, every_s: float = 1.0) -> Iterator[Mapping[str, Any]]:
        """The training as it changes, until it has ended.

        Args:
            every_s: how often the server is asked.

        Yields:
            Its fields (`state`, `epoch`, `epochs`, `best`, `verdict`, `message`, …) whenever one of these changed.
        """
        told: tuple[object, ...] | None = None
        while True:
            now = self.workspace.client.get(self.path)
            state = (now["state"], now["epoch"], now["epochs"], now["message"])
            if state != told:
                told = state
                yield now
            if now["state"] in ENDED:
                return
            time.sleep(every_s)

    def graph(self) -> dict[str, Any]:
        """The graph document: series, events, reading."""
        return dict(self.workspace.client.get(f"/api/runs/{quote(self.id, safe='')}/graph"))

    def stop(self) -> "Training":
        """End it after the running epoch, and keep its weights."""
        return Training(self.workspace, self.workspace.client.post(f"{self.path}/stop"))

    def cancel(self) -> "Training":
        """End it and drop its weights."""
        return Training(self.workspace, self.workspace.client.post(f"{self.path}/cancel"))

    def model(self) -> "Model":
        """What it made. Raises NotFound when it has made none."""
        now = self.workspace.client.get(self.path)
        if now["model"] is None:
            raise NotFound(f"The training {self.id} has made no model; it is {now['state']}.")
        return Model(self.workspace, now["model"])


@dataclass(frozen=True)
class Model:
    """Weights that a training made or somebody uploaded."""

    workspace: Workspace
    fields: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Its address in the native API."""
        return f"{self.workspace.path}/models/{quote(str(self.fields['id']), safe='')}"

    def deploy(self) -> "Model":
        """Let it answer for its version, `project/number`, whatever is trained later."""
        return Model(self.workspace, self.workspace.client.put(f"{self.path}/deployment"))

    def predict(self, image: Path | str, **question: Any) -> list[dict[str, Any]]:
        """Boxes on an image.

        Args:
            image: a file of at most the server's `max_image_bytes`.
            **question: `confidence` and `overlap` from 0 to 1, `classes`, `class_agnostic`, `max_detections`.

        Returns:
            One dict for each box, the surest first.

        Raises:
            NotFound: no such file.
        """
        image = Path(image)
        if not image.is_file():
            raise NotFound(f"{image} is no file; name a picture.")
        content = image.read_bytes()
        answer = self.workspace.client.post(f"{self.path}/infer/image", content=content, **question)
        return list(answer["images"][0]["predictions"])

    def download(self, name: str, target: Path | str) -> Path:
        """Fetch one of its files, such as `best.onnx`. Raises NotFound, naming those there are."""
        return self.workspace.client.fetch_file(f"{self.path}/files/{quote(name, safe='')}", target)


def connect(url: str | None = None, key: str | None = None) -> Workspace:
    """The workspace of a key.

    Args:
        url: of the server; as `epochal login` kept it, or `EPOCHAL_SERVER_URL`, when None.
        key: as `epochal login` kept it, or `EPOCHAL_API_KEY`, when None.

    Raises:
        NotSignedIn: there is no key, or it is not known there.
        ServerUnreachable: no answer.
    """
    client = Client(*find_credentials(url, key))
    return Workspace(client, str(client.get("/api/me")["workspaces"][0]["slug"]))


def _pack(source: Path, target: Path) -> Path:
    """A zip of one picture, or of what a dataset's folder holds: no hidden files, nothing that Epochal made there."""
    if not source.exists():
        raise BadInput(f"{source} does not exist; expected a folder of images with annotations, a zip or a picture.")
    if source.is_dir():
        folder = Folder(source)
        root, names = folder.root, sorted({*folder.images, *folder.files})
    elif source.suffix.lower() in SUFFIXES:
        root, names = source.parent, [source.name]
    else:
        raise BadInput(f"{source} is neither a folder nor a zip nor a picture; name one of these.")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.write(root / name, name)
    return target
