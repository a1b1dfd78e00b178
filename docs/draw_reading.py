"""Draw docs/reading/*.svg and write docs/graph-findings.md, all from the code: `python docs/draw_reading.py`.

The curves come from formulas with seeded noise; a test checks that each is read as the verdict that it shows.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.document import build_document
from epochal.graphs.graph import Event, Graph
from epochal.graphs.reading.commands import COMMANDS
from epochal.graphs.reading.finding_words import FINDING_WORDS
from epochal.graphs.reading.thresholds import THRESHOLDS
from epochal.graphs.reading.words import VERDICT_WORDS, Words
from epochal.graphs.svg import format_svg

DOCS = Path(__file__).parent
FOLDER = DOCS / "reading"
MAP, LOOSE = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"
Curve = NDArray[np.float64]


class Drawing:
    """A run of `count` epochs, drawn from formulas."""

    def __init__(self, count: int = 100, seed: int = 0) -> None:
        self.x = np.arange(1, count + 1) / count
        self._random = np.random.default_rng(seed)

    def noise(self, size: float) -> Curve:
        """Normal noise of that standard deviation."""
        return self._random.normal(0, size, len(self.x))

    def climb(self, top: float, speed: float, noise: float = 0.004) -> Curve:
        """An mAP that rises to `top` and levels."""
        return np.clip(top * (1 - np.exp(-speed * self.x)) + self.noise(noise), 0, 1)

    def fall(self, top: float, bottom: float, speed: float = 5, noise: float = 0.01) -> Curve:
        """A loss that falls from `top` to `bottom` and levels."""
        return bottom + (top - bottom) * np.exp(-speed * self.x) + self.noise(noise)

    def run(self, name: str, strict: Curve | None, *, events: tuple[Event, ...] = (), **losses: Curve) -> Graph:
        """The graph of it; losses not given are those of a healthy run."""
        columns = {
            "train/box_loss": losses.get("train_box", self.fall(1.9, 0.7)),
            "val/box_loss": losses.get("val_box", self.fall(2.0, 0.9)),
            "train/cls_loss": losses.get("train_cls", self.fall(2.6, 0.5)),
            "val/cls_loss": losses.get("val_cls", self.fall(2.7, 0.7)),
        }
        if strict is not None:
            columns |= {LOOSE: np.clip(strict * 1.45, 0, 0.99), MAP: strict}
        columns = {key: np.round(values, 4) for key, values in columns.items()}
        present = {key: np.ones(len(self.x), np.bool_) for key in columns}
        epochs = np.arange(1, len(self.x) + 1)
        return Graph(name, "drawn", name, epochs, columns, present, epochs_planned=len(self.x), events=events)


def draw_examples() -> dict[str, Graph]:
    """One run for each verdict, by its name."""
    d = Drawing()
    turn = np.maximum(0, d.x - 0.35)
    mosaic = Event(90, "mosaic_off", "Mosaic was switched off for the last epochs.")
    broken = d.fall(1.9, 0.7)
    broken[62:] = np.nan
    gone = d.climb(0.5, 4)
    gone[62:] = 0
    flat_loss = d.fall(1.9, 1.8, noise=0.02)
    short = Drawing(7)
    return {
        "healthy_converged": d.run("healthy: levels late", d.climb(0.52, 5.2, 0.003), events=(mosaic,)),
        "improving_still": d.run("still improving at the end", 0.04 + d.climb(0.7, 0.9, 0.004)),
        "plateaued": d.run("plateau: flat for two thirds of the run", d.climb(0.48, 14, 0.003)),
        "overfitting": d.run(
            "overfitting: val turns up, mAP turns down", d.climb(0.5, 9) - 0.13 * turn,
            val_box=d.fall(2.0, 1.0, 9) + 0.4 * turn, val_cls=d.fall(2.7, 0.8, 9) + 1.1 * turn,
        ),
        "unstable_noisy": d.run("unstable: no trend can be trusted", np.clip(d.climb(0.3, 9) + d.noise(0.06), 0.02, 1)),
        "diverged_or_nan": d.run("diverged: the train loss became NaN", gone, train_box=broken),
        "not_learning": d.run(
            "not learning: mAP stays at 0", np.abs(d.noise(0.002)), train_box=flat_loss, val_box=flat_loss + 0.05
        ),
        "too_short_to_tell": short.run("too short: seven epochs", short.climb(0.4, 2)),
        "cannot_tell": d.run("cannot tell: the log has no mAP", None),
    }  # fmt: skip


def format_findings_page() -> str:
    """The page of all verdicts, findings and thresholds."""
    parts = [
        "# Findings",
        "What the reading can say, from its own tables in `src/epochal/graphs/reading/`. Written by "
        "`docs/draw_reading.py`.",
        "## Verdicts",
        *(_format_words(key, words) for key, words in VERDICT_WORDS.items()),
        "## Findings beside the verdict",
        *(_format_words(key, words) for key, words in FINDING_WORDS.items()),
        "## Thresholds",
        "“expert” are limits that experts use for such graphs; “choice” are ours. Both were checked on real logs.",
        "| name | value | what it limits | source |\n|---|---|---|---|\n"
        + "\n".join(f"| `{key}` | {t.value:g} | {t.meaning} | {t.source} |" for key, t in THRESHOLDS.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _format_words(key: str, words: Words) -> str:
    message, remedy = (re.sub(r"\{(\w+)[^}]*\}", r"‹\1›", text) for text in (words.message, words.remedy))
    return (
        f"### `{key}`\n\n{message}\n\n- **Do:** {remedy}\n{_format_command(key)}- **Rule:** {words.rule}\n"
        f"- **Source:** {words.source}\n"
        f"- **What would change it:** {words.would_change}"
    )


def _format_command(key: str) -> str:
    found = COMMANDS[key]
    own = f"; after a run of ours `{found.own}`" if found.own else ""
    text = (f"`{found.any.replace('{longer}', 'EPOCHS')}`" if found.any else "") + own
    return f"- **Command:** {text.removeprefix('; ')}\n" if text else ""


def main() -> None:
    """Write the drawings and the page."""
    FOLDER.mkdir(exist_ok=True)
    for verdict, graph in draw_examples().items():
        (FOLDER / f"{verdict}.svg").write_text(format_svg([build_document(graph)]), "utf-8")
    (DOCS / "graph-findings.md").write_text(format_findings_page(), "utf-8")


if __name__ == "__main__":
    main()
