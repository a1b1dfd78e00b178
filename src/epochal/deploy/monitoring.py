"""What each model did, by the minute: counted in memory, written together once a second, never once a request."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.orm import Session

from epochal.boxes import Detections
from epochal.deploy.latency import bucket_of
from epochal.deploy.tables import InferenceCountRow
from epochal.errors import EpochalError
from epochal.storage.database import ConstraintBroken, Database

LOG = logging.getLogger("epochal.deploy.monitoring")
WRITE_EVERY_S = 1.0
COUNTS_KEPT_DAYS = 90  # a model that is always busy has 1,440 rows a day


@dataclass
class Counts:
    """What happened in a span of time; `+=` adds another."""

    requests: int = 0
    errors: int = 0
    images: int = 0
    detections: int = 0
    confidence_sum: float = 0.0
    latency_ms_sum: float = 0.0
    latency_buckets: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: "Counts") -> "Counts":
        self.requests += other.requests
        self.errors += other.errors
        self.images += other.images
        self.detections += other.detections
        self.confidence_sum += other.confidence_sum
        self.latency_ms_sum += other.latency_ms_sum
        self.latency_buckets.update(other.latency_buckets)
        self.classes.update(other.classes)
        return self


def count_answer(found: Iterable[Detections], class_names: tuple[str, ...], latency_ms: float) -> Counts:
    """The counts of one request that was answered; `found` has one entry an image."""
    counts = Counts(requests=1, latency_ms_sum=latency_ms, latency_buckets=Counter([bucket_of(latency_ms)]))
    for detections in found:
        counts.images += 1
        counts.detections += len(detections)
        counts.confidence_sum += float(detections.confidence.sum())
        counts.classes.update(class_names[class_id] for class_id in detections.class_id.tolist())
    return counts


def add_counts(session: Session, model_id: str, minute: int, counts: Counts) -> None:
    """Add to what a model did in a minute (minutes since 1970)."""
    row = session.get(InferenceCountRow, (model_id, minute), with_for_update=True)
    total = counts_of(row) if row is not None else Counts()
    total += counts
    if row is None:
        row = InferenceCountRow(model_id=model_id, minute=minute)
        session.add(row)
    for name in ("requests", "errors", "images", "detections", "confidence_sum", "latency_ms_sum"):
        setattr(row, name, getattr(total, name))
    row.latency_buckets, row.classes = dict(total.latency_buckets), dict(total.classes)
    session.flush()


def counts_of(row: InferenceCountRow) -> Counts:
    """A row as counts."""
    return Counts(
        requests=row.requests,
        errors=row.errors,
        images=row.images,
        detections=row.detections,
        confidence_sum=row.confidence_sum,
        latency_ms_sum=row.latency_ms_sum,
        latency_buckets=_counter(row.latency_buckets),
        classes=_counter(row.classes),
    )


def _counter(stored: Mapping[str, object]) -> Counter[str]:
    return Counter({name: int(str(count)) for name, count in stored.items()})


def _add_all(session: Session, counts: Mapping[tuple[str, int], Counts]) -> None:
    for (model_id, minute), some in counts.items():
        add_counts(session, model_id, minute, some)


class Monitor:
    """Collects counts and writes them every second, while there are any.

    Attributes:
        requests: how many were counted since it began, those with errors among them.
        errors: how many of them failed.
    """

    def __init__(self, database: Database, *, write_every_s: float = WRITE_EVERY_S) -> None:
        """Begin; the thread that writes starts with the first count."""
        self.requests = self.errors = 0
        self._database, self._write_every_s = database, write_every_s
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], Counts] = {}
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()

    def add(self, model_id: str, counts: Counts) -> None:
        """Count what a model did just now."""
        key = model_id, int(time.time() // 60)
        with self._lock:
            self.requests += counts.requests
            self.errors += counts.errors
            total = self._counts.setdefault(key, Counts())
            total += counts
            if self._thread is None and not self._ends.is_set():
                self._thread = threading.Thread(target=self._write_on, name="monitor", daemon=True)
                self._thread.start()

    def write(self) -> None:
        """Write what was counted; what cannot be written now is tried again next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            try:
                self._database.write_grouped(partial(_add_all, counts=counts))
            except ConstraintBroken:  # one of the models was deleted meanwhile
                self._write_each(counts)
        except EpochalError as error:
            LOG.error("not written", extra={"fields": {"error": str(error)}})
            with self._lock:
                for key, some in counts.items():
                    kept = self._counts.setdefault(key, Counts())
                    kept += some

    def _write_each(self, counts: Mapping[tuple[str, int], Counts]) -> None:
        for key, some in counts.items():
            try:
                self._database.write_grouped(partial(_add_all, counts={key: some}))
            except ConstraintBroken:
                LOG.info("dropped", extra={"fields": {"model": key[0], "why": "the model was deleted"}})

    def close(self) -> None:
        """Write the rest."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
        self.write()

    def _write_on(self) -> None:
        while not self._ends.wait(self._write_every_s):
            self.write()
