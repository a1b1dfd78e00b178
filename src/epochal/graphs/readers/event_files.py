"""TensorBoard's event files: scalars by tag and step, without TensorFlow.

Source: the messages Event, Summary and TensorProto of tensorflow/core (event.proto, summary.proto, tensor.proto).
"""

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from epochal.errors import LogError
from epochal.graphs.readers.names import explain, is_epoch
from epochal.graphs.readers.protobuf import BYTES, FIXED32, FIXED64, is_record_start, read_fields, read_records
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log

# TensorProto: dtype → (field of the listed values, format of one value in tensor_content)
_TENSORS = {1: (5, "<f"), 2: (6, "<d"), 3: (7, "<i"), 9: (10, "<q")}
_MOST_SCALARS = 5_000_000
_MOST_EPOCHS = 20_000
_EPOCH, _STEP = "epoch", "step"


@dataclass(frozen=True)
class _Scalar:
    tag: str
    step: int
    value: float


def recognise_events(source: Source) -> float:
    """A file that begins with a TFRecord whose message is an Event with a version."""
    if not is_record_start(source.head):
        return 0.0
    first = next(read_records(source.head), b"")
    if b"brain.Event:" in first:
        return 1.0
    number, wire, _ = next(read_fields(first), (0, 0, b""))
    return 0.7 if (number, wire) == (1, FIXED64) else 0.0


def read_events(source: Source, *later: Source) -> Log:
    """Read the scalars of an event file.

    Args:
        source: the file.
        later: further files of the same training, which a resume began.

    Raises:
        LogError: there is none.
    """
    scalars: list[_Scalar] = []
    is_cut = False
    for part in (source, *later):
        data = part.read_bytes()
        length = 0
        for record in read_records(data):
            length += len(record) + 16
            scalars.extend(_scalars(record))
            if len(scalars) > _MOST_SCALARS:
                break
        is_cut = is_cut or length < len(data)
    if not scalars:
        raise LogError(f"{source.path} is an event file without scalars; expected losses or metrics in it.")
    log = Log("event_file", merges_rows=True)
    if is_cut:
        log.notes.append("The event file is cut off or broken towards its end; what comes before was read.")
    steps = _look_at_steps(scalars)
    if any("DetectionBoxes" in tag for tag in steps.measured):
        log.names.update(_validation_losses(scalar.tag for scalar in scalars))
    log.is_percent = True if any(tag.startswith("bbox/AP") for tag in steps.measured) else None  # detectron2's
    _add_rows(log, scalars, steps)
    _choose_axis(log, steps)
    return log


def _scalars(event: bytes) -> list[_Scalar]:
    step, summaries = 0, []
    for number, wire, value in read_fields(event):
        if number == 2 and isinstance(value, int):
            step = value if value < 1 << 63 else value - (1 << 64)
        elif number == 5 and wire == BYTES and isinstance(value, bytes):
            summaries.append(value)
    found = []
    for summary in summaries:
        for number, _, value in read_fields(summary):
            if number == 1 and isinstance(value, bytes):
                tag, scalar = _scalar(value)
                if tag and scalar is not None:
                    found.append(_Scalar(tag, step, scalar))
    return found


def _scalar(message: bytes) -> tuple[str, float | None]:
    """Tag and number of a Summary.Value, from `simple_value` or from a tensor with one element."""
    tag, scalar = "", None
    for number, wire, value in read_fields(message):
        if isinstance(value, int):
            continue
        if number == 1:
            tag = value.decode("utf-8", errors="replace")
        elif number == 2 and wire == FIXED32 and len(value) == 4:
            scalar = float(struct.unpack("<f", value)[0])
        elif number == 8 and wire == BYTES:
            scalar = _tensor(value)
    return tag, scalar


def _tensor(message: bytes) -> float | None:
    kind, content, listed = 0, b"", {}
    for number, _, value in read_fields(message):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, bytes):
            content = value
        else:
            listed[number] = value
    if kind not in _TENSORS:
        return None
    place, form = _TENSORS[kind]
    size = struct.calcsize(form)
    value = listed.get(place, b"")
    if len(content) == size:
        return float(struct.unpack(form, content)[0])
    if isinstance(value, int):
        return float(value)
    return float(struct.unpack(form, value)[0]) if len(value) == size and form in ("<f", "<d") else None


@dataclass(frozen=True)
class _Steps:
    """What the steps of the tags tell.

    Attributes:
        measured: tags of metrics and val losses.
        evaluations: the steps of the one with most, else of the train tag with most.
        last_trained: the last step of a train tag, 0 without any.
        epoch_tag: the tag whose values are epochs.
    """

    measured: frozenset[str]
    evaluations: tuple[int, ...]
    last_trained: int
    epoch_tag: str | None

    @property
    def is_mixed(self) -> bool:
        """Metrics counted in epochs beside losses counted in steps, as YOLOX and MMEngine write."""
        last = self.evaluations[-1] if self.evaluations else 1
        return bool(self.measured) and self.last_trained > 4 * last + 4


def _look_at_steps(scalars: list[_Scalar]) -> _Steps:
    by_tag: dict[str, set[int]] = {}
    for scalar in scalars:
        by_tag.setdefault(scalar.tag, set()).add(scalar.step)
    kinds = {tag: explain(tag) for tag in by_tag}
    measured = frozenset(t for t, m in kinds.items() if m.kind in ("metric", "class") or m.key.startswith("val/"))
    trained = [steps for tag, steps in by_tag.items() if kinds[tag].key.startswith("train/") and tag not in measured]
    evaluations = max([by_tag[tag] for tag in measured] or trained, key=len, default=set())
    last_trained = max((max(steps) for steps in trained), default=0)
    return _Steps(measured, tuple(sorted(evaluations)), last_trained, next(filter(is_epoch, by_tag), None))


def _add_rows(log: Log, scalars: list[_Scalar], steps: _Steps) -> None:
    """A row holds one value of each tag at a step; a tag that comes again at its step opens another row there."""
    rows: dict[tuple[int, int, bool], dict[str, float]] = {}
    times: Counter[tuple[str, int]] = Counter()
    for scalar in scalars:
        again = times[scalar.tag, scalar.step]
        times[scalar.tag, scalar.step] += 1
        apart = steps.is_mixed and scalar.tag in steps.measured
        row = rows.setdefault((scalar.step, again, apart), {_EPOCH if apart else _STEP: float(scalar.step)})
        row[_EPOCH if scalar.tag == steps.epoch_tag else scalar.tag] = scalar.value
    for row in rows.values():
        log.table.add(row)
    if any(count > 1 and explain(tag).kind == "metric" for (tag, _), count in times.items()):
        log.notes.append(
            "A metric that comes twice at a step is the last evaluation of the best weights; the first counts."
        )


def _choose_axis(log: Log, steps: _Steps) -> None:
    """What the steps are: the log's own `epoch` tag tells; else metrics that step by one are counted in epochs."""
    log.step = _STEP
    gaps = np.diff(steps.evaluations) if len(steps.evaluations) > 1 else np.array([1])
    if steps.is_mixed:
        _stretch(log, steps)
    elif steps.epoch_tag is not None:
        log.epoch, log.first_epoch = _EPOCH, 0
    elif np.median(gaps) == 1 and (not steps.evaluations or steps.evaluations[-1] < _MOST_EPOCHS):
        first = steps.evaluations[0] if steps.evaluations else 1
        if steps.last_trained <= 4 * (steps.evaluations[-1] if steps.evaluations else 1) + 4:
            log.epoch, log.step, log.first_epoch = _STEP, None, min(1, first)


def _validation_losses(tags: Iterable[str]) -> dict[str, str]:
    """The evaluation job of TensorFlow's Object Detection API writes its losses under the names of training's."""
    found = {}
    for tag in tags:
        meaning = explain(tag)
        if tag.startswith("Loss/") and meaning.key.startswith("train/"):
            found[tag] = "val/" + meaning.key.removeprefix("train/")
    return found


def _stretch(log: Log, steps: _Steps) -> None:
    """Give train rows, which count steps, the epochs that the evaluations count."""
    epoch, has_epoch = log.table.column(_EPOCH)
    step, has_step = log.table.column(_STEP)
    first = min(1, steps.evaluations[0])  # counted from 0, as RT-DETR does, or from 1
    per_epoch = steps.last_trained / (steps.evaluations[-1] + 1 - first)
    if steps.epoch_tag is None:
        log.notes.append(
            f"Guessed: metrics are counted in epochs and losses in steps; about {per_epoch:.0f} steps are one epoch."
        )
    guess = np.maximum(1, np.ceil(step / per_epoch)) - 1 + first
    log.table.put(_EPOCH, np.where(has_epoch, epoch, np.where(has_step, guess, first)))
    log.table.reorder(np.argsort(log.table.column(_EPOCH)[0], kind="stable"))
    log.epoch, log.step = _EPOCH, None
