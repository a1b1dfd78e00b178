"""What the scheduler does in a look, with a launcher that starts nothing. Run: pytest tests/jobs/test_scheduler.py."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from training_rows import NOW, Rows, add_rows

from epochal.errors import Failed
from epochal.jobs.attempts import Attempts, parse_key
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launchers import LaunchOrder
from epochal.jobs.scheduler import CANCELS_WITHIN_S, FIRST_WORD_WITHIN_S, SERVER_FILE, Scheduler
from epochal.jobs.trainings import (
    Training,
    TrainingOrder,
    cancel_training,
    create_training,
    find_training,
    stop_training,
)
from epochal.jobs.webhooks import TRIES, Message, sign, webhook_secret
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.credits import balance, charge, grant

LEASE_S = 10.0


class FakeLauncher:
    """Remembers what it was asked; the workers are entries in a dict."""

    name, shares_folder = "fake", False

    def __init__(self) -> None:
        self.orders: list[LaunchOrder] = []
        self.alive: dict[int, bool | None] = {}
        self.taken_bytes = 0
        self.refuses = False
        self.told: list[tuple[int, str]] = []

    def start(self, order: LaunchOrder) -> dict[str, Any]:
        if self.refuses:
            raise Failed("No place for a worker.")
        self.orders.append(order)
        self.alive[len(self.orders)] = True
        return {"number": len(self.orders)}

    def is_alive(self, ref: Mapping[str, Any]) -> bool | None:
        return self.alive[ref["number"]]

    def stop(self, ref: Mapping[str, Any]) -> None:
        self.alive[ref["number"]] = False

    def memory_bytes(self, ref: Mapping[str, Any]) -> int | None:
        return self.taken_bytes

    def tell_address(self, ref: Mapping[str, Any], server: str) -> None:
        self.told.append((ref["number"], server))

    def last_words(self, ref: Mapping[str, Any]) -> str:
        return "the last words"


class World:
    """A scheduler that is looked at by hand, with a clock that is set by hand."""

    def __init__(self, database: Database, blobs: BlobStore, folder: Path, at_once: int = 1) -> None:
        self.database, self.now, self.launcher = database, NOW, FakeLauncher()
        self.data = DataFolder(folder)
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[Message] = []
        self.is_deaf, self.tries = False, 0
        self.attempts = Attempts(
            database, blobs, self.data, shares_folder=lambda name: False, lease_s=LEASE_S, clock=lambda: self.now
        )
        self.scheduler = Scheduler(
            database, self.attempts, {"fake": self.launcher}, data_root=folder, launcher="fake", at_once=at_once,
            post=self._post, clock=lambda: self.now,
        )  # fmt: skip
        with database.write() as session:
            self.rows = add_rows(session)
            grant(session, self.rows.workspace_id, 3)

    def _post(self, message: Message) -> None:
        self.tries += 1
        if self.is_deaf:
            raise Failed("Nobody there.")
        self.messages.append(message)
        self.posted.append((message.url, json.loads(message.body)))

    def begin(self, rows: Rows | None = None, **order: object) -> str:
        rows = rows or self.rows
        self.now += 0.01  # the queue has an order
        with self.database.write() as session:
            made = create_training(
                session, self.data, rows.workspace_id, rows.version_id, TrainingOrder(**order), created_by="key:K",
                now=self.now,
            )  # fmt: skip
        return made.id

    def look(self, after_s: float = 0.0) -> None:
        self.now += after_s
        self.scheduler.look()
        self.scheduler.tell()

    def training(self, training_id: str) -> Training:
        with self.database.read() as session:
            return find_training(session, self.rows.workspace_id, training_id)

    def left(self) -> int:
        with self.database.read() as session:
            return balance(session, self.rows.workspace_id)

    def speak(self, epoch: int = 0) -> None:
        """The worker that was started last says something."""
        key = parse_key(self.launcher.orders[-1].key)
        self.attempts.greet(key)
        if epoch:
            line = json.dumps({"kind": "epoch", "epoch": epoch, "series": {}}) + "\n"
            self.attempts.take_lines(key, epoch - 1, line.encode())


@pytest.fixture
def world(database: Database, blobs: BlobStore, tmp_path: Path) -> World:
    return World(database, blobs, tmp_path / "data")


def test_look__starts_one_after_the_other(both_databases: Database, blobs: BlobStore, tmp_path: Path) -> None:
    world = World(both_databases, blobs, tmp_path / "data")
    first, second = world.begin(epochs=5), world.begin()
    world.look()
    assert [order.training_id for order in world.launcher.orders] == [first]
    started = world.training(first)
    assert (started.state, started.attempt, world.left()) == ("starting", 1, 2)
    assert world.data.run_folder(first).is_dir()
    world.look(1)
    assert world.training(second).state == "queued"
    world.attempts.end(parse_key(world.launcher.orders[0].key), "finished", "")
    world.look(1)
    assert [order.training_id for order in world.launcher.orders] == [first, second]


def test_look__starts_as_many_as_are_allowed_workspaces_in_turn(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    world = World(database, blobs, tmp_path / "data", at_once=2)
    with database.write() as session:
        other = add_rows(session, workspace="other")
        grant(session, other.workspace_id, 3)
    mine = []
    for _ in range(3):
        mine.append(world.begin())
        world.now += 1
    theirs = world.begin(other)
    world.look()
    assert [order.training_id for order in world.launcher.orders] == [mine[0], theirs]


def test_look__a_dead_worker_is_followed_by_the_next_attempt_until_there_are_no_more(world: World) -> None:
    training_id = world.begin()
    for attempt in (1, 2, 3):
        world.look()
        assert world.training(training_id).attempt == attempt
        world.speak(attempt)
        world.launcher.alive[attempt] = False
        world.look(1)
    ended = world.training(training_id)
    assert (ended.state, ended.attempt) == ("failed", 3)
    assert "died 3 times, the last time after epoch 3" in ended.message
    assert "the last words" in ended.message
    assert world.left() == 3  # paid once, given back once
    assert len({order.key for order in world.launcher.orders}) == 3


def test_look__a_silent_worker_is_stalled_and_comes_back(world: World) -> None:
    training_id = world.begin()
    world.look()
    world.speak()
    world.look(LEASE_S + 1)
    assert world.training(training_id).state == "stalled"
    world.speak()
    world.look(1)
    assert (world.training(training_id).state, world.training(training_id).attempt) == ("running", 1)


def test_look__one_that_cannot_be_seen_is_dead_when_its_lease_runs_out(world: World) -> None:
    training_id = world.begin()
    world.look()
    world.launcher.alive[1] = None
    world.look(1)
    assert world.training(training_id).attempt == 1
    world.look(FIRST_WORD_WITHIN_S)
    assert world.training(training_id).attempt == 2
    assert world.launcher.alive[1] is False  # aborted before the next began


def test_look__a_kill_between_the_note_and_the_launch_is_another_attempt(world: World) -> None:
    training_id = world.begin()
    world.scheduler._note_attempt(training_id)  # and the server dies
    world.look(FIRST_WORD_WITHIN_S + 1)
    assert (world.training(training_id).attempt, len(world.launcher.orders)) == (2, 1)
    assert world.left() == 2


def test_look__waits_for_a_credit_and_goes_on_when_there_is_one(world: World) -> None:
    first, second = world.begin(), world.begin()
    with world.database.write() as session:
        grant(session, world.rows.workspace_id, 1)
        for number in range(4):  # spent elsewhere meanwhile
            charge(session, world.rows.workspace_id, f"else-{number}")
    world.look()
    assert world.training(first).state == "queued"
    assert world.training(first).message.startswith("Waits for a credit.")
    with world.database.write() as session:
        grant(session, world.rows.workspace_id, 1)
    world.look(1)
    assert {world.training(first).state, world.training(second).state} == {"starting", "queued"}


def test_look__a_launcher_that_refuses_fails_the_training_and_gives_the_credit_back(world: World) -> None:
    world.launcher.refuses = True
    training_id = world.begin()
    world.look()
    assert (world.training(training_id).state, world.training(training_id).message) == (
        "failed",
        "No place for a worker.",
    )
    assert world.left() == 3


def test_look__the_time_limit_stops_and_keeps(world: World) -> None:
    training_id = world.begin(max_s=60)
    world.look()
    world.speak(1)
    world.look(5)
    assert world.training(training_id).state == "running"
    world.now += 56
    world.speak()
    world.look()
    stopping = world.training(training_id)
    assert (stopping.stop_wish, "time limit of 60 s" in stopping.message) == ("stop", True)
    world.attempts.end(parse_key(world.launcher.orders[-1].key), "stopped", "")
    assert "time limit of 60 s" in world.training(training_id).message


def test_look__the_memory_limit_fails(world: World) -> None:
    training_id = world.begin(max_memory_bytes=10**9)
    world.look()
    world.speak()
    world.launcher.taken_bytes = 2 * 10**9
    world.look(1)
    ended = world.training(training_id)
    assert (ended.state, ended.message) == ("failed", "It took 2000 MB of memory; its limit is 1000 MB.")
    assert world.launcher.alive[1] is False


def test_look__a_cancelled_worker_that_does_not_listen_is_ended(world: World) -> None:
    training_id = world.begin()
    world.look()
    world.speak()
    with world.database.write() as session:
        cancel_training(session, world.rows.workspace_id, training_id)
    world.look(1)
    assert world.training(training_id).state == "stopping"
    world.speak()
    world.look(CANCELS_WITHIN_S + 1)
    assert (world.training(training_id).state, world.launcher.alive[1], world.left()) == ("cancelled", False, 3)


def test_look__a_stopping_worker_that_dies_is_started_again_for_its_weights(world: World) -> None:
    training_id = world.begin()
    world.look()
    world.speak(1)
    with world.database.write() as session:
        stop_training(session, world.rows.workspace_id, training_id)
    world.launcher.alive[1] = False
    world.look(1)
    again = world.training(training_id)
    assert (again.attempt, again.stop_wish) == (2, "stop")


def test_webhook__is_told_of_the_end_once_and_tried_again(world: World) -> None:
    training_id = world.begin(webhook_url="https://example.org/told")
    world.look()
    world.is_deaf = True
    world.attempts.end(parse_key(world.launcher.orders[-1].key), "failed", "why")
    world.look()
    assert world.posted == []
    world.is_deaf = False
    world.look(1)
    assert world.posted == []  # not yet due again
    world.look(10)
    world.look(1000)
    assert [(url, content["training"]["state"]) for url, content in world.posted] == [
        ("https://example.org/told", "failed")
    ]
    assert world.posted[0][1]["training"]["id"] == training_id


def test_webhook__nobody_answers_is_given_up_after_hours(world: World) -> None:
    world.begin(webhook_url="https://example.org/told")
    world.look()
    world.is_deaf, began = True, world.now
    world.attempts.end(parse_key(world.launcher.orders[-1].key), "failed", "why")
    tried_at = []
    for _ in range(5 * 3600):
        before = world.tries
        world.now += 1.0
        world.scheduler.tell()
        if world.tries > before:
            tried_at.append(world.now - began)
    assert len(tried_at) == TRIES
    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (10, 3600)
    world.is_deaf = False
    world.look(10**5)
    assert world.posted == []


def test_webhook__is_told_of_start_silence_return_and_end(world: World) -> None:
    training_id = world.begin(webhook_url="https://example.org/told")
    world.begin()  # another, that asks for nothing to be told
    world.look()
    assert world.posted == []  # launched, and not heard of yet
    world.speak()
    world.speak(epoch=1)
    world.look()
    world.look(LEASE_S + 1)
    world.look()
    world.speak(epoch=2)
    world.look()
    world.attempts.end(parse_key(world.launcher.orders[0].key), "finished", "")
    world.look()
    told = [
        (content["event"], content["training"]["state"], content["training"]["epoch"]) for _, content in world.posted
    ]
    assert told == [
        ("training_started", "running", 0),
        ("training_stalled", "stalled", 1),
        ("training_resumed", "running", 1),
        ("training_ended", "finished", 2),
    ]
    assert {content["training"]["id"] for _, content in world.posted} == {training_id}
    assert len({content["id"] for _, content in world.posted}) == 4
    times = [content["happened_at"] for _, content in world.posted]
    assert times == sorted(times)


def test_webhook__is_signed_with_the_secret_of_its_workspace(world: World) -> None:
    world.begin(webhook_url="https://example.org/told")
    world.look()
    world.speak()
    world.look()
    (message,) = world.messages
    with world.database.write() as session:
        secret = webhook_secret(session, world.rows.workspace_id)
    headers = message.headers
    at, signature = int(headers["X-Epochal-Timestamp"]), headers["X-Epochal-Signature"]
    # As a receiver does it, without our code.
    expected = hmac.new(secret.encode(), str(at).encode() + b"." + message.body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={expected}"
    assert sign(secret, at, message.body + b" ") != expected
    assert sign(secret, at + 1, message.body) != expected
    assert abs(at - world.now) < 2
    assert headers["X-Epochal-Delivery"] == json.loads(message.body)["id"]
    assert secret.encode() not in message.body
    with world.database.write() as session:
        assert webhook_secret(session, world.rows.workspace_id, renew=True) != secret


def test_start__writes_down_where_the_server_is(world: World) -> None:
    world.scheduler.start("http://127.0.0.1:1234")
    world.scheduler.close()
    assert (world.data.root / SERVER_FILE).read_text() == "http://127.0.0.1:1234"


def test_start__tells_those_that_train_where_the_server_is_now(world: World) -> None:
    world.begin()
    world.look()
    world.speak()
    world.scheduler.start("http://127.0.0.1:4321")
    world.scheduler.close()
    assert world.launcher.told == [(1, "http://127.0.0.1:4321")]
