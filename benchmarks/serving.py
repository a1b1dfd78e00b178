"""What a request for inference costs a server beyond the work itself, and whether its memory stays flat.

    python benchmarks/serving.py [--requests 1800] [--clients 8] [--peer NAME=COMMAND]
    python benchmarks/serving.py --memory 10000     the server's memory after each thousand requests, and nothing else

A `fast` net of 320 × 320 answers 640 × 480 JPEGs. `server`: CPU of the server's process for each request, asked by
8 clients at once over HTTP. `in one process`: CPU of decoding, resizing, ONNX Runtime and suppression in a loop
without any server, one thread. `plain`: the same net behind a bare FastAPI handler (plain_serving.py). A `--peer`
is any command that prints its address first and answers POST /infer; {net} in it becomes the path of the net. They take
turns of some seconds, for what a shared machine gives changes from minute to minute; the median over the turns of the
ratio to the one process, measured before and after, is what counts. Prints JSON objects.
"""

import argparse
import io
import itertools
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import psutil
import torch
from PIL import Image

from epochal.deploy import load_predictor
from epochal.detectors.export import export_weights
from epochal.detectors.fast import FastNet
from epochal.detectors.letterbox import draw_on_canvas, place
from epochal.detectors.predictor import Predictor
from epochal.detectors.selection import select_detections
from epochal.detectors.weights import Weights

NAMES, SIDE_PX, IMAGE_WH, TURN = ("RBC", "WBC", "Platelets"), 320, (640, 480), 60
WARM_UP = 10
CONFIDENCE, OVERLAP = 0.4, 0.5


def make_pictures(count: int) -> list[bytes]:
    """JPEGs with smooth content, as photos have, of about 60 kB."""
    random, files = np.random.default_rng(0), []
    for _ in range(count):
        small = Image.fromarray(random.integers(0, 255, (60, 80, 3), np.uint8))
        out = io.BytesIO()
        small.resize(IMAGE_WH, Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
        files.append(out.getvalue())
    return files


def make_net(path: Path, picture: bytes) -> None:
    """A net of random filters, its bias such that one point in a hundred answers: some boxes a picture."""
    torch.manual_seed(0)
    net = FastNet("fast", len(NAMES)).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.7, 1.6)
    bias = 0.0
    for _ in range(2):
        for branch in net.class_head:
            torch.nn.init.normal_(branch.output.weight, std=1.0, generator=torch.Generator().manual_seed(0))
            torch.nn.init.constant_(branch.output.bias, bias)
        export_weights(Weights(net, NAMES, (SIDE_PX, SIDE_PX)), path, "onnx")
        image = Image.open(io.BytesIO(picture))
        canvas = draw_on_canvas(image, place(image.size, (SIDE_PX, SIDE_PX)), (SIDE_PX, SIDE_PX))
        score = float(np.quantile(load_predictor(path, threads=1).compute([canvas])[1], 0.99))
        bias += float(np.log(CONFIDENCE / (1 - CONFIDENCE)) - np.log(score / (1 - score)))


def in_one_process(predictor: Predictor, pictures: list[bytes], requests: int) -> tuple[float, float]:
    """CPU milliseconds a picture, and boxes a picture; the first ten are not counted."""
    boxes, begin = 0, 0.0
    canvas_wh = predictor.canvas_wh
    for number in range(-WARM_UP, requests):
        if number == 0:
            begin = time.process_time()
        picture = Image.open(io.BytesIO(pictures[number % len(pictures)]))
        at = place(picture.size, canvas_wh)
        picture.draft("RGB", at.scaled_wh)
        found, scores = predictor.compute([draw_on_canvas(picture, at, canvas_wh)])
        kept = select_detections(found[0], scores[0], at, confidence=CONFIDENCE, iou_threshold=OVERLAP)
        boxes += len(kept) if number >= 0 else 0
    return (time.process_time() - begin) * 1000 / requests, boxes / requests


class Server:
    """A server process, and where it answers."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.headers: dict[str, str] = {}
        self.url = f"{self.address}/infer"
        self.about = psutil.Process(self.process.pid)

    def ask(self, pictures: list[bytes], requests: int, clients: int) -> tuple[float, float, list[float]]:
        """CPU milliseconds a request, requests a second, latencies in ms."""

        def one_client(first: int) -> list[float]:
            taken = []
            with httpx.Client(trust_env=False, timeout=60, headers=self.headers) as client:
                for number in range(first, requests, clients):
                    begin = time.perf_counter()
                    answer = client.post(self.url, content=pictures[number % len(pictures)])
                    taken.append((time.perf_counter() - begin) * 1000)
                    assert answer.status_code == 200, answer.text
            return taken

        before, begin = self._cpu_s(), time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            latencies = [one for some in pool.map(one_client, range(clients)) for one in some]
        wall = time.perf_counter() - begin
        return (self._cpu_s() - before) * 1000 / requests, requests / wall, latencies

    def _cpu_s(self) -> float:
        """Of the process and of those that it has started, such as decoders of pictures."""
        return sum(sum(one.cpu_times()[:2]) for one in (self.about, *self.about.children(recursive=True)))

    def memory_mb(self) -> float:
        return self.about.memory_info().rss / 1e6

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def start_epochal(folder: Path, net: Path) -> Server:
    """Epochal's server with the net as a model."""
    command = [sys.executable, "-m", "epochal", "key", "create", "--data-dir", str(folder), "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    server = Server([sys.executable, "-m", "epochal", "serve", "--port", "0", "--data-dir", str(folder)])
    server.headers = {"Authorization": f"Bearer {told['key']}"}
    models = f"{server.address}/api/workspaces/{told['workspace']}/models"
    made = httpx.post(models, params={"name": "fast"}, content=net.read_bytes(), headers=server.headers, timeout=60)
    server.url = f"{models}/{made.json()['slug']}/infer/image?confidence={CONFIDENCE}&overlap={OVERLAP}"
    return server


def start_plain(net: Path) -> Server:
    """The same net behind a bare handler."""
    program = Path(__file__).with_name("plain_serving.py")
    return Server([sys.executable, str(program), str(net), str(CONFIDENCE), str(OVERLAP)])


def describe(turns: list[tuple[float, float, list[float]]], alone: list[float]) -> dict[str, float]:
    """The figures of a server; `alone` has one more than there are turns: before the first and after each."""
    latencies = [one for _, _, taken in turns for one in taken]
    beside = [(before + after) / 2 for before, after in itertools.pairwise(alone)]
    ratios = np.array([one[0] for one in turns]) / np.array(beside)
    return {
        "cpu_ms": round(statistics.median(one[0] for one in turns), 2),
        "ratio": round(float(np.median(ratios)), 3),
        "ratio_quartiles": np.quantile(ratios, (0.25, 0.75)).round(2).tolist(),
        "requests_per_s": round(statistics.median(one[1] for one in turns), 1),
        "latency_ms_p50": round(statistics.median(latencies), 1),
        "latency_ms_p99": round(float(np.quantile(latencies, 0.99)), 1),
    }


def follow_memory(server: Server, pictures: list[bytes], requests: int, clients: int) -> list[int]:
    """Megabytes of the server's process after each thousand requests; the first is before any."""
    memory = [round(server.memory_mb())]
    for _ in range(requests // 1000):
        server.ask(pictures, 1000, clients)
        memory.append(round(server.memory_mb()))
    return memory


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, metavar="REQUESTS")
    parser.add_argument("--requests", type=int, default=1800)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pictures, turns = make_pictures(16), max(1, asked.requests // TURN)
    with tempfile.TemporaryDirectory() as folder:
        net = Path(folder) / "net.onnx"
        make_net(net, pictures[0])
        if asked.memory:
            server = start_epochal(Path(folder) / "data", net)
            try:
                print(json.dumps({"memory_mb": follow_memory(server, pictures, asked.memory, asked.clients)}))
            finally:
                server.close()
            return
        predictor = load_predictor(net, threads=1)
        servers = {"epochal": start_epochal(Path(folder) / "data", net), "plain": start_plain(net)}
        for name, _, command in (peer.partition("=") for peer in asked.peer):
            servers[name] = Server(shlex.split(command.replace("{net}", str(net))))
        try:
            for server in servers.values():
                server.ask(pictures, 100, asked.clients)
            alone, memory = [in_one_process(predictor, pictures, TURN)[0]], [servers["epochal"].memory_mb()]
            taken: dict[str, list[tuple[float, float, list[float]]]] = {name: [] for name in servers}
            for _ in range(turns):
                for name, server in servers.items():
                    taken[name].append(server.ask(pictures, TURN, asked.clients))
                alone.append(in_one_process(predictor, pictures, TURN)[0])
            memory.append(servers["epochal"].memory_mb())
            single = {name: statistics.median(server.ask(pictures, 40, 1)[2]) for name, server in servers.items()}
        finally:
            for server in servers.values():
                server.close()
        _, boxes = in_one_process(predictor, pictures, 16)
    print(json.dumps({"in_one_process_cpu_ms": round(statistics.median(alone), 2), "boxes_per_image": round(boxes, 1)}))
    for name in servers:
        print(json.dumps({name: describe(taken[name], alone) | {"latency_ms_one_client": round(single[name], 1)}}))
    print(json.dumps({"memory_mb_of_epochal": [round(one) for one in memory], "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
