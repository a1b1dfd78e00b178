"""The recipe: one dial first, everything else derived from the data, with the reason for each number.

Defaults were measured (LOG.md). What a user does not give is derived by a rule that depends on data and settings alone,
never on a stopwatch, so that the same command makes the same recipe.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from epochal.datasets import Dataset, Image
from epochal.errors import BadInput

IMAGE_SIZES = (256, 320, 416, 512, 640)
SMALL_BOX_PX = 16.0  # at least this side at training size for nine boxes in ten: two points of the finest map
WANTED_IMAGES_SEEN = 12_000  # BCCD is flat after about 10,000 (LOG.md)
FEWEST_STEPS = 600
# Images a second in training, fast-n, canvas of 320×256, one core with native bf16; to plan, not to judge.
PLANNED_RATE = {"cpu": 40.0, "cuda": 2000.0}
# What replaces a default when the weights to start from know every class, and why (measured, LOG.md).
GOING_ON: dict[str, tuple[Any, str]] = {
    "muon_lr": (0.01, "half of what random weights want"),
    "adamw_lr": (0.001, "half of what random weights want"),
    "ema": (0.2, "the average looks back over a fifth of the steps, so that it stays calm while the rates are high"),
    "ema_ramp": (0, "the average begins with the weights of the start, at its full length"),
    "mosaic": (0.0, "the weights have learned to see whole images last, and fall when shown others"),
}
# What a field of recipe.json may be, by the type of the field.
_JSON_TYPES: dict[object, Any] = {int: int, float: int | float, str: str, str | None: str | None}
RELATIVE_COST = {"fast-n": 1.0, "fast-s": 1.9, "fast-m": 4.5}


@dataclass(frozen=True)
class Recipe:
    """All settings of one training. Fractions are 0–1; `canvas_wh` in pixels.

    `ema_ramp` 1: the average looks back over few steps at first, as random weights want; 0: over `ema` at once.
    """

    model: str
    canvas_wh: tuple[int, int]
    epochs: int
    batch_size: int
    seed: int
    device: str
    precision: str
    threads: int
    muon_lr: float = 0.02
    adamw_lr: float = 0.002
    weight_decay: float = 0.05
    final_lr: float = 0.01
    warmup: float = 0.03
    ema: float = 0.02
    ema_ramp: int = 1
    clip_norm: float = 10.0
    mosaic: float = 0.5
    mosaic_off: float = 0.7
    scale: float = 0.5
    flip: float = 0.5
    hue: float = 0.015
    saturation: float = 0.7
    value: float = 0.4
    resamples: int = 200
    start_from: str | None = None

    def to_json(self) -> dict[str, object]:
        """For recipe.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, object]) -> "Recipe":
        """From recipe.json. Raises KeyError, TypeError or ValueError for what no recipe can hold."""
        canvas: Any = content["canvas_wh"]
        width, height = canvas
        recipe = cls(**{**content, "canvas_wh": (width, height)})  # type: ignore[arg-type]  # checked field by field below
        for one in fields(cls):
            value = getattr(recipe, one.name)
            if isinstance(value, bool) or not isinstance(value, _JSON_TYPES.get(one.type, tuple)):
                raise TypeError(f"{one.name} is {value!r}")
        if not all(isinstance(side, int) and side >= 32 and side % 32 == 0 for side in recipe.canvas_wh):
            raise ValueError(f"canvas_wh is {recipe.canvas_wh}")
        if min(recipe.epochs, recipe.batch_size, recipe.threads) < 1:
            raise ValueError("epochs, batch_size and threads are 1 or more")
        return recipe


@dataclass(frozen=True)
class Dial:
    """What a user may say; None: derive it."""

    model: str = "fast-n"
    epochs: int | None = None
    image_size: int | None = None
    seed: int = 0
    device: str = "cpu"
    start_from: str | None = None
    budget_s: float = 1800.0
    changes: Mapping[str, float] = field(default_factory=dict)  # {field of Recipe: value instead of its default}


@dataclass(frozen=True)
class Machine:
    """What the recipe must know of the machine."""

    threads: int
    native_bf16: bool


def derive_recipe(
    dataset: Dataset, dial: Dial, machine: Machine, new_classes: Sequence[str] = ()
) -> tuple[Recipe, dict[str, str]]:
    """Fill in what the user left open.

    Args:
        dataset: to train on.
        dial: what was asked for.
        machine: to train with.
        new_classes: those that the weights to start from do not know.

    Returns:
        The recipe, and for each derived field a sentence that says why.

    Raises:
        BadInput: an epoch count or image size that cannot be.
    """
    train = dataset.of_split("train")
    reasons: dict[str, str] = {}
    canvas_wh, reasons["canvas_wh"] = _derive_canvas(train, dial)
    epochs, reasons["epochs"] = _derive_epochs(len(train), canvas_wh, dial, machine)
    batch_size, reasons["batch_size"] = _derive_batch(len(train), epochs, dial.device)
    precision = "bf16" if dial.device != "cpu" or machine.native_bf16 else "fp32"
    reasons["precision"] = (
        "bf16: this device computes it natively" if precision == "bf16" else "fp32: this CPU has no native bf16"
    )
    reasons["threads"] = f"{machine.threads}: OMP_NUM_THREADS where it is set, else the physical cores"
    recipe = Recipe(
        model=dial.model,
        canvas_wh=canvas_wh,
        epochs=epochs,
        batch_size=batch_size,
        seed=dial.seed,
        device=dial.device,
        precision=precision,
        threads=machine.threads,
        start_from=dial.start_from,
    )
    if dial.start_from is not None:
        recipe = _go_on(recipe, new_classes, reasons)
    return _change(recipe, dial.changes, reasons), reasons


def _go_on(recipe: Recipe, new_classes: Sequence[str], reasons: dict[str, str]) -> Recipe:
    """What differs from a start with random weights; an output that is random itself needs the same as those."""
    if new_classes:
        reasons["start_from"] = (
            f"{recipe.start_from}: the class{'es' if len(new_classes) > 1 else ''} {', '.join(new_classes[:12])}"
            f"{', …' if len(new_classes) > 12 else ''} must be learned from nothing, so the rates are those of random "
            "weights; mAP may fall below the start's at first"
        )
        return recipe
    reasons["start_from"] = f"{recipe.start_from}: knows every class, so it is kept from being thrown about"
    for name, (value, reason) in GOING_ON.items():
        reasons[name] = f"{value:g}: {reason}"
    return replace(recipe, **{name: value for name, (value, _) in GOING_ON.items()})


def _change(recipe: Recipe, changes: Mapping[str, float], reasons: dict[str, str]) -> Recipe:
    try:
        changed = Recipe.from_json(asdict(replace(recipe, **changes)))  # type: ignore[arg-type]  # from_json says what does not fit
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"The recipe cannot be changed so ({error}); `epochal train` derives what is left out."
        ) from None
    reasons.update({name: f"{value:g}: as given" for name, value in changes.items()})
    return changed


def steps_per_epoch(images: int, batch_size: int) -> int:
    """The last batch of an epoch is filled up from its beginning, so every batch is whole."""
    return max(1, math.ceil(images / batch_size))


def _derive_canvas(train: tuple[Image, ...], dial: Dial) -> tuple[tuple[int, int], str]:
    size, why = (dial.image_size, "as given") if dial.image_size is not None else _derive_size(train)
    if size < 64 or size > 2048:
        raise BadInput(f"--image-size {size} cannot be; choose 64 to 2048 pixels (multiples of 32).")
    whole = round(size / 32) * 32
    if whole != size:
        size, why = whole, f"{why} ({size}), brought to a multiple of 32"
    ratios = np.array([image.image_wh[0] / image.image_wh[1] for image in train])
    ratio = float(np.median(ratios))
    alike = float(np.mean(np.abs(np.log(ratios / ratio)) < 0.1))
    if alike < 0.7:
        return (size, size), f"{size}×{size}: long side {why}; square, because the images have many shapes"
    short = min(size, max(64, math.ceil(size * min(ratio, 1 / ratio) / 32 - 0.01) * 32))
    canvas = (size, short) if ratio >= 1 else (short, size)
    return canvas, f"{canvas[0]}×{canvas[1]}: long side {why}; {alike:.0%} of the images have this shape"


def _derive_size(train: tuple[Image, ...]) -> tuple[int, str]:
    sides = np.concatenate([_relative_sides(image) for image in train])
    small = float(np.quantile(sides, 0.1))
    size = next((s for s in IMAGE_SIZES if s * small >= SMALL_BOX_PX and s >= 320), IMAGE_SIZES[-1])
    return size, f"{size}, so that nine boxes in ten are at least {size * small:.0f} px wide (√area)"


def _relative_sides(image: Image) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    wh = (image.boxes_xyxy[:, 2:] - image.boxes_xyxy[:, :2]).astype(np.float64)
    return np.sqrt(wh[:, 0] * wh[:, 1]) / max(image.image_wh)


def _derive_epochs(images: int, canvas_wh: tuple[int, int], dial: Dial, machine: Machine) -> tuple[int, str]:
    if dial.epochs is not None:
        if dial.epochs < 1:
            raise BadInput(f"--epochs {dial.epochs} cannot be; give 1 or more.")
        return dial.epochs, f"{dial.epochs}: as given"
    wanted = min(150, max(30, round(WANTED_IMAGES_SEEN / max(1, images))))
    rate = PLANNED_RATE[dial.device.split(":")[0]] * (machine.threads if dial.device == "cpu" else 1)
    rate *= 320 * 256 / (canvas_wh[0] * canvas_wh[1]) / RELATIVE_COST[dial.model]
    affordable = max(5, int(dial.budget_s * rate / max(1, images)))
    if affordable < wanted:
        return affordable, (
            f"{affordable}: as many as fit into {dial.budget_s / 60:.0f} minutes at about {rate:.0f} images/s "
            f"({wanted} would be better: give --epochs {wanted})"
        )
    return wanted, f"{wanted}: about {WANTED_IMAGES_SEEN} images seen, and never fewer than 30 or more than 150 epochs"


def _derive_batch(images: int, epochs: int, device: str) -> tuple[int, str]:
    choices = (16, 8) if device == "cpu" else (64, 32, 16, 8)
    for batch_size in choices:
        steps = steps_per_epoch(images, batch_size) * epochs
        if steps >= 2 * FEWEST_STEPS:
            return batch_size, f"{batch_size}: leaves {steps} optimizer steps"
    steps = steps_per_epoch(images, 8) * epochs
    few = "" if steps >= FEWEST_STEPS else f"; fewer than {FEWEST_STEPS}, more epochs would help"
    return 8, f"8: small, because the number of optimizer steps ({steps}) matters more than their noise{few}"
