"""Stands in for `epochal train` in tests of the launcher: writes the files of a run, epoch by epoch, learns nothing.

    python fake_trainer.py train DATASET --out RUN --model fast --epochs 3 …
    python fake_trainer.py train --resume RUN

It obeys the `stop` file. A dataset whose name begins with `broken`, or FAKE_REFUSES in the environment, makes it fail
before its first word; FAKE_EPOCH_S is how long an epoch takes.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from epochal.graphs.journal import Journal
from epochal.jobs.processes import this_process
from epochal.storage.whole_files import write_whole


def main() -> int:
    given = _parse()
    run = Path(given.resume or given.out)
    if given.resume is None and (Path(given.dataset).name.startswith("broken") or "FAKE_REFUSES" in os.environ):
        sys.stderr.write("epochal: \x1b[31mno images in the dataset\x1b[0m\n")
        return 2
    recipe = run / "recipe.json"
    epochs = given.epochs or 3
    if given.resume is None:
        fields = {"schema": 1, "name": run.name, "dataset": {"path": given.dataset}}
        write_whole(
            recipe, json.dumps({**fields, "recipe": {"model": given.model, "epochs": epochs, "seed": given.seed}})
        )
    epochs = json.loads(recipe.read_text())["recipe"]["epochs"]
    begin = 1 + _last_epoch(run)
    with Journal(run) as journal:
        journal.start(name=run.name, epochs_planned=epochs, seed=given.seed)
        for epoch in range(begin, epochs + 1):
            _progress(run, "training", epoch, epochs)
            time.sleep(float(os.environ.get("FAKE_EPOCH_S", "0.02")))
            journal.epoch(epoch, {"train/box_loss": 1 / epoch, "metrics/mAP_0.5:0.95": 1 - 1 / epoch, "lr": 0.01})
            if (run / "stop").exists():
                (run / "stop").unlink()
                journal.end("stopped")
                _progress(run, "stopped", epoch, epochs)
                return 0
        journal.end("finished")
    _progress(run, "finished", epochs, epochs)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["train"])
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--out")
    parser.add_argument("--data-dir")
    parser.add_argument("--resume")
    parser.add_argument("--model")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _last_epoch(run: Path) -> int:
    journal = run / "metrics.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    return max((line.get("epoch", 0) for line in lines), default=0)


def _progress(run: Path, state: str, epoch: int, epochs: int) -> None:
    me = this_process()
    fields = {"state": state, "pid": me.pid, "process_started_at": me.started_at, "epoch": epoch, "epochs": epochs}
    write_whole(run / "progress.json", json.dumps({**fields, "updated_at": time.time(), "message": ""}))


if __name__ == "__main__":
    sys.exit(main())
