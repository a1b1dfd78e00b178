"""How soon a page with 1,000,000 points is drawn, and whether it can be moved without a halt.

    python benchmarks/page_points.py

Prints one JSON object for each page: the run page of the app (one run of 50,000 epochs and 20 series, over loopback)
whose journal the server has never read, after a restart of a server that has, and asked again (warm), its report as a
file, and a report of 100 runs of 1,000 epochs and 10 series that are compared.

`first_drawn_ms`: from the start of the navigation to the first frame with the graph in it, data included;
`answered_ms`: when the last byte of the page and its data was there; `server_cpu_ms`: what the server took for it. Then
the page is zoomed into, and moved and zoomed fifty times by the wheel: `long_tasks` are those over 50 ms that the
browser's own observer counted, `task_cpu_ms_worst` is the longest by the time that it had the processor. Needs a
Chromium (`make browser`).
"""

import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from epochal.graphs.comparison import compare
from epochal.graphs.document import build_document
from epochal.graphs.graph import Graph
from epochal.graphs.report import write_report

EPOCHS, MOVES = 50_000, 50
RUNS, RUN_EPOCHS = 100, 1000
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
LOSSES = [f"{split}/{name}_loss" for split in ("train", "val") for name in ("box", "cls", "dfl")]
MAPS = ["metrics/mAP_0.5", "metrics/mAP_0.5:0.95"]
OTHERS = ["metrics/precision", "metrics/recall", "metrics/confidence", "lr"]
CLASSES = [f"class/{name}/AP_0.5:0.95" for name in ("car", "bus", "cat", "dog")]
KEYS = [*LOSSES, *MAPS, *(f"{key}/{end}" for key in MAPS for end in ("low", "high")), *OTHERS, *CLASSES]
WATCH = """
window.watched = {long: []};
new PerformanceObserver((list) => list.getEntries().forEach((one) => watched.long.push(one.duration)))
  .observe({type: "longtask"});
watched.drawn = new Promise((resolve) => {
  const look = () => requestAnimationFrame(document.querySelector(".u-over") ? () => resolve(performance.now()) : look);
  look();
});
"""


def draw_series(epochs: int, keys: list[str], seed: int) -> dict[str, np.ndarray]:
    """Curves with noise, as a training of that length would give them."""
    noise, done = np.random.default_rng(seed), np.arange(epochs) / epochs
    found = {}
    for at, key in enumerate(keys):
        if key in LOSSES:
            curve = 0.5 + 2 * np.exp(-6 * done) + noise.normal(0, 0.03, epochs)
        elif key.endswith(("/low", "/high")):
            curve = found[key.rpartition("/")[0]] + (0.02 if key.endswith("high") else -0.02)
        else:
            curve = (0.5 + 0.02 * at) * (1 - np.exp(-5 * done)) + noise.normal(0, 0.01, epochs)
        found[key] = np.round(curve, 5)  # as logs write them
    return found


def make_graph(name: str, epochs: int, keys: list[str], seed: int) -> Graph:
    series = draw_series(epochs, keys, seed)
    return Graph(
        name=name,
        format="epochal",
        path=name,
        epochs=np.arange(1, epochs + 1),
        series=series,
        present={key: np.ones(epochs, bool) for key in series},
        first_epoch=1,
    )


def write_run(folder: Path) -> None:
    """A finished run folder; written at once, because a journal waits for the disk at every line."""
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text("{}")
    series = draw_series(EPOCHS, KEYS, 0)
    head = {"kind": "start", "attempt": 1, "time": 0.0, "name": folder.name, "epochs_planned": EPOCHS, "seed": 0}
    with (folder / "metrics.jsonl").open("w") as stream:
        stream.write(json.dumps(head) + "\n")
        for at in range(EPOCHS):
            values = {key: float(column[at]) for key, column in series.items()}
            line = {"kind": "epoch", "attempt": 1, "time": float(at), "epoch": at + 1, "series": values}
            stream.write(json.dumps(line) + "\n")
        stream.write(json.dumps({"kind": "end", "attempt": 1, "time": 1e5, "state": "finished", "message": ""}) + "\n")


class Served:
    """A server over a data folder, which can be started anew at the same address."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, 0
        self.sign_in = self.start()
        self.port = int(self.sign_in.split("/")[2].rpartition(":")[2])

    def start(self) -> str:
        """Start it; gives a link that signs its owner in."""
        command = [sys.executable, "-m", "epochal", "serve", "--port", str(self.port), "--data-dir", str(self.data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+sign-in\S+", self.process.stdout.readline() + self.process.stdout.readline())
        assert found is not None
        return found[0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def cpu_ms(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return 1000 * (times.user + times.system)


def measure(page: Page, address: str, served: Served | None = None) -> dict[str, Any]:
    """Open a page, then zoom into its graph and move about. `served`: whose page it is."""
    browser = page.context.browser
    assert browser is not None
    before = served.cpu_ms() if served else 0.0
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    page.goto(address, wait_until="commit")
    drawn = page.evaluate("watched.drawn")
    answered = page.evaluate(
        "Math.max(...performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
        ".map((one) => one.responseEnd))"
    )
    server = {"server_cpu_ms": round(served.cpu_ms() - before)} if served else {}
    page.wait_for_timeout(500)
    opening = tasks_cpu_ms(browser.stop_tracing())
    page.evaluate("watched.long.length = 0")
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    move_about(page)
    moving = tasks_cpu_ms(browser.stop_tracing())
    long = page.evaluate("watched.long")
    return {
        "first_drawn_ms": round(drawn),
        "answered_ms": round(answered),
        **server,
        "opening_cpu_ms": round(sum(opening)),
        "long_tasks": len(long),
        "task_cpu_ms_worst": round(max(moving)),
        "tasks_cpu_over_50_ms": sum(task > 50 for task in moving),
        "move_cpu_ms_mean": round(sum(moving) / MOVES, 1),
    }


def new_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1280, "height": 900})


def move_about(page: Page) -> None:
    """Zoom in by the wheel, then move and zoom."""
    area = page.locator(".u-over").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    way = random.Random(0)
    for at in range(5 + MOVES):
        key = "Control" if at < 5 or at % 10 == 9 else "Shift"
        page.keyboard.down(key)
        page.mouse.wheel(0, -100 if at < 5 else way.choice((-100, 100)))
        page.keyboard.up(key)
        page.wait_for_timeout(20)
    page.wait_for_timeout(400)


def tasks_cpu_ms(trace: bytes) -> list[float]:
    """Time on the processor of each task of the page's main thread; on a busy machine a task lasts longer than that."""
    events = json.loads(trace)["traceEvents"]
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    found: dict[int, list[float]] = {}
    for event in events:
        if event["name"].endswith("RunTask") and names.get((event["pid"], event["tid"])) == "CrRendererMain":
            found.setdefault(event["pid"], []).append(event.get("tdur", 0) / 1000)
    return max(found.values(), key=sum)


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        write_run(folder / "runs" / "long-1")
        write_report(folder / "one.html", [build_document(make_graph("long-1", EPOCHS, KEYS, 0))])
        keys = [*LOSSES[:4], *MAPS, *OTHERS]
        runs = [make_graph(f"run-{at}", RUN_EPOCHS, keys, at) for at in range(RUNS)]
        write_report(folder / "many.html", [build_document(run) for run in runs], comparison=compare(runs))
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        served = Served(folder)
        page = new_page(browser)
        page.goto(served.sign_in)
        expect(page).not_to_have_url(re.compile("sign-in"))
        page.add_init_script(WATCH)
        run_page = f"{served.sign_in.partition('/#')[0]}/#/runs/long-1"
        for title in ("never read", "after a restart", "warm", "warm"):
            page.goto("about:blank")  # a list of runs would ask a new server before the run page does
            if title != "warm":
                served.stop()
                if title == "never read":
                    shutil.rmtree(folder / "cache" / "graphs")
                served.start()
                page.wait_for_timeout(3000)
            print(json.dumps({"page": f"run page, {title}", **measure(page, run_page, served)}), flush=True)
        served.stop()
        for title, name in (("report of one", "one.html"), ("report of many", "many.html")):
            page = new_page(browser)
            page.add_init_script(WATCH)
            print(json.dumps({"page": title, **measure(page, f"file://{folder}/{name}")}), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
