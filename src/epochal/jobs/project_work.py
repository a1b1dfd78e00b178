"""Work on projects in the background: zips unpacked, images changed by the thousand, searches packed, clones made.

Forms of their models are made here too.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from epochal.datasets.cloning import AT_ONCE, clone_some
from epochal.datasets.images import change_metadata, change_tags, find_workspace_image
from epochal.datasets.opening import open_dataset
from epochal.datasets.project_import import import_dataset
from epochal.datasets.ready_zip import Source, write_export
from epochal.datasets.scanning import Progress
from epochal.datasets.search_dataset import load_found
from epochal.datasets.tasks import ENDED, Task, end_task, note_progress, task_by_id, unfinished_tasks
from epochal.errors import DatasetError, EpochalError, Failed, StorageFull
from epochal.jobs.background import Background
from epochal.jobs.model_exports import FILES, TASK_KIND, export_model
from epochal.jobs.models import find_model
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

_TOLD_EVERY_S = 1.0


@dataclass(frozen=True)
class ProjectWork:
    """What does tasks, for one server.

    Attributes:
        database, blobs: of the server.
        data_root: the data folder; `uploads/` in it holds zips that were sent.
        background: where it runs.
    """

    database: Database
    blobs: BlobStore
    data_root: Path
    background: Background

    def zip_path(self, task_id: str) -> Path:
        """Where the zip of a task is put when it is whole."""
        return self.data_root / "uploads" / f"{task_id}.zip"

    def start(self, task_id: str) -> None:
        """Do a task whose row is there, committed and pending."""
        self.background.submit(f"task:{task_id}", lambda is_asked_to_stop: self._do(task_id, is_asked_to_stop))

    def go_on(self) -> None:
        """Take up what an earlier server left unfinished."""
        with self.database.read() as session:
            left = unfinished_tasks(session)
        for task_id in left:
            self.start(task_id)

    def _do(self, task_id: str, is_asked_to_stop: Callable[[], bool]) -> None:
        with self.database.read() as session:
            task = task_by_id(session, task_id)
        if task.state in ENDED:
            return
        work = {
            "zip": self._unpack,
            "metadata": self._change_metadata,
            "search_export": self._pack_search,
            "clone": self._clone,
            TASK_KIND: self._export_model,
        }[task.kind]
        try:
            result, message, failed = work(task, self._tell(task_id), is_asked_to_stop), "", False
        except EpochalError as error:
            if self.background.is_closed:
                return  # it goes on when the server is back
            result, message, failed = None, str(error), True
        except Exception:
            with self.database.write() as session:
                end_task(session, task_id, failed=True, message="The server made a mistake; its log has the details.")
            raise
        with self.database.write() as session:
            end_task(session, task_id, result=result, failed=failed, message=message)
        self.zip_path(task_id).unlink(missing_ok=True)

    def _tell(self, task_id: str) -> Progress:
        told_at = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _TOLD_EVERY_S:
                told_at = time.monotonic()
                self.database.write_grouped(lambda session: note_progress(session, task_id, done, total))

        return tell

    def _unpack(self, task: Task, tell: Progress, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
        path, folder = self.zip_path(task.id), self.data_root / "uploads" / task.id
        assert task.project_id is not None
        try:
            dataset = open_dataset(path, unpack_into=folder)
            wanted = {name: task.request[name] for name in ("split", "batch_name", "tags", "overwrite")}
            made = import_dataset(
                self.database, self.blobs, task.project_id, dataset, **wanted, progress=tell, is_cancelled=is_cancelled
            )
        except (DatasetError, StorageFull) as error:
            told = str(error).replace(str(path), "the zip")  # people do not know the name that it has here
            raise type(error)(told.replace(str(self.data_root / "uploads") + "/", "")) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        findings = [asdict(finding) for finding in dataset.findings]
        return {**asdict(made), "format": dataset.format, "notes": list(dataset.notes), "findings": findings}

    def _change_metadata(self, task: Task, tell: Progress, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
        updates = list(task.request["updates"])
        failed: list[dict[str, str]] = []
        for done, one in enumerate(updates):
            if is_cancelled():
                raise Failed(f"Stopped after {done} of {len(updates)} images; send the rest again.")
            tell(done, len(updates))
            try:
                with self.database.write() as session:
                    image = find_workspace_image(session, task.workspace_id, str(one.get("imageId", "")))
                    change_metadata(
                        session,
                        image.project_id,
                        image.id,
                        add=one.get("metadata"),
                        remove=one.get("removeMetadata", ()),
                    )
                    change_tags(
                        session,
                        image.project_id,
                        image.id,
                        add=one.get("addTags", ()),
                        remove=one.get("removeTags", ()),
                    )
            except EpochalError as error:
                failed.append({"imageId": str(one.get("imageId", "")), "error": str(error)})
        return {"succeeded": len(updates) - len(failed), "failed": len(failed), "failedItems": failed}

    def _pack_search(self, task: Task, tell: Progress, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
        request = task.request
        with self.database.read() as session:
            dataset = load_found(session, self.blobs, task.workspace_id, request["query"])
        path = self.data_root / "uploads" / f"{task.id}.export.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        source = Source(request["workspace"], request["name"], 0, group=request.get("group", ""))
        try:
            write_export(dataset, request["format"], path, source=source, progress=tell, is_cancelled=is_cancelled)
            return {"sha256": self.blobs.put_file(path), "images": len(dataset.images)}
        finally:
            path.unlink(missing_ok=True)

    def _clone(self, task: Task, tell: Progress, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
        assert task.project_id is not None
        after: str | None = ""
        done = 0
        while after is not None:
            if is_cancelled():
                raise Failed("The clone was stopped; make another.")
            with self.database.write() as session:
                after = clone_some(session, task.request["source_id"], task.project_id, after)
            done += AT_ONCE
            tell(done, max(done, int(task.request["images"])))
        return {"images": int(task.request["images"])}

    def _export_model(self, task: Task, tell: Progress, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
        tell(0, 1)
        with self.database.read() as session:
            model = find_model(session, task.workspace_id, task.request["model_id"])
        export_model(self.database, self.blobs, model, task.request["format"], is_cancelled)
        return {"file": FILES[task.request["format"]]}
