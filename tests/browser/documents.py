"""Graph documents drawn from formulas, so that the page can be looked at and tested without a training."""

import math
import random
from typing import Any

from browser.evaluations import on_test, on_val

Document = dict[str, Any]
MAP50, MAP50_95 = "metrics/mAP_0.5", "metrics/mAP_0.5:0.95"
HOSTILE = '<img src=x onerror="window.hacked=1">'
SENTENCES = {
    "losses": "How wrong the model is, on images of this split; it is no percentage and can be above 1.",
    "metrics": "A share between 0 and 1, measured on the val images after each epoch.",
    "lr": "How large a step the training takes at each update.",
    "time": "How long one pass over the train images took.",
    "class": "How well the model finds this one class, from 0 to 1.",
}


def healthy(
    epochs: int = 50,
    planned: int | None = None,
    classes: tuple[str, ...] = ("RBC", "WBC", "Platelets"),
    name: str = "bccd_voc-1",
    seed: int = 0,
) -> Document:
    """A run that learns, converges and was evaluated."""
    rng = random.Random(seed)
    planned = planned or epochs
    series = _series(rng, epochs, planned, classes)
    values = series[MAP50_95]
    best = max(range(epochs), key=lambda i: values[i])
    events = [
        (3, "warmup_end", "Warm-up ends: the learning rate has reached its plan."),
        (round(planned * 0.7), "mosaic_off", "Mosaic is switched off: train images look like val images from here on."),
    ]
    return {
        "name": name,
        "source": {"format": "epochal", "path": f"epochal-data/runs/{name}"},
        "first_epoch": 1,
        "epochs": list(range(1, epochs + 1)),
        "epochs_planned": planned,
        "series": series,
        "marks": [],
        "superseded": [],
        "events": [{"epoch": e, "event": kind, "label": label} for e, kind, label in events if e <= epochs],
        "best": {"epoch": best + 1, "metric": MAP50_95, "value": values[best]},
        "verdict": "healthy_converged" if epochs >= 20 else "too_short_to_tell",
        "findings": _findings(epochs),
        "definitions": _definitions(series),
        "recipe": {
            "model": "fast-n",
            "epochs": planned,
            "image_wh": [320, 256],
            "batch": 8,
            "lr": 0.02,
            "seed": 0,
            "mosaic": 0.5,
            "mosaic_off": 0.7,
            "flip": 0.5,
            "hue": 0.0,
        },
        "reasons": {
            "model": "Asked for.",
            "image_wh": "Half of all boxes are wider than 60 px at this size; the images are wider than tall.",
            "batch": "Small sets need many updates: 8 gives 1,300 in all.",
            "lr": "Muon's default for this net.",
        },
        "dataset": {
            "path": "datasets/bccd_voc",
            "format": "voc",
            "images": 364,
            "annotations": 4888,
            "classes": list(classes),
            "splits": {"train": {"images": 205}, "val": {"images": 87}, "test": {"images": 72}},
            "version": {
                "dataset": "bccd_voc",
                "number": 2,
                "content_hash": "0" * 64,
                "augmentation": {"blur": {"pixels": 1}, "image": {"versions": 3}},
            },
        },
        "evaluation": (tested := on_test(rng, classes)),
        "evaluation_val": on_val(tested),
    }


def broken() -> Document:
    """A run whose losses turn NaN at epoch 18."""
    doc = healthy(24, planned=50, name="learning-rate-too-high-1", seed=3)
    for key in ("train/box_loss", "train/cls_loss", "val/box_loss", "val/cls_loss"):
        for i in range(17, 24):
            doc["series"][key][i] = None
            doc["marks"].append({"series": key, "epoch": i + 1, "value": "NaN"})
    for key, values in doc["series"].items():
        if key.startswith(("metrics/", "class/")):
            values[17:] = [0.0] * 7
    doc["events"].append({"epoch": 18, "event": "nan", "label": "train/box_loss became NaN."})
    doc["verdict"] = "diverged_or_nan"
    doc["findings"] = [
        {
            "id": "nan",
            "severity": "error",
            "epochs": [18, 24],
            "evidence": {"series": "train/box_loss", "first_epoch": 18},
            "message": "The train loss is no number from epoch 18 on.",
            "confidence": 1.0,
            "remedy": "Start again with a tenth of the learning rate; weights/best.pt is from before.",
        },
    ]
    values = doc["series"][MAP50_95]
    best = max(range(24), key=lambda i: values[i])
    doc["best"] = {"epoch": best + 1, "metric": MAP50_95, "value": values[best]}
    del doc["evaluation"]
    return doc


def resumed() -> Document:
    """A run that was killed in epoch 31 and went on from epoch 26."""
    doc = healthy(50, name="resumed-1", seed=5)
    lost = range(26, 31)
    doc["superseded"] = [
        {
            "attempt": 1,
            "epochs": list(lost),
            "series": {
                key: [
                    round(doc["series"][key][e - 1] * f, 4)
                    for e, f in zip(lost, (1.0, 1.04, 1.07, 1.05, 1.1), strict=True)
                ]
                for key in ("train/box_loss", "val/box_loss", "train/cls_loss", "val/cls_loss", MAP50, MAP50_95)
            },
        },
    ]
    doc["events"].append({"epoch": 26, "event": "resume", "label": "Resumed after epoch 25 (attempt 2)."})
    return doc


def hostile() -> Document:
    """A run whose class and name try to be markup."""
    doc = healthy(12, classes=(HOSTILE, "__proto__", "constructor"), name=HOSTILE, seed=7)
    doc["events"].append({"epoch": 5, "event": HOSTILE, "label": HOSTILE})
    doc["findings"][0]["message"] = HOSTILE
    doc["findings"][0]["evidence"] = {HOSTILE: HOSTILE}
    return doc


def crowded() -> Document:
    """300 epochs, 80 classes."""
    return healthy(300, classes=tuple(f"class {i:02d}" for i in range(80)), name="eighty-classes-1", seed=11)


def compared() -> tuple[list[Document], Document]:
    """Two repeats and a run of another model, and what comparing them gave."""
    runs = [healthy(40, name="cells-1"), healthy(40, name="cells-2", seed=2), healthy(50, name="larger-1", seed=4)]
    series = {}
    for key in (MAP50_95, "metrics/recall"):
        pairs = list(zip(runs[0]["series"][key], runs[1]["series"][key], strict=True))
        series[key] = {
            "mean": [(a + b) / 2 for a, b in pairs],
            "low": [min(pair) for pair in pairs],
            "high": [max(pair) for pair in pairs],
        }
    names = [run["name"] for run in runs]
    tested = {
        "method": "paired_bootstrap", "images": 72, "resamples": 1000, "low": -0.004, "high": 0.011,
        "chance_second_better": 0.8, "is_real": False, "difference": 0.003,
        "sentence": "cells-1 and cells-2 cannot be told apart on 72 images.",
    }  # fmt: skip
    plain = {"method": "numbers", "difference": 0.02, "sentence": "larger-1 is 2.0 points of mAP above cells-1."}
    return runs, {
        "metric": MAP50_95,
        "runs": [{"name": run["name"], "epochs": len(run["epochs"]), "best": run["best"]} for run in runs],
        "groups": [
            {
                "runs": [0, 1],
                "name": "cells-1 and 1 more",
                "epochs": list(range(1, 41)),
                "series": series,
                "best": {"mean": 0.6, "sd": 0.004, "runs": 2},
                "sentence": "2 repeats reach 0.6000 ± 0.0040 (standard deviation).",
            }
        ],
        "pairs": [{"first": 0, "second": 1, **tested}, {"first": 0, "second": 2, **plain}],
        "recipes": [
            {"field": "seed", "differs": True, "values": [0, 2, 4]},
            {"field": "model", "differs": True, "values": ["fast-n", "fast-n", "fast-m"]},
            {"field": "batch", "differs": False, "values": [8] * len(names)},
        ],
    }


def _series(rng: random.Random, epochs: int, planned: int, classes: tuple[str, ...]) -> dict[str, list[float | None]]:
    series: dict[str, list[float | None]] = {}
    for key, start, end, noise in (
        ("train/box_loss", 2.3, 0.82, 0.02),
        ("train/cls_loss", 3.4, 0.55, 0.04),
        ("val/box_loss", 2.5, 1.02, 0.03),
        ("val/cls_loss", 3.1, 0.78, 0.05),
    ):
        series[key] = [
            round(end + (start - end) * math.exp(-7 * e / planned) + rng.gauss(0, noise), 4) for e in range(epochs)
        ]
    grown = [1 - math.exp(-5.5 * (e + 0.4) / planned) for e in range(epochs)]
    for key, top, width in ((MAP50, 0.9, 0.022), (MAP50_95, 0.605, 0.028)):
        values = [max(0.001, round(top * g + rng.gauss(0, 0.009), 4)) for g in grown]
        series[key] = [*values]
        series[f"{key}/low"] = [round(max(0, v - width * (0.8 + rng.random() / 2)), 4) for v in values]
        series[f"{key}/high"] = [round(min(1, v + width * (0.8 + rng.random() / 2)), 4) for v in values]
    series["metrics/precision"] = [round(min(1, 0.15 + 0.72 * g + rng.gauss(0, 0.018)), 4) for g in grown]
    series["metrics/recall"] = [round(max(0, 0.88 * g + rng.gauss(0, 0.018)), 4) for g in grown]
    series["metrics/confidence"] = [round(0.18 + 0.2 * g + rng.gauss(0, 0.015), 4) for g in grown]
    series["lr"] = [
        round(0.02 * min(1, (e + 1) / 3) * (0.505 + 0.495 * math.cos(math.pi * e / planned)), 6) for e in range(epochs)
    ]
    series["time/epoch_s"] = [round(9.6 + rng.gauss(0, 0.3), 2) for _ in range(epochs)]
    for i, name in enumerate(classes):
        top = 0.35 + 0.55 * ((i * 37) % 80) / 80 if len(classes) > 3 else (0.72, 0.81, 0.41)[i]
        noise = 0.012 if i != 2 else 0.03
        for iou, scale in (("0.5:0.95", 1.0), ("0.5", 1.25)):
            series[f"class/{name}/AP_{iou}"] = [
                round(min(1, max(0, top * scale * g + rng.gauss(0, noise))), 4) for g in grown
            ]
    return series


def _definitions(series: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key in series:
        group = (
            "class"
            if key.startswith("class/")
            else "metrics"
            if key.startswith("metrics/")
            else "lr"
            if key == "lr"
            else "time"
            if key.startswith("time/")
            else "losses"
        )
        title = {"lr": "learning rate", "time/epoch_s": "seconds per epoch"}.get(
            key, key.removeprefix("metrics/").replace("/", " ")
        )
        found[key] = {
            "title": title,
            "group": group,
            "sentence": SENTENCES[group],
            "better": "lower" if group == "losses" else "higher" if group in {"metrics", "class"} else None,
        }
    return found


def _findings(epochs: int) -> list[dict[str, Any]]:
    return [
        {
            "id": "class_drags_mean",
            "severity": "warning",
            "epochs": [max(1, epochs - 10), epochs],
            "confidence": 0.8,
            "message": "Platelets drag the mean down: AP 0.41, the other classes 0.77.",
            "remedy": "Look at the platelets that were missed; label more of them, or train with larger images.",
            "command": "epochal check DATASET",
            "evidence": {
                "class": "Platelets",
                "AP_0.5:0.95": 0.412,
                "others": 0.767,
                "rule": "0.2 below the mean of the others",
            },
        },
        {
            "id": "small_val",
            "severity": "info",
            "epochs": [1, epochs],
            "confidence": 0.95,
            "message": "87 val images cannot tell 0.60 from 0.58: the interval is 0.06 wide.",
            "remedy": "Add val images before you compare small changes.",
            "evidence": {"images": 87, "width": 0.0563},
        },
    ]
