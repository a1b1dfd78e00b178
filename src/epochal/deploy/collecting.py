"""Active learning beside the requests: rules are looked at on the way, keeping an image is not waited for.

    consider(…)  ─► rules (pure, microseconds) ─► bounded queue ─► one thread ─► `keep_sample`

When images come faster than they can be kept, the queue fills and further ones are dropped and counted: answers of
models never wait for it.
"""

import datetime
import logging
import queue
import threading
import time
from collections import Counter
from random import Random

from epochal.boxes import Detections
from epochal.deploy.sampling import matching_rules
from epochal.deploy.sampling_config import SamplingConfig, parse_sampling_config
from epochal.deploy.sampling_store import Sample, keep_sample, read_rules
from epochal.errors import EpochalError
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

LOG = logging.getLogger("epochal.deploy.collecting")
QUEUE_IMAGES, QUEUE_BYTES = 200, 200_000_000
RULES_AGE_S = 1.0  # another server on the same database may change them
ENDS_WITHIN_S = 5.0


class Collector:
    """Keeps what the rules of projects choose. Safe to use from many threads."""

    def __init__(
        self, database: Database, blobs: BlobStore, *, random: Random | None = None, queue_images: int = QUEUE_IMAGES
    ) -> None:
        """Begin; the thread that keeps starts with the first image.

        Args:
            database: of projects and rules.
            blobs: where images go.
            random: decides by the probabilities; seeded in tests.
            queue_images: so many wait at most.
        """
        self._database, self._blobs = database, blobs
        self._random = random or Random()
        self._queue: queue.Queue[tuple[Sample, SamplingConfig] | None] = queue.Queue(queue_images)
        self._lock = threading.Lock()
        self._rules: dict[str, tuple[float, SamplingConfig]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def consider(
        self, project_id: str, data: bytes, image_wh: tuple[int, int], detections: Detections, *,
        class_names: tuple[str, ...], model_id: str,
    ) -> bool:  # fmt: skip
        """Whether the rules of a project choose an image; when they do, it waits to be kept."""
        config = self._rules_of(project_id)
        if not config.enabled or self._is_closed:
            return False
        with self._lock:  # one sequence of random numbers, whoever asks
            rules = tuple(matching_rules(config.rules, detections, class_names, self._random))
        if not rules:
            return False
        self._put(Sample(project_id, data, image_wh, detections, class_names, rules, model_id), config)
        return True

    def forget_rules(self, project_id: str) -> None:
        """The rules of a project have changed."""
        with self._lock:
            self._rules.pop(project_id, None)

    def counts(self, project_id: str) -> dict[str, int]:
        """What became of the images that rules chose since this server started: such as kept or dropped."""
        with self._lock:
            return dict(self._counts.get(project_id, {}))

    def wait(self) -> None:
        """Return when everything that waits is kept."""
        self._queue.join()

    def close(self) -> None:
        """Keep what waits, for a few seconds at most."""
        self._is_closed = True
        if self._thread is None:
            return
        try:
            self._queue.put(None, timeout=ENDS_WITHIN_S)
        except queue.Full:
            LOG.error("left", extra={"fields": {"images": self._queue.qsize()}})
            return
        self._thread.join(ENDS_WITHIN_S)

    def _rules_of(self, project_id: str) -> SamplingConfig:
        now = time.monotonic()
        with self._lock:
            known = self._rules.get(project_id)
        if known is not None and now - known[0] < RULES_AGE_S:
            return known[1]
        with self._database.read() as session:
            config = parse_sampling_config(read_rules(session, project_id))
        with self._lock:
            self._rules[project_id] = now, config
        return config

    def _put(self, sample: Sample, config: SamplingConfig) -> None:
        with self._lock:
            has_room = self._bytes + len(sample.data) <= QUEUE_BYTES
            if has_room:
                self._bytes += len(sample.data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_on, name="collector", daemon=True)
                self._thread.start()
        if has_room:
            try:
                self._queue.put_nowait((sample, config))
                return
            except queue.Full:
                with self._lock:
                    self._bytes -= len(sample.data)
        self._count(sample.project_id, "dropped")

    def _count(self, project_id: str, outcome: str) -> None:
        with self._lock:
            self._counts.setdefault(project_id, Counter())[outcome] += 1

    def _keep_on(self) -> None:
        while (waiting := self._queue.get()) is not None:
            sample, config = waiting
            try:
                now = datetime.datetime.now(datetime.UTC)
                self._count(sample.project_id, keep_sample(self._database, self._blobs, sample, config, now))
            except EpochalError as error:
                self._count(sample.project_id, "failed")
                LOG.error("not kept", extra={"fields": {"project": sample.project_id, "error": str(error)}})
            except Exception:
                self._count(sample.project_id, "failed")
                LOG.exception("crashed", extra={"fields": {"project": sample.project_id}})
            finally:
                with self._lock:
                    self._bytes -= len(sample.data)
                self._queue.task_done()
        self._queue.task_done()
