"""Models answer: the one way for every route, from a model's name to boxes, with what is counted and kept on the way.

find(workspace, name) ─► Model ─► WarmModels ─► Found per image ─► Monitor (counts)
└─► Collector (active learning)
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from epochal.config import Value, count_threads
from epochal.datasets.projects import find_project
from epochal.deploy.asking import CONFIDENCE, Question
from epochal.deploy.collecting import Collector
from epochal.deploy.monitoring import Counts, Monitor, count_answer
from epochal.deploy.warm_models import Found, WarmModels
from epochal.detectors.predictor import BATCH_SIZE
from epochal.errors import BadInput, EpochalError, TooMany
from epochal.jobs.models import ONNX, Model, find_model
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

Result = TypeVar("Result")
KNOWN_FOR_S = 1.0  # a model that was deleted or renamed answers at most this much longer
KNOWN_MAX = 1000
MAX_IMAGES = 32


@dataclass(frozen=True)
class Answer:
    """What a model says about the images of one request.

    Attributes:
        model: that was asked.
        class_names: index is the class_id.
        found: one entry an image.
        question: as it was asked, its confidence a number.
        seconds: that it took.
    """

    model: Model
    class_names: tuple[str, ...]
    found: tuple[Found, ...]
    question: Question
    seconds: float


class Answering:
    """All models of a server at work."""

    def __init__(self, database: Database, blobs: BlobStore, settings: Mapping[str, Value]) -> None:
        """Begin with no model in memory.

        Args:
            database: of models, counts and rules.
            blobs: with the files of models.
            settings: of `read_settings`.
        """
        self._database = database
        places = int(settings["inference_threads"]) or count_threads()
        self.warm = WarmModels(
            blobs,
            max_models=int(settings["warm_models"]),
            max_bytes=int(settings["warm_models_bytes"]),
            limit_pixels=int(settings["max_image_pixels"]),
            places=places,
        )
        self.monitor, self.collector = Monitor(database), Collector(database, blobs)
        self._limit_bytes = int(settings["max_image_bytes"])
        self._queue_limit = int(settings["inference_queue"])
        # While groups are computed, a thread waits for each of their images, and as many decode the next ones.
        self._pool = ThreadPoolExecutor(places * (BATCH_SIZE + 2), thread_name_prefix="answering")
        self._images = ThreadPoolExecutor(places * BATCH_SIZE, thread_name_prefix="images")
        self._waiting = 0
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Model]] = {}

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work of a request beside the event loop.

        Raises:
            TooMany: more requests wait than `inference_queue`.
        """
        if self._waiting >= self._queue_limit:
            raise TooMany(f"{self._waiting} requests wait for models already; try again in a moment.", 1.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def find(self, workspace_id: str, asked: str) -> Model:
        """The model of a name, see `find_model`; looked up once a second at most. Raises NotFound."""
        key, now = (workspace_id, asked), time.monotonic()
        known = self._known.get(key)
        if known is not None and now - known[0] < KNOWN_FOR_S:
            return known[1]
        with self._database.read() as session:
            model = find_model(session, workspace_id, asked)
        with self._lock:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[key] = now, model
        return model

    def forget_names(self) -> None:
        """Look every name up again: another model answers to one now, or none."""
        with self._lock:
            self._known.clear()

    def find_project(self, workspace_id: str, slug: str) -> str:
        """The id of a project. Raises NotFound."""
        with self._database.read() as session:
            return find_project(session, workspace_id, slug).id

    def require_runnable(self, model: Model) -> None:
        """Raise BadInput when a model cannot be run here."""
        _onnx_of(model)

    def warm_up(self, model: Model) -> None:
        """Have a model in memory. Raises BadInput, WeightsError when it cannot be run here."""
        self.warm.get(_onnx_of(model))

    def forget(self, model: Model) -> None:
        """Let a model leave memory."""
        if ONNX in model.files:
            self.warm.forget(model.files[ONNX])

    def answer(
        self, model: Model, images: Sequence[bytes], question: Question, *, with_pictures: bool = False,
        collect_for: str | None = None,
    ) -> Answer:  # fmt: skip
        """What a model finds on images.

        Args:
            model: of `find`.
            images: image files.
            question: which boxes count.
            with_pictures: decode the images whole and give them back too.
            collect_for: the project whose rules of active learning look at them; None for none.

        Raises:
            BadInput: the model cannot be run here, or too many or too large images.
            DatasetError: an image cannot be decoded.
        """
        begin = time.perf_counter()
        try:
            answer = self._answer(model, images, question, with_pictures, begin)
        except EpochalError:
            self.monitor.add(model.id, Counts(requests=1, errors=1))
            raise
        self.monitor.add(
            model.id,
            count_answer([one.detections for one in answer.found], answer.class_names, answer.seconds * 1000),
        )
        if collect_for is not None:
            for data, one in zip(images, answer.found, strict=True):
                self.collector.consider(
                    collect_for, data, one.image_wh, one.detections, class_names=answer.class_names, model_id=model.id
                )
        return answer

    def close(self) -> None:
        """End: what is counted is written, what was chosen is kept."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._images.shutdown(wait=True)
        self.collector.close()
        self.monitor.close()
        self.warm.forget()

    def _answer(
        self, model: Model, images: Sequence[bytes], question: Question, with_pictures: bool, begin: float
    ) -> Answer:
        if not 1 <= len(images) <= MAX_IMAGES:
            raise BadInput(f"Expected 1 to {MAX_IMAGES} images in a request; got {len(images)}.")
        for data in images:
            if len(data) > self._limit_bytes:
                raise BadInput(f"Expected an image of at most {self._limit_bytes:,} bytes; got {len(data):,}.")
        warm = self.warm.get(_onnx_of(model))
        if question.confidence is None:
            question = replace(question, confidence=model.metrics.get("confidence", CONFIDENCE))
        find = partial(warm.find, question=question, with_picture=with_pictures)
        found = tuple(map(find, images)) if len(images) == 1 else tuple(self._images.map(find, images))
        return Answer(model, warm.class_names, found, question, time.perf_counter() - begin)


def _onnx_of(model: Model) -> str:
    if not model.can_run or ONNX not in model.files:
        why = model.message or "it has no ONNX file"
        raise BadInput(f"The model {model.slug!r} cannot be run here: {why}")
    return model.files[ONNX]
