"""An ONNX file behind FastAPI with nothing around it: what serving.py sets beside Epochal's server; started by it.

    python benchmarks/plain_serving.py NET.onnx CONFIDENCE OVERLAP

One handler, as one would write it in an afternoon: decode, resize, ONNX Runtime, suppression, JSON, in a thread of
uvicorn's pool. No key, no limits, no counting, one model, no batches. Prints its address.
"""

import io
import socket
import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool

NET, CONFIDENCE, OVERLAP = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(NET, options, providers=["CPUExecutionProvider"])
SIDE = session.get_inputs()[0].shape[2]
app = FastAPI()


def suppress(boxes: np.ndarray, scores: np.ndarray) -> list[int]:
    """Indices of the boxes that stay, the surest first."""
    order, kept = scores.argsort()[::-1], []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        first, order = order[0], order[1:]
        kept.append(int(first))
        size = np.minimum(boxes[first, 2:], boxes[order, 2:]) - np.maximum(boxes[first, :2], boxes[order, :2])
        shared = size.clip(0).prod(axis=1)
        order = order[shared / (areas[first] + areas[order] - shared) <= OVERLAP]
    return kept


def predict(data: bytes) -> list[dict[str, object]]:
    """The boxes of one picture."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = SIDE / max(image.size)
    canvas = Image.new("RGB", (SIDE, SIDE), (114, 114, 114))
    canvas.paste(image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR))
    pixels = np.asarray(canvas, np.float32).transpose(2, 0, 1)[None] / 255
    boxes, scores = (answer[0] for answer in session.run(["boxes", "scores"], {"images": pixels}))
    found = []
    for class_id in range(scores.shape[1]):
        sure = scores[:, class_id] >= CONFIDENCE
        candidates, confidences = boxes[sure] / scale, scores[sure, class_id]
        for at in suppress(candidates, confidences):
            found.append({"class_id": class_id, "confidence": float(confidences[at]), "box": candidates[at].tolist()})
    return found


@app.post("/infer")
async def infer(request: Request) -> dict[str, object]:
    return {"predictions": await run_in_threadpool(predict, await request.body())}


if __name__ == "__main__":
    # As Epochal's: without the protocol named, asyncio does not set TCP_NODELAY, and each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
