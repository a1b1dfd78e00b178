"""What happened during a training and shows in its curves, from the learning rate and the settings."""

import numpy as np

from epochal.graphs.graph import Event, Series
from epochal.graphs.readers.attempts import Ints
from epochal.graphs.readers.settings import number

# A drop halves the rate at least, out of a flat stretch: a cosine falls too, but is never flat before it falls fast.
_DROP = 0.6
_FLAT = 0.01


def find_events(
    epoch: Ints, first_epoch: int, lr: Series | None, settings: dict[str, object], planned: int | None
) -> list[Event]:
    """Warm-up end, mosaic off, learning-rate drops and an early end.

    Args:
        epoch: (E,) rising.
        first_epoch: how the log numbers its first.
        lr: (E,) the learning rate, where the log has it.
        settings: found beside the log.
        planned: how many epochs were asked for.
    """
    events = [] if lr is None else [*_warmup(epoch, lr), *_drops(epoch, lr)]
    if lr is None:
        events += _warmup_by_settings(epoch, first_epoch, settings)
    return [*events, *_mosaic_off(epoch, first_epoch, settings, planned), *_stop(epoch, first_epoch, settings, planned)]


def _warmup(epoch: Ints, lr: Series) -> list[Event]:
    """The rate rises from the first row to a peak early in the run, and falls or stays after it."""
    known = np.flatnonzero(np.isfinite(lr))
    if len(known) < 4:
        return []
    values = lr[known]
    peak = int(np.argmax(values))
    rises = bool((np.diff(values[: peak + 1]) > 0).all())
    if not 0 < peak <= max(2, min(0.3 * len(values), 20)) or not rises or values[0] > 0.9 * values[peak]:
        return []
    at = int(epoch[known[peak]])
    return [Event(at, "warmup_end", f"Warm-up ends: the learning rate has reached {values[peak]:.3g}.")]


def _warmup_by_settings(epoch: Ints, first_epoch: int, settings: dict[str, object]) -> list[Event]:
    length = number(settings, "warmup_epochs")
    if not length or length < 1:
        return []
    at = first_epoch + int(length) - 1
    label = f"Warm-up ends: {length:g} epochs by the settings."
    return [Event(at, "warmup_end", label)] if epoch[0] <= at < epoch[-1] else []


def _drops(epoch: Ints, lr: Series) -> list[Event]:
    events = []
    known = np.flatnonzero(np.isfinite(lr) & (lr > 0))
    values = lr[known]
    for at in range(2, len(values)):
        flat_before = abs(values[at - 1] - values[at - 2]) <= _FLAT * values[at - 2]
        if flat_before and values[at] <= _DROP * values[at - 1]:
            label = f"The learning rate drops from {values[at - 1]:.3g} to {values[at]:.3g}."
            events.append(Event(int(epoch[known[at]]), "lr_drop", label))
    return events[:50]


def _mosaic_off(epoch: Ints, first_epoch: int, settings: dict[str, object], planned: int | None) -> list[Event]:
    """The first epoch trained without mosaic.

    Source: Ultralytics and YOLOv9 switch it off at the start of the epoch with 0-based index epochs − close_mosaic.
    """
    last = number(settings, "close_mosaic")
    if not last or planned is None or not 0 < last < planned or number(settings, "mosaic") == 0:
        return []
    at = first_epoch + planned - int(last)
    label = f"Mosaic is switched off for the last {last:g} epochs; losses may jump, which is expected."
    return [Event(at, "mosaic_off", label)] if epoch[0] < at <= epoch[-1] else []


def _stop(epoch: Ints, first_epoch: int, settings: dict[str, object], planned: int | None) -> list[Event]:
    done = int(epoch[-1]) - first_epoch + 1
    if planned is None or done >= planned:
        return []
    patience = number(settings, "patience")
    why = f" (early stopping waits {patience:g} epochs)" if patience else ""
    label = f"The log ends after {done} of {planned} planned epochs{why}."
    return [Event(int(epoch[-1]), "stop", label)]


def find_nan(epoch: Ints, series: dict[str, Series], present: dict[str, np.ndarray]) -> list[Event]:
    """The first epoch at which a train loss is no finite number."""
    places = []
    for key, values in series.items():
        if key.startswith("train/") and key.endswith("_loss"):
            broken = np.flatnonzero(present[key] & ~np.isfinite(values))
            if len(broken):
                places.append((int(broken[0]), key))
    if not places:
        return []
    at, key = min(places)
    return [Event(int(epoch[at]), "nan", f"{key} is no finite number from here on or for a while.")]
