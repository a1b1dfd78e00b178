"""Hyper-parameters that a framework left beside its log: args.yaml, opt.yaml, hyp.yaml, hparams.yaml."""

import re
from pathlib import Path
from typing import Any

import yaml

NAMES = ("args.yaml", "opt.yaml", "hyp.yaml", "hparams.yaml")
_MAX_BYTES = 262_144
_MOST = 500
_EPOCHS = ("epochs", "max_epochs", "max_epoch", "num_epochs", "num_train_epochs", "epoches", "total_epochs")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is there or is not
    """The safe loader, which also passes over the Python objects that some frameworks write."""


_Loader.add_multi_constructor("", lambda loader, suffix, node: None)


def read_settings(folder: Path) -> tuple[dict[str, object], list[str]]:
    """Read what stands beside a log.

    Args:
        folder: where the log is.

    Returns:
        Settings, flat (what is nested gets dots, `hyp` of YOLOv5's opt.yaml none), and sentences about them.
    """
    settings: dict[str, object] = {}
    notes = []
    for name in NAMES:
        path = folder / name
        try:
            if not path.is_file() or path.stat().st_size > _MAX_BYTES:
                continue
            found = yaml.load(path.read_bytes(), Loader=_Loader)
        except (OSError, yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
            reason = re.sub(r"\s+", " ", str(error))[:120]
            notes.append(f"{name} beside the log could not be read and was left aside ({reason}).")
            continue
        if isinstance(found, dict) and found:
            settings.update(_flatten(found))
            notes.append(f"Settings were read from {name} beside the log.")
    return dict(list(settings.items())[:_MOST]), notes


def planned_epochs(settings: dict[str, object]) -> int | None:
    """How many epochs the settings ask for; None when they do not say."""
    for name in _EPOCHS:
        value = number(settings, name)
        if value is not None and 0 < value < 10**7 and value == int(value):
            return int(value)
    return None


def number(settings: dict[str, object], name: str) -> float | None:
    """A setting that is a number, else None."""
    value = settings.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flatten(value: dict[Any, Any], prefix: str = "", depth: int = 0) -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, inner in list(value.items())[:_MOST]:
        if isinstance(inner, dict):
            if depth < 4:
                flat.update(_flatten(inner, prefix if key == "hyp" else f"{prefix}{key}.", depth + 1))
        elif isinstance(inner, str | int | float | bool) or inner is None:
            flat[f"{prefix}{key}"] = inner[:500] if isinstance(inner, str) else inner
    return flat
