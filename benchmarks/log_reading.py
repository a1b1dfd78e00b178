"""Which training logs are read, fully or partly, and which are refused why: a table by format, and the time it takes.

Run: python benchmarks/log_reading.py [FOLDER]; without FOLDER the shared real logs (`EPOCHAL_TEST_DATA`/training-logs).
An `index.csv` in the folder with columns `file` and `family` names the formats; else the reader's own names are used.

"Fully" means: epochs as the log counts them, losses of training, and mAP of boxes. "Partly": one of these is not in the
log or not known, as with losses only.
"""

import csv
import os
import statistics
import sys
import time
import traceback
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from epochal.errors import EpochalError
from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log
from epochal.graphs.readers.settings import NAMES

MAPS = ("metrics/mAP_0.5:0.95", "metrics/mAP_0.5")


@dataclass
class Tally:
    files: int = 0
    fully: int = 0
    reasons: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    crashes: int = 0
    ms: list[float] = field(default_factory=list)


def lacks(graph: Graph) -> str:
    """What a graph lacks for a full reading; empty when nothing."""
    missing = []
    if not any(key in graph.series for key in MAPS):
        missing.append("no mAP of boxes")
    if not any(key.startswith("train/") and key.endswith("_loss") for key in graph.series):
        missing.append("no train loss")
    if "step" in graph.series:
        missing.append("epochs made from steps")
    return ", ".join(missing)


def families(folder: Path) -> dict[str, str]:
    index = folder / "index.csv"
    if not index.is_file():
        return {}
    with index.open(encoding="utf-8") as file:
        return {row["file"]: row["family"] for row in csv.DictReader(file) if "file" in row and "family" in row}


def main() -> int:
    here = Path(os.environ.get("EPOCHAL_TEST_DATA", Path(__file__).parents[2] / "shared")) / "training-logs"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here
    known = families(folder)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name in (*NAMES, "README.md", "index.csv"):
            continue
        start = time.process_time()
        family = known.get(name) or ("made from real ones" if name.startswith("derived/") else "")
        try:
            graph = read_log(path)
        except EpochalError as error:
            tally = tallies[family or "refused"]
            tally.refusals[str(error).removeprefix(str(path)).split(";")[0].strip()] += 1
        except Exception:
            traceback.print_exc()
            tally = tallies[family or "crashed"]
            tally.crashes += 1
        else:
            tally = tallies[family or (f"{graph.format} beside another log" if known else graph.format)]
            reason = lacks(graph)
            tally.fully += not reason
            if reason:
                tally.reasons[reason] += 1
        tally.files += 1
        tally.ms.append(1000 * (time.process_time() - start))
    return report(tallies)


def report(tallies: dict[str, Tally]) -> int:
    print("| format | files | fully | partly | refused | why |\n|---|---|---|---|---|---|")
    for family, tally in sorted(tallies.items()):
        why = [f"{text} ({count})" for text, count in {**tally.reasons, **tally.refusals}.items()]
        cells = (
            family,
            tally.files,
            tally.fully,
            sum(tally.reasons.values()),
            sum(tally.refusals.values()),
            "; ".join(why),
        )
        print("| " + " | ".join(map(str, cells)) + " |")
    all_ms = [value for tally in tallies.values() for value in tally.ms]
    files, refused = len(all_ms), sum(sum(tally.refusals.values()) for tally in tallies.values())
    crashes = sum(tally.crashes for tally in tallies.values())
    print(f"\n{files} files: {files - refused - crashes} read, {refused} refused, {crashes} tracebacks;", end=" ")
    print(f"median {statistics.median(all_ms):.1f} ms, longest {max(all_ms):.0f} ms of CPU.")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
