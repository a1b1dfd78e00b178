"""Models that are ready to answer, as many as fit: loaded when first asked for, the one unused longest leaves first."""

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from epochal.boxes import Detections
from epochal.boxes.forms import Boxes
from epochal.config import count_threads
from epochal.datasets.headers import parse_header
from epochal.datasets.pictures import check_pixels, decode_bytes, scale_into
from epochal.deploy.asking import CONFIDENCE, Question
from epochal.deploy.batching import Batcher
from epochal.deploy.grouping import choose_group_size
from epochal.deploy.onnx_predictor import load_predictor
from epochal.detectors.letterbox import draw_on_canvas, make_canvas, place
from epochal.detectors.predictor import Predictor
from epochal.detectors.selection import select_detections
from epochal.storage.blobs import BlobStore

Canvas = NDArray[np.uint8]
NAME = "The image"  # in messages: what a client calls its image is not known here


@dataclass(frozen=True)
class Found:
    """What a model says about one image.

    Attributes:
        detections: boxes in pixels of the image as displayed.
        image_wh: pixels as displayed.
        picture: the whole picture, when it was asked for.
    """

    detections: Detections
    image_wh: tuple[int, int]
    picture: Image.Image | None


class WarmModel:
    """A model in memory, for many threads at once; what they ask while it computes is computed together."""

    def __init__(self, predictor: Predictor, *, size_bytes: int, places: int, limit_pixels: int) -> None:
        """Take a predictor that computes with one thread.

        Args:
            predictor: of `load_predictor`.
            size_bytes: of its file.
            places: how many groups of images may be computed at once.
            limit_pixels: refuse pictures with more.
        """
        self.class_names, self.canvas_wh, self.size_bytes = predictor.class_names, predictor.canvas_wh, size_bytes
        self._limit_pixels = limit_pixels

        def compute(canvases: "list[Canvas]") -> list[tuple[Boxes, NDArray[np.float32]]]:
            return list(zip(*predictor.compute(canvases), strict=True))

        self._batcher = Batcher[Canvas, tuple[Boxes, NDArray[np.float32]]](
            lambda canvases: compute(list(canvases)), limit=choose_group_size(predictor), places=places
        )

    def find(self, data: bytes, question: Question, *, with_picture: bool = False) -> Found:
        """What is on an image.

        Args:
            data: an image file; no more of it is decoded than the net needs.
            question: which boxes count; a confidence of None is 0.4 here.
            with_picture: decode all of it and give it back too.

        Raises:
            DatasetError: it is no picture, is damaged, or is too large.
        """
        header = parse_header(data)
        if header is None or with_picture:
            picture = decode_bytes(data, NAME, limit_pixels=self._limit_pixels)
            at = place(picture.size, self.canvas_wh)
            canvas = draw_on_canvas(picture, at, self.canvas_wh)
        else:
            check_pixels(header.stored_wh, NAME, self._limit_pixels)
            at = place(header.image_wh, self.canvas_wh)
            canvas, part = make_canvas(at, self.canvas_wh)
            scale_into(part, data, NAME, self._limit_pixels)
        boxes, scores = self._batcher(canvas)
        detections = select_detections(
            boxes,
            scores,
            at,
            confidence=CONFIDENCE if question.confidence is None else question.confidence,
            iou_threshold=question.overlap,
            limit=question.max_detections,
            candidates=question.max_candidates,
            wanted=question.wanted(self.class_names),
            class_agnostic=question.class_agnostic,
        )
        return Found(detections, at.image_wh, picture if with_picture else None)


class WarmModels:
    """The models in memory, by the sha256 of their ONNX file."""

    def __init__(
        self, blobs: BlobStore, *, max_models: int, max_bytes: int, limit_pixels: int, places: int | None = None
    ) -> None:
        """Begin empty.

        Args:
            blobs: where the files are.
            max_models: so many at most; one more makes the one unused longest leave.
            max_bytes: their files have no more bytes in all, but for a single one that is larger.
            limit_pixels: refuse pictures with more.
            places: groups of images computed at once by each model; `count_threads()` when None.
        """
        self._blobs = blobs
        self._max_models, self._max_bytes, self._limit_pixels = max_models, max_bytes, limit_pixels
        self._places = places or count_threads()
        self._lock = threading.Lock()
        self._models: OrderedDict[str, Future[WarmModel]] = OrderedDict()

    def get(self, sha256: str) -> WarmModel:
        """The model of a file, loaded once however many ask at the same time.

        Raises:
            NotFound: there is no such blob.
            WeightsError: it cannot be run.
        """
        with self._lock:
            waited_for = self._models.get(sha256)
            if waited_for is not None:
                self._models.move_to_end(sha256)
            else:
                mine = self._models[sha256] = Future[WarmModel]()
        if waited_for is not None:
            return waited_for.result()
        try:
            mine.set_result(self._load(sha256))
        except BaseException as error:
            with self._lock:
                self._models.pop(sha256, None)
            mine.set_exception(error)
            raise
        self._make_room(sha256)
        return mine.result()

    def forget(self, sha256: str | None = None) -> None:
        """Let one model leave memory, or all of them; requests that are under way end well."""
        with self._lock:
            if sha256 is None:
                self._models.clear()
            else:
                self._models.pop(sha256, None)

    def loaded(self) -> list[str]:
        """The sha256 of every model in memory, the one unused longest first."""
        with self._lock:
            return [name for name, model in self._models.items() if model.done()]

    def _load(self, sha256: str) -> WarmModel:
        path = self._blobs.local_path(sha256)
        # One thread each: requests come side by side, and threads that share one image wait for each other.
        predictor = load_predictor(path, threads=1)
        return WarmModel(
            predictor, size_bytes=path.stat().st_size, places=self._places, limit_pixels=self._limit_pixels
        )

    def _make_room(self, newest: str) -> None:
        with self._lock:
            sizes = {name: model.result().size_bytes for name, model in self._models.items() if model.done()}
            for name in list(sizes):
                if name != newest and (len(sizes) > self._max_models or sum(sizes.values()) > self._max_bytes):
                    del self._models[name], sizes[name]
