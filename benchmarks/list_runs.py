"""How long the list of 500 runs takes: the first time, and when nothing or one run has changed.

python benchmarks/list_runs.py

Prints one JSON object. Each run has 50 epochs of 24 series, as a training of three classes writes them.
"""

import json
import shutil
import tempfile
import time
from pathlib import Path

from epochal.graphs.journal import Journal
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.runs import RunIndex

RUNS, EPOCHS = 500, 50
KEYS = ["train/box_loss", "train/cls_loss", "val/box_loss", "val/cls_loss", "lr", "time/epoch_s", "metrics/precision"]
KEYS += [f"metrics/{name}{end}" for name in ("mAP_0.5", "mAP_0.5:0.95") for end in ("", "/low", "/high")]
KEYS += ["metrics/recall", "metrics/confidence", "lr/muon", "lr/adamw", "time/val_s"]
KEYS += [f"class/{name}/{ap}" for name in ("a", "b", "c") for ap in ("AP_0.5", "AP_0.5:0.95")]


def write_run(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text(json.dumps({"name": folder.name, "recipe": {"model": "fast-n"}}))
    ended = {"state": "finished", "pid": 1, "process_started_at": 0.0, "epoch": EPOCHS, "epochs": EPOCHS}
    (folder / "progress.json").write_text(json.dumps({**ended, "updated_at": time.time(), "message": ""}))
    with Journal(folder) as journal:
        journal.start(name=folder.name, epochs_planned=EPOCHS, seed=0)
        for epoch in range(1, EPOCHS + 1):
            journal.epoch(epoch, {key: 1 / (epoch + place) for place, key in enumerate(KEYS)})
        journal.end("finished")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        data = DataFolder(Path(name))
        write_run(data.runs_folder / "cells-0")
        for number in range(1, RUNS):
            shutil.copytree(data.runs_folder / "cells-0", data.runs_folder / f"cells-{number}")
        index, times_ms = RunIndex(data), {}
        for what in ("first", "again", "one_changed"):
            if what == "one_changed":
                with Journal(data.runs_folder / "cells-7") as journal:
                    journal.epoch(EPOCHS, {"metrics/mAP_0.5:0.95": 0.5})
            begun = time.process_time()
            assert len(index.summaries()) == RUNS
            times_ms[f"{what}_ms"] = round((time.process_time() - begun) * 1000)
        print(json.dumps({"runs": RUNS, "epochs": EPOCHS, "series": len(KEYS), **times_ms}))


if __name__ == "__main__":
    main()
