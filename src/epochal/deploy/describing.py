"""What a model found, in the JSON of hosted inference: centre and size in pixels of the image that was sent."""

import base64
import io
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from epochal.deploy.drawing import draw_detections
from epochal.deploy.warm_models import Found

JPEG_QUALITY = 90


def describe_found(found: Found, class_names: Sequence[str], seconds: float) -> dict[str, Any]:
    """`{"predictions", "image", "time", "inference_id"}` of one image."""
    detections = found.detections
    low, high = detections.boxes_xyxy[:, :2].astype(float), detections.boxes_xyxy[:, 2:].astype(float)
    boxes = np.concatenate([(low + high) / 2, high - low], axis=1).round(3).tolist()
    confidences = detections.confidence.astype(float).round(6).tolist()
    return {
        "inference_id": str(uuid.uuid4()),
        "time": seconds,
        "image": {"width": found.image_wh[0], "height": found.image_wh[1]},
        "predictions": [
            {
                "x": x,
                "y": y,
                "width": width,
                "height": height,
                "confidence": confidence,
                "class": class_names[class_id],
                "class_id": class_id,
                "detection_id": str(uuid.uuid4()),
            }
            for (x, y, width, height), confidence, class_id in zip(
                boxes, confidences, detections.class_id.tolist(), strict=True
            )
        ],
    }


def draw_found(found: Found, class_names: Sequence[str], *, line_px: int | None, with_labels: bool) -> bytes:
    """A JPEG with the boxes drawn; `found` has its picture."""
    assert found.picture is not None
    drawn = draw_detections(found.picture, found.detections, class_names, line_px=line_px, with_labels=with_labels)
    return jpeg_of(drawn)


def jpeg_of(picture: Image.Image) -> bytes:
    """A picture as a JPEG file."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def as_base64(data: bytes) -> str:
    """Bytes as base64 text."""
    return base64.b64encode(data).decode("ascii")
