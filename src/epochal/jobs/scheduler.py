"""Starts what is queued, and looks after what runs: a thread of the server, one look a second.

    a look:   every active training ─► dead worker?  next attempt, or failed
                                       silent worker? stalled (the lease ran out, the process lives)
                                       over a limit?  stopped (time), failed (memory)
                                       to be cancelled, and does not listen?  ended
              free places ─► the next of the queue, workspaces in turn
    beside it:  what addresses are to be told ─► webhooks

All it knows is in rows, so a server that starts goes on where the last one was: workers that live are found by what
their launcher noted, and those that died meanwhile are started again from their last complete checkpoint.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.errors import EpochalError, OutOfCredits
from epochal.jobs import mirror
from epochal.jobs.attempts import Attempts, make_key
from epochal.jobs.fair_order import Waiting, fair_order
from epochal.jobs.launchers import LaunchOrder, TrainingLauncher
from epochal.jobs.tables import TrainingRow
from epochal.jobs.training_ends import end_training, payment_id
from epochal.jobs.training_states import ACTIVE
from epochal.jobs.webhooks import Post, send_due, tell
from epochal.storage.database import Database
from epochal.storage.whole_files import write_whole
from epochal.workspaces import credits as ledger

LOG = logging.getLogger("epochal.jobs.scheduler")
LOOK_EVERY_S = 1.0
FIRST_WORD_WITHIN_S = 120.0  # between a start and the worker's greeting: Python and torch are loaded
CANCELS_WITHIN_S = 15.0
SERVER_FILE = "server-address"


@dataclass(frozen=True)
class _Seen:
    """A training that has, or should have, a worker; as it was when its process was looked at."""

    id: str
    attempt: int
    launcher: str
    ref: dict[str, Any] | None
    lease_expires_at: float
    started_at: float
    limits: dict[str, Any]
    is_alive: bool | None


class Scheduler:
    """The thread, and one look of it as a method."""

    def __init__(
        self,
        database: Database,
        attempts: Attempts,
        launchers: Mapping[str, TrainingLauncher],
        *,
        data_root: Path,
        launcher: str = "local",
        at_once: int = 1,
        post: Post | None = None,
        look_every_s: float = LOOK_EVERY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a scheduler; `start` begins its work.

        Args:
            database: of the rows.
            attempts: where workers report to.
            launchers: by name; those of running trainings are needed too.
            data_root: where the server's address is written down for its workers.
            launcher: the name of the one that starts new attempts.
            at_once: how many trainings run at a time.
            post: sends webhooks; None: they stay due.
            look_every_s: time between looks.
            clock: seconds since 1970.
        """
        self._database, self._attempts, self._launchers = database, attempts, launchers
        self._data_root, self._launcher, self._at_once = data_root, launcher, at_once
        self._post, self._look_every_s, self._clock = post, look_every_s, clock
        self._server = ""
        self._wake, self._ends, self._is_closed = threading.Event(), threading.Event(), False
        self._cancelled_since: dict[str, float] = {}
        self._threads: list[threading.Thread] = []

    def start(self, server: str) -> None:
        """Begin; `server` is the address that workers report to."""
        self._server = server
        self._data_root.mkdir(parents=True, exist_ok=True)
        write_whole(self._data_root / SERVER_FILE, server)
        for seen in self._active():
            launcher = self._launchers.get(seen.launcher)
            if launcher is not None and seen.ref is not None:
                launcher.tell_address(seen.ref, server)
        # An address that takes its time holds up no training, so webhooks have a thread of their own.
        works = (("scheduler", self.look, self._wake), ("webhooks", self.tell, self._ends))
        self._threads = [
            threading.Thread(target=self._run, args=(work, wake), name=name, daemon=True) for name, work, wake in works
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_closed(self) -> bool:
        """Whether the server is ending."""
        return self._is_closed

    def wake(self) -> None:
        """Look now: something was queued or is to be stopped."""
        self._wake.set()

    def close(self) -> None:
        """End the thread; workers go on."""
        self._is_closed = True
        self._wake.set()
        self._ends.set()
        for thread in self._threads:
            thread.join(10)

    def _run(self, work: Callable[[], None], wake: threading.Event) -> None:
        while not self._is_closed:
            try:
                work()
            except EpochalError as error:
                LOG.error("look failed", extra={"fields": {"error": str(error)}})
            except Exception:
                LOG.exception("look crashed")
            wake.wait(self._look_every_s)
            wake.clear()

    def look(self) -> None:
        """Look once at everything."""
        for seen in self._active():
            self._look_after(seen)
        for training_id in self._next():
            if self._is_closed or not self._has_place():
                break
            self._begin(training_id)

    def tell(self) -> None:
        """Send the webhooks that are due."""
        if self._post is not None:
            send_due(self._database, self._post, now=self._clock())

    # ── what runs ──────────────────────────────────────────────────────────────────────────────────────────────

    def _active(self) -> list[_Seen]:
        with self._database.read() as session:
            rows = session.scalars(select(TrainingRow).where(TrainingRow.state.in_(ACTIVE))).all()
        return [
            _Seen(
                id=row.id,
                attempt=row.attempt,
                launcher=row.launcher or self._launcher,
                ref=row.engine_ref,
                lease_expires_at=row.lease_expires_at or 0.0,
                started_at=row.started_at or 0.0,
                limits=dict(row.limits),
                is_alive=self._is_alive(row.launcher or "", row.engine_ref),
            )
            for row in rows
        ]

    def _is_alive(self, launcher: str, ref: dict[str, Any] | None) -> bool | None:
        known = self._launchers.get(launcher)
        return None if known is None or ref is None else known.is_alive(ref)

    def _look_after(self, seen: _Seen) -> None:
        is_silent = self._clock() > seen.lease_expires_at
        if seen.is_alive is False or (seen.is_alive is None and is_silent):
            self._bury(seen)
            return
        self._hold_to_limits(seen)
        with self._database.write() as session:
            row = self._same(session, seen)
            if row is None:
                return
            if is_silent and row.state != "stalled":
                row.state = "stalled"
                row.message = f"Its worker lives and has been silent for over {self._attempts.lease_s:.0f} s."
                tell(session, row, "training_stalled", now=self._clock())
            since = self._cancelled_since.setdefault(row.id, self._clock()) if row.stop_wish == "cancel" else None
        if since is not None and self._clock() - since > CANCELS_WITHIN_S:
            self._bury(seen)

    def _hold_to_limits(self, seen: _Seen) -> None:
        launcher, ref = self._launchers.get(seen.launcher), seen.ref
        most_s, most_bytes = seen.limits.get("max_s"), seen.limits.get("max_memory_bytes")
        taken = launcher.memory_bytes(ref) if launcher is not None and ref and most_bytes else None
        if taken is not None and most_bytes is not None and taken > most_bytes:
            message = f"It took {taken / 1e6:.0f} MB of memory; its limit is {most_bytes / 1e6:.0f} MB."
            self._end_by_force(seen, message)
        elif most_s is not None and self._clock() - seen.started_at > most_s and "reached" not in seen.limits:
            with self._database.write() as session:
                row = self._same(session, seen)
                if row is not None and row.stop_wish is None:
                    reached = f"The time limit of {most_s:g} s was reached; what was learned until then is kept."
                    row.limits = {**row.limits, "reached": reached}
                    row.stop_wish, row.message = "stop", reached
                    row.state = "stopping" if row.state != "stalled" else row.state

    def _end_by_force(self, seen: _Seen, message: str) -> None:
        self._abort(seen)
        with self._database.write() as session:
            row = self._same(session, seen)
            if row is not None:
                end_training(session, row, "failed", message, now=self._clock())

    def _bury(self, seen: _Seen) -> None:
        """The worker is dead, or as good as dead: another attempt, or the end."""
        self._abort(seen)
        words = self._last_words(seen)
        with self._database.write() as session:
            row = self._same(session, seen)
            if row is None:
                return
            self._cancelled_since.pop(row.id, None)
            if row.stop_wish == "cancel":
                mirror.drop_weights(self._attempts.folder(seen.id))  # before it is said, as in Attempts.end
                end_training(session, row, "cancelled", "Cancelled.", now=self._clock())
            elif row.stop_wish == "stop" and row.epoch == 0:
                end_training(session, row, "stopped", "Stopped before its first epoch.", now=self._clock())
            elif row.attempt < row.max_attempts:
                row.state, row.worker_key_sha256, row.engine_ref, row.lease_expires_at = "queued", None, None, None
                row.message = f"Its worker died after epoch {row.epoch}; it goes on from its last checkpoint."
                LOG.warning("worker died", extra={"fields": {"training": row.id, "attempt": row.attempt}})
            else:
                died = f"Its worker died {row.attempt} times, the last time after epoch {row.epoch}."
                end_training(session, row, "failed", f"{died}\n{words}".strip(), now=self._clock())

    def _abort(self, seen: _Seen) -> None:
        launcher = self._launchers.get(seen.launcher)
        if launcher is not None and seen.ref is not None:
            launcher.stop(seen.ref)  # before another attempt begins, so that two never train at once

    def _last_words(self, seen: _Seen) -> str:
        launcher = self._launchers.get(seen.launcher)
        return launcher.last_words(seen.ref) if launcher is not None and seen.ref is not None else ""

    def _same(self, session: Session, seen: _Seen) -> TrainingRow | None:
        """The row, when it still is in the attempt that was looked at."""
        row = session.scalar(select(TrainingRow).where(TrainingRow.id == seen.id).with_for_update())
        return row if row is not None and row.state in ACTIVE and row.attempt == seen.attempt else None

    # ── what waits ─────────────────────────────────────────────────────────────────────────────────────────────

    def _next(self) -> list[str]:
        """The queue, in its order; empty when no place is free."""
        if not self._has_place():
            return []
        with self._database.read() as session:
            rows = session.scalars(
                select(TrainingRow).where(TrainingRow.state == "queued", TrainingRow.deleted_at.is_(None))
            )
            waiting = [Waiting(row.id, row.workspace_id, row.queued_at, row.attempt) for row in rows]
            active = select(TrainingRow.workspace_id, func.count()).where(TrainingRow.state.in_(ACTIVE))
            running = {str(name): int(n) for name, n in session.execute(active.group_by(TrainingRow.workspace_id))}
            served = select(TrainingRow.workspace_id, func.max(TrainingRow.started_at)).group_by(
                TrainingRow.workspace_id
            )
            last = {str(name): float(at or 0.0) for name, at in session.execute(served)}
        return [one.id for one in fair_order(waiting, running, last)]

    def _has_place(self) -> bool:
        with self._database.read() as session:
            active = session.scalar(select(func.count()).where(TrainingRow.state.in_(ACTIVE))) or 0
        return active < self._at_once

    def _begin(self, training_id: str) -> None:
        """Charge, note the attempt, then launch: a kill between the two is seen as an attempt without a worker."""
        try:
            order = self._note_attempt(training_id)
        except OutOfCredits as error:
            self._say_waiting(training_id, f"Waits for a credit. {error}")
            return
        if order is None:
            return
        try:
            order.run_folder.mkdir(parents=True, exist_ok=True)
            launcher = self._launchers[self._launcher]
            if not launcher.shares_folder:
                lease = self._clock() + FIRST_WORD_WITHIN_S
                said = {"state": "preparing", "epoch": 0, "epochs": order.epochs, "message": "Starting."}
                mirror.write_progress(order.run_folder, said, lease_expires_at=lease, now=self._clock())
            ref = launcher.start(order)
        except (EpochalError, OSError) as error:
            with self._database.write() as session:
                row = session.get(TrainingRow, training_id)
                if row is not None and row.attempt == order.attempt and row.state in ACTIVE:
                    end_training(session, row, "failed", str(error), now=self._clock())
            return
        with self._database.write() as session:
            row = session.get(TrainingRow, training_id)
            if row is not None and row.attempt == order.attempt and row.state in ACTIVE:
                row.engine_ref = ref
                return
        launcher.stop(ref)  # it ended or was given away meanwhile

    def _note_attempt(self, training_id: str) -> LaunchOrder | None:
        with self._database.write() as session:
            row = session.scalar(select(TrainingRow).where(TrainingRow.id == training_id).with_for_update())
            if row is None or row.state != "queued":
                return None
            ledger.charge(session, row.workspace_id, payment_id(row), row.name)
            key, row.worker_key_sha256 = make_key(row.id, row.attempt + 1)
            row.attempt += 1
            row.state, row.message, row.launcher, row.engine_ref = "starting", "", self._launcher, None
            row.started_at = row.started_at or self._clock()
            row.lease_expires_at = self._clock() + FIRST_WORD_WITHIN_S
            folder = self._attempts.folder(row.id)
            server_file = self._data_root / SERVER_FILE
            return LaunchOrder(
                row.id, row.attempt, key, self._server, server_file.absolute(), folder, row.epochs, row.model_type
            )

    def _say_waiting(self, training_id: str, message: str) -> None:
        with self._database.write() as session:
            row = session.get(TrainingRow, training_id)
            if row is not None and row.state == "queued" and row.message != message:
                row.message = message
