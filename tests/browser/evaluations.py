"""The evaluation in a graph document, drawn from formulas like the rest of it (`documents.py`)."""

import base64
import io
import random
from typing import Any

from PIL import Image, ImageDraw

Document = dict[str, Any]


def on_test(rng: random.Random, classes: tuple[str, ...]) -> dict[str, Any]:
    confidence = [i / 100 for i in range(101)]
    recall = [0.98 * (1 - c**3.2) for c in confidence]
    precision: list[float | None] = [min(1.0, 0.35 + 0.66 * c**0.45) for c in confidence]
    precision[100] = None
    f1 = [0.0 if p is None or p + r == 0 else 2 * p * r / (p + r) for p, r in zip(precision, recall, strict=True)]
    at = max(range(101), key=lambda i: f1[i])
    pr = {"recall": confidence, "precision": [max(0.0, 1 - 0.12 * r - 0.8 * r**14) for r in confidence]}
    shown = list(classes[:12])
    per_class = {
        name: {
            "annotations": int(800 / (i + 1)),
            "AP_0.5": 0.95 - 0.05 * (i % 8),
            "AP_0.5:0.95": 0.7 - 0.06 * (i % 8),
            "precision": 0.9 - 0.03 * (i % 8),
            "recall": 0.92 - 0.05 * (i % 8),
        }
        for i, name in enumerate(classes)
    }
    size = len(shown) + 1
    matrix = [
        [
            int(200 / (r + 1)) if r == c else rng.randrange(0, 9) if size in (r + 1, c + 1) else rng.randrange(0, 3)
            for c in range(size)
        ]
        for r in range(size)
    ]
    matrix[-1][-1] = 0
    return {
        "split": "test",
        "images": 72,
        "annotations": 945,
        "mAP_0.5": 0.897,
        "mAP_0.5:0.95": 0.597,
        "interval": {
            "low": 0.571,
            "high": 0.622,
            "mAP_0.5": {"low": 0.876, "high": 0.915},
            "mAP_0.5:0.95": {"low": 0.571, "high": 0.622},
            "resamples": 200,
        },
        "precision": precision[at],
        "recall": recall[at],
        "confidence": at / 100,
        "per_class": per_class,
        "curves": {
            "confidence": confidence,
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "f0.5": f1,
            "f2": f1,
            "pr": pr,
            "per_class": {
                n: {"precision": precision, "recall": [r * 0.97**i for r in recall], "f1": f1, "pr": pr}
                for i, n in enumerate(shown)
            },
        },
        "confusion": {
            "classes": [*shown, "background"],
            "confidence": at / 100,
            "iou": 0.5,
            "matrix": matrix,
            "cells": _cells(matrix),
        },
        **_thresholds(at / 100, shown),
        **_diagnoses(shown[0]),
        "examples": [_example(rng, i, shown) for i in range(4)],
    }


def _cells(matrix: list[list[int]]) -> list[Document]:
    """The boxes behind the first cell: one in an image that is among the examples, one in another."""
    boxes = [
        {"file_name": name, "truth_xyxy": [20, 30, 90, 110], "prediction_xyxy": [22, 31, 95, 108], "confidence": 0.9}
        for name in ("images/cell_000.jpg", "images/other.jpg")
    ]
    return [{"truth": 0, "prediction": 0, "count": matrix[0][0], "boxes": boxes}]


def _thresholds(best: float, classes: list[str]) -> Document:
    """What val chose: a little beside what test would choose; the last class rests on too little."""
    chosen, own = [], []
    for beta, shift in ((0.5, 0.1), (1.0, 0.0), (2.0, -0.1)):
        here = {"confidence": best + shift, "f": 0.84, "precision": 0.9, "recall": 0.8, "low": best + shift - 0.05,
                "high": best + shift + 0.04, "annotations": 900, "well_founded": True}  # fmt: skip
        val = {**here, "confidence": best + shift - 0.02, "f": 0.83}
        checked = {"f": 0.82, "precision": 0.88, "recall": 0.77}
        few = {**val, "annotations": 12, "well_founded": False}
        of_class = {name: few if name == classes[-1] else val for name in classes}
        own.append({"beta": beta, "all": here, "per_class": dict.fromkeys(classes, here)})
        chosen.append(
            {
                "beta": beta,
                "all": {"confidence": val["confidence"], "chosen": val, "checked": checked},
                "per_class": {
                    name: {"confidence": one["confidence"], "chosen": one, "checked": checked}
                    for name, one in of_class.items()
                },
            }
        )
    return {"thresholds": own, "chosen": chosen}


def on_val(evaluation: Document) -> Document:
    """The evaluation on val beside one on test, as a report has it: without pictures."""
    kept = {key: value for key, value in evaluation.items() if key not in ("chosen", "examples")}
    confusion = {key: value for key, value in evaluation["confusion"].items() if key != "cells"}
    return {**kept, "split": "val", "images": 87, "mAP_0.5": 0.911, "confusion": confusion}


def _diagnoses(name: str) -> Document:
    gains = {"location": 0.03, "classification": 0.001, "background": 0.061, "missed": 0.02}
    suspicion = {"kind": "overlooked", "score": 0.002, "class_name": None, "box_xyxy": None, "confidence": 0.85}
    return {
        "errors": {
            "mAP_0.5": 0.897,
            "types": {kind: {"gain": g, "count": 90, "count_at_confidence": 12} for kind, g in gains.items()},
        },
        "sizes": {
            "small": {
                "area_px2": [0, 1024],
                "annotations": 7,
                "mAP_0.5": 0.5,
                "mAP_0.5:0.95": 0.25,
                "per_class": {name: {"annotations": 7, "AP_0.5": 0.5, "AP_0.5:0.95": 0.25}},
            },
            "large": {
                "area_px2": [9216, None],
                "annotations": 0,
                "mAP_0.5": None,
                "mAP_0.5:0.95": None,
                "per_class": {name: {"annotations": 0, "AP_0.5": None, "AP_0.5:0.95": None}},
            },
        },
        "recommendations": [
            {
                "id": "missed_detection",
                "classes": [name],
                "evidence": {"missed": 134, "annotations": 805},
                "message": f"134 of 805 annotations of {name} are not found.",
                "remedy": "Look at the missed boxes.",
            }
        ],
        "suspicions": {
            "count": 1,
            "boxes": [
                {
                    **suspicion,
                    "file_name": "images/cell_001.jpg",
                    "image_wh": [640, 480],
                    "suggested_class_name": name,
                    "suggested_xyxy": [5.4, 6, 70, 80],
                }
            ],
        },
    }


def _example(rng: random.Random, number: int, classes: list[str]) -> dict[str, Any]:
    picture = Image.new("RGB", (320, 240), (235, 222, 214))
    draw = ImageDraw.Draw(picture)
    truth, found = [], []
    for _ in range(6):
        x, y, r = rng.randrange(10, 250), rng.randrange(10, 180), rng.randrange(18, 46)
        i = rng.randrange(len(classes))
        draw.ellipse((x, y, x + r, y + r), fill=[(190, 90, 90), (120, 80, 160), (90, 130, 90)][i % 3])
        box = [v * 2 for v in (x, y, x + r, y + r)]
        truth.append({"box_xyxy": box, "class_name": classes[i]})
        if rng.random() < 0.85:
            moved = [v + rng.uniform(-6, 6) for v in box]
            found.append({"box_xyxy": moved, "class_name": classes[i], "confidence": round(rng.uniform(0.3, 0.98), 3)})
    found.append({"box_xyxy": [500, 380, 560, 440], "class_name": classes[0], "confidence": 0.31})
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    url = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    return {
        "file_name": f"images/cell_{number:03d}.jpg",
        "path": url,
        "image_wh": [640, 480],
        "ground_truth": truth,
        "predictions": found,
    }
