"""What a worker tells is kept once, in order, from the running attempt. Run: pytest tests/jobs/test_attempts.py."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from training_rows import NOW, add_rows

from epochal.errors import BadInput, Conflict, NotSignedIn
from epochal.graphs.journal import JOURNAL_NAME
from epochal.jobs.attempts import Attempts, WorkerKey, make_key, parse_key, read_lines
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.tables import TrainingRow
from epochal.jobs.trainings import TrainingOrder, cancel_training, create_training, find_training, stop_training
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.credits import grant

LEASE_S = 10.0


class Desk:
    """A training in its first attempt, and where its worker reports to; the worker is elsewhere."""

    def __init__(self, database: Database, blobs: BlobStore, folder: Path) -> None:
        self.database, self.now = database, NOW
        self.data = DataFolder(folder)
        self.attempts = Attempts(
            database,
            blobs,
            self.data,
            shares_folder=lambda name: name == "local",
            lease_s=LEASE_S,
            clock=lambda: self.now,
        )
        with database.write() as session:
            rows = add_rows(session)
            self.workspace_id = rows.workspace_id
            grant(session, rows.workspace_id, 3)
            order = TrainingOrder(epochs=4)
            made = create_training(session, self.data, rows.workspace_id, rows.version_id, order, created_by="key:K")
            self.training_id = made.id
        self.key = self.begin(1)

    def begin(self, attempt: int, launcher: str = "http") -> WorkerKey:
        text, sha256 = make_key(self.training_id, attempt)
        self.change(
            state="starting", attempt=attempt, worker_key_sha256=sha256, launcher=launcher, lease_expires_at=self.now
        )
        return parse_key(text)

    def change(self, **fields: object) -> None:
        with self.database.write() as session:
            row = session.get(TrainingRow, self.training_id)
            for name, value in fields.items():
                setattr(row, name, value)

    @property
    def row(self) -> TrainingRow:
        with self.database.read() as session:
            row = session.get(TrainingRow, self.training_id)
            assert row is not None
            return row

    @property
    def lines(self) -> list[str]:
        with self.database.read() as session:
            return read_lines(session, self.training_id, 0)

    @property
    def mirrored(self) -> list[str]:
        path = self.attempts.folder(self.training_id) / JOURNAL_NAME
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def desk(database: Database, blobs: BlobStore, tmp_path: Path) -> Desk:
    return Desk(database, blobs, tmp_path / "data")


def epoch_line(epoch: int) -> str:
    return json.dumps(
        {"kind": "epoch", "attempt": 1, "epoch": epoch, "series": {"lr": 0.1, "train/box_loss": 1 / epoch}}
    )


def batch(*epochs: int) -> bytes:
    return "".join(epoch_line(epoch) + "\n" for epoch in epochs).encode()


def test_take_lines__keeps_each_once_whatever_is_sent_again(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    desk = Desk(both_databases, blobs, tmp_path / "data")
    assert desk.attempts.take_lines(desk.key, 0, batch(1, 2)).next_line == 2
    assert desk.attempts.take_lines(desk.key, 0, batch(1, 2)).next_line == 2
    assert desk.attempts.take_lines(desk.key, 1, batch(2, 3)).next_line == 3
    assert desk.attempts.take_lines(desk.key, 9, batch(10)).next_line == 3  # behind a gap: says what is wanted
    assert desk.lines == desk.mirrored == [epoch_line(1), epoch_line(2), epoch_line(3)]
    assert (desk.row.epoch, desk.row.state) == (3, "running")


def test_take_lines__rebuilds_the_mirror_from_the_rows(desk: Desk) -> None:
    desk.attempts.take_lines(desk.key, 0, batch(1, 2))
    path = desk.attempts.folder(desk.training_id) / JOURNAL_NAME
    path.unlink()
    desk.attempts.take_lines(desk.key, 2, batch(3))
    assert desk.mirrored == desk.lines
    path.write_bytes(batch(1) + b'{"kind": "ep')  # torn by a kill
    from epochal.jobs import mirror

    mirror._lines_in.clear()  # another server process
    desk.attempts.take_lines(desk.key, 3, batch(4))
    assert desk.mirrored == desk.lines


def test_take_lines__of_a_local_worker_leave_its_folder_alone(desk: Desk) -> None:
    key = desk.begin(1, "local")
    desk.attempts.take_lines(key, 0, batch(1))
    desk.attempts.take_progress(key, {"state": "training"})
    assert (len(desk.lines), desk.attempts.folder(desk.training_id).exists()) == (1, False)
    with pytest.raises(Conflict):
        desk.attempts.require_elsewhere(key)


@pytest.mark.parametrize(
    "data", [b"{}\n", b'{"kind": "epoch"', b"[1]\n", b'{"kind": "epoch", "epoch": "x"}\n', b"\xff\n"]
)
def test_take_lines__refuses_what_is_no_journal(desk: Desk, data: bytes) -> None:
    with pytest.raises(BadInput):
        desk.attempts.take_lines(desk.key, 0, data)
    assert desk.lines == []


Write = Callable[[Attempts, WorkerKey], object]
WRITES: list[Write] = [
    lambda attempts, key: attempts.take_lines(key, 0, batch(1)),
    lambda attempts, key: attempts.take_progress(key, {}),
    lambda attempts, key: attempts.greet(key),
    lambda attempts, key: attempts.end(key, "finished", ""),
    lambda attempts, key: attempts.check(key),
]


@pytest.mark.parametrize("write", WRITES)
def test_write__of_an_old_attempt_is_refused(desk: Desk, write: Write) -> None:
    old = desk.key
    new = desk.begin(2)
    with pytest.raises(Conflict, match="is over"):
        write(desk.attempts, old)
    write(desk.attempts, new)


@pytest.mark.parametrize("write", WRITES)
def test_write__after_the_end_is_refused(desk: Desk, write: Write) -> None:
    desk.attempts.end(desk.key, "failed", "why")
    with pytest.raises(Conflict):
        write(desk.attempts, desk.key)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.1.", ".1.s", "T.1.wrong", "T.99999999999.s"])
def test_key__that_is_none_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(NotSignedIn):
        desk.attempts.check(parse_key(text.replace("T", desk.training_id)))


def test_sign_of_life__renews_the_lease_and_ends_a_silence(desk: Desk) -> None:
    desk.change(state="stalled", message="silent")
    desk.now += 100
    desk.attempts.take_progress(desk.key, {"state": "training", "epoch": 1, "epochs": 4, "pid": 1})
    row = desk.row
    assert (row.state, row.message, row.lease_expires_at) == ("running", "", desk.now + LEASE_S)
    progress = json.loads((desk.attempts.folder(desk.training_id) / "progress.json").read_text())
    assert progress["lease_expires_at"] == desk.now + LEASE_S
    assert "pid" not in progress  # a process number of another machine says nothing here


@pytest.mark.parametrize(("ask", "wish"), [(stop_training, "stop"), (cancel_training, "cancel")])
def test_wish__reaches_the_worker_with_every_answer(desk: Desk, ask: Callable[..., object], wish: str) -> None:
    desk.attempts.greet(desk.key)
    with desk.database.write() as session:
        ask(session, desk.workspace_id, desk.training_id)
    assert desk.attempts.take_progress(desk.key, {}).wish == wish
    assert desk.attempts.take_lines(desk.key, 0, b"").wish == wish
    assert desk.attempts.greet(desk.key)["wish"] == wish


def make_run(desk: Desk) -> Path:
    folder = desk.attempts.folder(desk.training_id)
    (folder / "weights").mkdir(parents=True)
    for name in ("best.onnx", "best.pt"):
        (folder / "weights" / name).write_text(name)
    (folder / "checkpoint.pt").write_text("all")
    (folder / "recipe.json").write_text(
        json.dumps({"recipe": {"canvas_wh": [320, 256]}, "dataset": {"classes": ["disc", "block"]}})
    )
    (folder / "evaluation.json").write_text(json.dumps({"mAP_0.5": 0.8, "precision": None}))
    return folder


@pytest.mark.parametrize("state", ["finished", "stopped"])
def test_end__makes_a_model_of_the_weights(desk: Desk, blobs: BlobStore, state: str) -> None:
    make_run(desk)
    desk.attempts.take_lines(desk.key, 0, batch(1, 2))
    assert desk.attempts.end(desk.key, state, "") == state
    with desk.database.read() as session:
        training = find_training(session, desk.workspace_id, desk.training_id)
    model = training.model
    assert model is not None
    assert (model.classes, model.image_size_px, model.metrics) == (("disc", "block"), 320, {"mAP_0.5": 0.8})
    assert blobs.get(model.files["best.onnx"]) == b"best.onnx"
    assert training.epoch == 2


def test_end__of_a_cancelled_one_drops_the_weights_and_keeps_the_graph(desk: Desk) -> None:
    folder = make_run(desk)
    desk.attempts.take_lines(desk.key, 0, batch(1))
    with desk.database.write() as session:
        cancel_training(session, desk.workspace_id, desk.training_id)
    assert desk.attempts.end(desk.key, "finished", "") == "cancelled"
    assert not list((folder / "weights").iterdir())
    assert not (folder / "checkpoint.pt").exists()
    assert desk.mirrored == [epoch_line(1)]
    with desk.database.read() as session:
        assert find_training(session, desk.workspace_id, desk.training_id).model is None


def test_end__of_a_cancelled_one_is_said_when_the_weights_are_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(desk)
    with desk.database.write() as session:
        cancel_training(session, desk.workspace_id, desk.training_id)

    def killed(folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("epochal.jobs.mirror.drop_weights", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.attempts.end(desk.key, "stopped", "")
    with desk.database.read() as session:
        assert find_training(session, desk.workspace_id, desk.training_id).state == "stopping"
    assert desk.attempts.end(desk.key, "stopped", "") == "cancelled"  # the worker says it again
    assert not list((folder / "weights").iterdir())


def test_end__in_an_unknown_state_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.attempts.end(desk.key, "cancelled", "")


def test_take_lines__of_many_threads_lose_nothing(desk: Desk) -> None:
    def send(first: int) -> None:
        for at in range(first, 40, 4):
            desk.attempts.take_lines(desk.key, at, batch(at + 1))

    # Each sends every fourth line; what comes before its turn is refused by number, so all are sent until taken.
    threads = [threading.Thread(target=send, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (known := len(desk.lines)) < 40:
        desk.attempts.take_lines(desk.key, known, batch(known + 1))
    assert desk.lines == desk.mirrored == [epoch_line(epoch) for epoch in range(1, 41)]
