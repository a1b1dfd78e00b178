"""Weights in a request, streamed into a file beside the data folder's: never in memory, never half of one."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from epochal.config import read_settings
from epochal.errors import StorageFull
from epochal.jobs.model_uploads import Upload, add_uploaded, claim_upload, release_upload
from epochal.jobs.models import Model
from epochal.server.services import Services


async def receive_upload(request: Request, served: Services, upload_id: str) -> list[Model]:
    """The models that the body of a request becomes, for a prepared upload.

    Raises:
        NotFound, Conflict: see `claim_upload`; nothing is read then.
        WeightsError, BadInput: see `add_uploaded`; the address may be used again.
        StorageFull: no space is left.
    """
    upload = await run_in_threadpool(_claim, served, upload_id)
    try:
        async with _received(request, served.data.root) as path:
            return await run_in_threadpool(_add, served, upload, path)
    except BaseException:
        await run_in_threadpool(_release, served, upload_id)
        raise


def _claim(served: Services, upload_id: str) -> Upload:
    with served.database.write() as session:
        return claim_upload(session, upload_id)


def _release(served: Services, upload_id: str) -> None:
    with served.database.write() as session:
        release_upload(session, upload_id)


def _add(served: Services, upload: Upload, path: Path) -> list[Model]:
    return add_uploaded(served.database, served.blobs, upload, path, int(read_settings()["max_weights_bytes"]))


@asynccontextmanager
async def _received(request: Request, folder: Path) -> AsyncIterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as beside:
        path = Path(beside) / "upload"
        try:
            with path.open("wb") as file:
                async for piece in request.stream():
                    await run_in_threadpool(file.write, piece)
        except OSError as error:
            raise StorageFull(f"The upload could not be written ({error.strerror}); free some space.") from error
        yield path
