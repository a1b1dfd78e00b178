"""What a worker tells of its attempt, and what it is told back. Every write carries the key of the attempt.

A key is `TRAINING.ATTEMPT.SECRET`; the row holds its hash. When the training has been given to a later attempt, or has
ended, a write is refused (Conflict): a worker that was thought dead and wakes up changes nothing.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from epochal.errors import BadInput, Conflict, NotSignedIn
from epochal.jobs import mirror
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.models import ONNX, WEIGHTS, NewModel, add_model, pick_metrics
from epochal.jobs.readings import read_reading
from epochal.jobs.records import RECIPE_NAME, read_object
from epochal.jobs.tables import JournalLineRow, TrainingRow
from epochal.jobs.training_ends import End, end_training
from epochal.jobs.training_states import ACTIVE
from epochal.jobs.webhooks import tell
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.tables import VersionRow

LEASE_S = 30.0
MAX_LINES = 2000
_ENDS: dict[str, End] = {"finished": "finished", "stopped": "stopped", "failed": "failed"}


class _LineHead(msgspec.Struct):
    """What must be known of a journal line; the rest is kept as it came."""

    kind: str
    epoch: int | None = None


_decode_head = msgspec.json.Decoder(_LineHead).decode


@dataclass(frozen=True)
class WorkerKey:
    """Who a worker says it is."""

    training_id: str
    attempt: int
    secret_sha256: str


@dataclass(frozen=True)
class Told:
    """What a worker is told back.

    Attributes:
        next_line: number of the journal line that is wanted next.
        wish: `stop`, `cancel` or None.
    """

    next_line: int
    wish: str | None


def make_key(training_id: str, attempt: int) -> tuple[str, str]:
    """A new key for an attempt, and the hash that its row keeps."""
    secret = secrets.token_urlsafe(32)
    return f"{training_id}.{attempt}.{secret}", hashlib.sha256(secret.encode()).hexdigest()


def parse_key(text: str) -> WorkerKey:
    """Read a key as it is sent. Raises NotSignedIn."""
    training_id, _, rest = text.partition(".")
    attempt, _, secret = rest.partition(".")
    if not (training_id and attempt.isascii() and attempt.isdigit() and len(attempt) < 10 and secret):
        raise NotSignedIn("This needs the key of a worker's attempt, which its launcher gives it.")
    return WorkerKey(training_id, int(attempt), hashlib.sha256(secret.encode()).hexdigest())


def fenced_row(session: Session, key: WorkerKey) -> TrainingRow:
    """The training that a worker may write for.

    Raises:
        NotSignedIn: the key is not of this training.
        Conflict: the attempt is over; the worker should end.
    """
    row = session.scalar(select(TrainingRow).where(TrainingRow.id == key.training_id).with_for_update())
    if row is None:
        raise NotSignedIn("This key belongs to no training; it may have been deleted for good.")
    if key.attempt < row.attempt or row.state not in ACTIVE or row.worker_key_sha256 is None:
        raise Conflict(f"Attempt {key.attempt} of training {row.id} is over; nothing of it is taken any more.")
    if key.attempt != row.attempt or not hmac.compare_digest(key.secret_sha256, row.worker_key_sha256):
        raise NotSignedIn("This is not the key of the running attempt.")
    return row


def renew(session: Session, row: TrainingRow, now: float, lease_s: float = LEASE_S) -> None:
    """Take a sign of life: the lease runs anew, and a state of silence is left, of which the webhook is told."""
    row.lease_expires_at = now + lease_s
    before = row.state
    if before in {"starting", "stalled"}:
        row.state = "running" if row.stop_wish is None else "stopping"
        row.message = "" if row.stop_wish is None else row.message
        tell(session, row, "training_started" if before == "starting" else "training_resumed", now=now)


def count_lines(session: Session, training_id: str) -> int:
    """How many lines of its journal are kept."""
    last = session.scalar(select(func.max(JournalLineRow.number)).where(JournalLineRow.training_id == training_id))
    return 0 if last is None else last + 1


def read_lines(session: Session, training_id: str, first: int, behind: int | None = None) -> list[str]:
    """The kept lines [first, behind) of a journal, in order."""
    wanted = select(JournalLineRow.line).where(JournalLineRow.training_id == training_id)
    wanted = wanted.where(JournalLineRow.number >= first)
    if behind is not None:
        wanted = wanted.where(JournalLineRow.number < behind)
    return list(session.scalars(wanted.order_by(JournalLineRow.number)))


class Attempts:
    """Takes what workers send: into rows, and for workers elsewhere into run folders."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        data: DataFolder,
        *,
        shares_folder: Callable[[str], bool] = lambda launcher: launcher == "local",
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the desk that workers report to.

        Args:
            database: of the rows.
            blobs: for the files of models.
            data: where the run folders are.
            shares_folder: whether workers of a launcher write the run folder themselves.
            lease_s: how long a sign of life is believed.
            clock: seconds since 1970.
        """
        self._database, self._blobs, self._data = database, blobs, data
        self._shares_folder, self._clock = shares_folder, clock
        self.lease_s = lease_s

    def folder(self, training_id: str) -> Path:
        """The run folder of a training; it need not exist."""
        return self._data.runs_folder / training_id

    def greet(self, key: WorkerKey) -> dict[str, Any]:
        """A worker has started: what it is to do. Raises as `fenced_row`."""
        with self._database.write() as session:
            row = fenced_row(session, key)
            renew(session, row, self._clock(), self.lease_s)
            version = session.get(VersionRow, row.version_id)
            assert version is not None
            shares = self._shares_folder(row.launcher or "")
            return {
                "training_id": row.id,
                "attempt": row.attempt,
                "name": row.name,
                "model_type": row.model_type,
                "numbers": row.request["numbers"],
                "start": row.request["start"],
                "version": {"number": version.number, "content_hash": version.content_hash, "project": row.project_id},
                "shares_folder": shares,
                "version_folder": str(self.version_folder(version)) if shares else None,
                "lines": count_lines(session, row.id),
                "wish": row.stop_wish,
                "lease_s": self.lease_s,
            }

    def version_folder(self, version: VersionRow) -> Path:
        """Where the files of a version are."""
        return self._data.root / "versions" / version.project_id / str(version.number)

    def check(self, key: WorkerKey) -> TrainingRow:
        """The row of an attempt that goes on, to be read. Raises as `fenced_row`."""
        with self._database.read() as session:
            return fenced_row(session, key)

    def require_elsewhere(self, key: WorkerKey) -> None:
        """Refuse files of a worker that writes the run folder itself. Raises Conflict, and as `fenced_row`."""
        row = self.check(key)
        if self._shares_folder(row.launcher or ""):
            raise Conflict(f"The worker of training {row.id} writes its run folder itself; nothing is to be sent.")

    def take_lines(self, key: WorkerKey, first: int, data: bytes) -> Told:
        """Take lines of the journal; they are committed when this returns. Lines that are known are passed over.

        Args:
            key: of the attempt.
            first: number of the first line.
            data: lines, each with its line end.

        Returns:
            What is wanted next: behind `first` where lines were missing before it.

        Raises:
            BadInput: it is no journal.
            NotSignedIn, Conflict: as `fenced_row`.
        """
        lines, epochs = _parse_lines(data)

        def write(session: Session) -> tuple[Told, bool]:
            row = fenced_row(session, key)
            known = count_lines(session, row.id)
            fresh = lines[known - first :] if first <= known < first + len(lines) else []
            if fresh:
                session.execute(
                    insert(JournalLineRow),
                    [
                        {"training_id": row.id, "number": number, "attempt": row.attempt, "line": line}
                        for number, line in enumerate(fresh, known)
                    ],
                )
                row.epoch = max([row.epoch, *epochs[known - first :]])
            renew(session, row, self._clock(), self.lease_s)
            return Told(known + len(fresh), row.stop_wish), self._shares_folder(row.launcher or "")

        told, shares = self._database.write_grouped(write)
        if not shares and lines and first <= told.next_line:
            mirror.append_lines(self.folder(key.training_id), first, lines, self._reader(key.training_id))
        return told

    def take_progress(self, key: WorkerKey, fields: Mapping[str, Any]) -> Told:
        """Take what progress.json says; a sign of life. Raises as `fenced_row`."""

        def write(session: Session) -> tuple[Told, bool, float]:
            row = fenced_row(session, key)
            renew(session, row, self._clock(), self.lease_s)
            epochs = fields.get("epochs")
            if isinstance(epochs, int) and not isinstance(epochs, bool) and 0 < epochs <= 10**6:
                row.epochs = epochs
            told = Told(count_lines(session, row.id), row.stop_wish)
            return told, self._shares_folder(row.launcher or ""), row.lease_expires_at or 0.0

        told, shares, lease = self._database.write_grouped(write)
        if not shares and fields:
            mirror.write_progress(self.folder(key.training_id), fields, lease_expires_at=lease, now=self._clock())
        return told

    def end(self, key: WorkerKey, state: str, message: str) -> str:
        """Take the end of an attempt; weights of one that finished or was stopped become a model.

        Args:
            key: of the attempt.
            state: finished, stopped or failed, as the worker has it.
            message: a sentence, or empty.

        Returns:
            The state that the training has now; cancelled when that was asked for.

        Raises:
            BadInput: no such state.
            NotSignedIn, Conflict: as `fenced_row`.
        """
        if state not in _ENDS:
            raise BadInput(f"state is {state[:80]!r}; expected finished, stopped or failed.")
        folder = self.folder(key.training_id)
        self.check(key)
        files = self._keep_files(folder) if state != "failed" else {}
        reading = read_reading(folder) if folder.is_dir() else None
        with self._database.write() as session:
            row = fenced_row(session, key)
            final = "cancelled" if row.stop_wish == "cancel" else _ENDS[state]
            if final in ("finished", "stopped") and ONNX in files:
                self._add_model(session, row, folder, files)
            if reading is not None:
                row.best, row.verdict = reading.best, reading.verdict
            reached = row.limits.get("reached")
            if final == "cancelled":
                mirror.drop_weights(folder)  # before it is said: a kill in between would leave them for good
            end_training(session, row, final, str(message or reached or ""), now=self._clock())
        return final

    def _keep_files(self, folder: Path) -> dict[str, str]:
        names = {name: folder / "weights" / name for name in (ONNX, WEIGHTS)}
        return {name: self._blobs.put_file(path) for name, path in names.items() if path.is_file()}

    def _add_model(self, session: Session, row: TrainingRow, folder: Path, files: Mapping[str, str]) -> None:
        content, evaluation = read_object(folder / RECIPE_NAME), read_object(folder / "evaluation.json")
        recipe, dataset = content.get("recipe"), content.get("dataset")
        canvas = recipe.get("canvas_wh") if isinstance(recipe, dict) else None
        classes = dataset.get("classes") if isinstance(dataset, dict) else None
        version = session.get(VersionRow, row.version_id)
        names = classes if isinstance(classes, list) else (version.classes if version is not None else [])
        add_model(
            session,
            row.workspace_id,
            NewModel(
                name=row.name,
                slug=row.name,
                model_type=row.model_type,
                files=files,
                classes=[str(name) for name in names],
                project_id=row.project_id,
                version_id=row.version_id,
                training_id=row.id,
                image_size_px=max(canvas) if isinstance(canvas, list) and canvas else None,
                metrics=pick_metrics(evaluation),
            ),
            now=self._clock(),
        )

    def _reader(self, training_id: str) -> mirror.ReadRows:
        def read(first: int, behind: int) -> Sequence[str]:
            with self._database.read() as session:
                return read_lines(session, training_id, first, behind)

        return read


def _parse_lines(data: bytes) -> tuple[list[str], list[int]]:
    """The lines, and for each the epoch that it completes (0: none)."""
    if data and not data.endswith(b"\n"):
        raise BadInput("The last journal line has no line end; send whole lines.")
    raw = data.split(b"\n")[:-1]
    if len(raw) > MAX_LINES:
        raise BadInput(f"Expected at most {MAX_LINES} journal lines at once; got {len(raw)}.")
    epochs = []
    for number, line in enumerate(raw):
        try:
            head = _decode_head(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(f"Line {number} of the batch is no line of a journal ({error}).") from error
        epochs.append(head.epoch or 0 if head.kind == "epoch" else 0)
    try:
        return [line.decode("utf-8") for line in raw], epochs
    except UnicodeDecodeError as error:
        raise BadInput(f"The journal is not UTF-8 ({error.reason}).") from error


def encode_told(told: Told) -> bytes:
    """As JSON; a worker asks thousands of times."""
    return json.dumps({"next": told.next_line, "wish": told.wish}).encode()
