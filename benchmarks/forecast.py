"""How well the odds of `still_improving` hold on real logs: cut each, forecast, compare with what came.

    python benchmarks/forecast.py FOLDER_OF_LOGS

For every log with 40 epochs or more, cut at 40, 60 and 80 %: the odds that later epochs beat the best so far by more
than the noise, against whether they did (Brier score; 0 is perfect, 0.25 is a coin), and how often the later best lies
in the 80 % range.
"""

import sys
from pathlib import Path

import numpy as np

from epochal.errors import EpochalError
from epochal.graphs.graph import Series
from epochal.graphs.reading.facts import collect_facts
from epochal.graphs.reading.forecast import forecast
from epochal.graphs.reading.measure import noise_of
from epochal.graphs.sources import read_any


def find_curves(root: Path) -> list[tuple[str, Series]]:
    """(name, mAP by epoch) of every log below a folder that has 40 finite values or more."""
    curves = []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        try:
            curve = collect_facts(read_any(path)).map
        except EpochalError:
            continue
        if curve is not None and len(curve) >= 40 and curve.values.max() > 0.05:
            curves.append((str(path.relative_to(root)), curve.values))
    return curves


def main() -> None:
    """Print one line per share of the run that is seen."""
    curves = find_curves(Path(sys.argv[1]))
    print(f"{len(curves)} logs")
    for share in (0.4, 0.6, 0.8):
        rows = []
        for _, values in curves:
            cut = int(share * len(values))
            margin = noise_of(values[:cut])
            seen = forecast(values[:cut], more=len(values) - cut, margin=margin)
            best, later = values[:cut].max(), values[cut:].max()
            later_best = max(best, later)
            is_inside = seen.low <= later_best <= seen.high
            rows.append((seen.odds, later > best + margin, is_inside, later_best - seen.middle))
        odds, came, inside, error = (np.array(column, float) for column in zip(*rows, strict=True))
        brier, mean_brier = np.mean((odds - came) ** 2), came.mean() * (1 - came.mean())
        print(f"seen {share:.0%}: Brier {brier:.3f} (always saying the mean: {mean_brier:.3f})")
        print(f"    inside the 80 % range {inside.mean():.2f}, median error {np.median(error):+.4f}")
        for low, high in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.01)):
            chosen = (odds >= low) & (odds < high)
            if chosen.any():
                came_true = came[chosen].mean()
                print(f"    odds {low:.2f} to {min(high, 1):.2f}: {chosen.sum()} runs, came true {came_true:.2f}")


if __name__ == "__main__":
    main()
