"""A run, or several, as an SVG drawing that stands alone: for papers, slides and documents."""

import html
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from epochal.graphs.bridging import drawn_column
from epochal.graphs.document import Document
from epochal.graphs.graph import Series
from epochal.graphs.series import MAP50, MAP50_95, describe
from epochal.graphs.smoothing import smooth_ema
from epochal.graphs.thinning import thin

WIDTH, PANEL_HEIGHT = 720, 232
_LEFT, _RIGHT, _TOP, _FOOT, _HEAD = 52, 168, 36, 24, 34
_WORDS = {"warmup_end": "warm-up ends", "lr_drop": "learning rate drops", "resume": "resumed", "stop": "stopped",
          "nan": "NaN"}  # fmt: skip
_LETTER, _ROW, _ROWS = (
    5.5,
    11,
    3,
)  # of words beside marks: about a letter's width; height and number of rows
_PEAKS_MAX = 3.0  # peaks higher than so many times nearly all values lie at the edge, and it is said
# Told apart by people who see colours differently (Okabe and Ito 2008), and by dashes.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#555555")
_RUN_LINES_MAX = 40
_MISSING_MAX = 200
_MAP_SPAN_MIN = 0.1  # an mAP that jumps between 0 and 0.005 shall look as flat as it is
_DRAWABLE_MAX = (
    1e12  # a loss beyond it has blown up and is drawn at the edge; so a picture's arithmetic cannot overflow
)


class Line(NamedTuple):
    """A curve to draw: title, x and y of equal length, NaN for gaps, colour and whether it is dashed."""

    title: str
    x: Series
    y: Series
    colour: str
    dashed: bool = False


class Mark(NamedTuple):
    """Something at an epoch: a word beside the line, and the sentence that a pointer shows."""

    epoch: float
    word: str
    sentence: str


class Panel(NamedTuple):
    """One pair of axes: title, curves, marks, values that are no numbers, whether y is a fraction, a band or None."""

    title: str
    lines: Sequence[Line]
    marks: Sequence[Mark]
    missing: Sequence[Mark]
    is_fraction: bool
    band: tuple[Series, Series, Series] | None = None


def format_svg(documents: Sequence[Document], *, smoothing: float = 0.0) -> str:
    """Draw one run in two panels, mAP above and losses below; of several runs mAP_0.5:0.95 in one panel.

    Args:
        documents: one or more graph documents.
        smoothing: weight of the moving average, 0 to below 1; with one, the raw line stays, pale.

    Returns:
        SVG text. Names from the log are escaped.
    """
    panels = _run_panels(documents[0]) if len(documents) == 1 else [_runs_panel(documents)]
    drawn = [_draw_panel(panel, _HEAD + at * PANEL_HEIGHT, smoothing) for at, panel in enumerate(panels)]
    height = _HEAD + len(panels) * PANEL_HEIGHT + 8
    title = documents[0]["name"] if len(documents) == 1 else f"{len(documents)} runs"
    if smoothing:
        title += f" · smoothed, weight {smoothing:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#222">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="12" y="22" font-size="15" font-weight="600">{_text(title)}</text>{"".join(drawn)}</svg>\n'
    )


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` round numbers, 1, 2 or 5 times a power of ten apart, inside the range."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= raw)
    first = math.ceil(low / step)
    return [at * step for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _run_panels(document: Document) -> list[Panel]:
    marks = [
        Mark(e["epoch"], _WORDS.get(e["event"], e["event"].replace("_", " ")), str(e["label"]))
        for e in document["events"]
    ]
    best = document["best"]
    if best:
        value = f"{best['value']:.3f}"
        peak = [Mark(best["epoch"], f"best {value}", f"best epoch {best['epoch']}: {value}")]
    else:
        peak = []
    losses = [key for key in document["series"] if describe(key).group == "losses"][:8]
    maps = [key for key in (MAP50_95, MAP50) if key in document["series"]]
    panels = []
    if maps:
        band = _band_of(document)
        panels.append(Panel("mAP", _lines(document, maps), peak + marks, _missing(document, maps), True, band))
    if losses:
        panels.append(Panel("losses", _lines(document, losses), marks, _missing(document, losses), False))
    return panels


def _lines(document: Document, keys: list[str]) -> list[Line]:
    """One colour for a loss, dashed where it is the train split's; as on the page."""
    x = np.array(document["epochs"], float)
    names = list(dict.fromkeys(key.partition("/")[2] for key in keys))
    colours = {name: _COLOURS[at % len(_COLOURS)] for at, name in enumerate(names)}
    colours[MAP50.partition("/")[2]] = _COLOURS[2]
    lines = []
    for key in keys:
        split, _, name = key.partition("/")
        lines.append(Line(describe(key).title, x, drawn_column(document, key), colours[name], split == "train"))
    return lines


def _missing(document: Document, keys: list[str]) -> list[Mark]:
    return [Mark(m["epoch"], "×", f"{m['series']} is {m['value']}") for m in document["marks"] if m["series"] in keys]


def _runs_panel(documents: Sequence[Document]) -> Panel:
    lines = []
    for at, document in enumerate(documents[:_RUN_LINES_MAX]):
        key = next((key for key in (MAP50_95, MAP50) if key in document["series"]), None)
        if key is not None:
            colour, dashed = _COLOURS[at % len(_COLOURS)], at // len(_COLOURS) % 2 == 1
            x = np.array(document["epochs"], float) + 1 - document["first_epoch"]
            lines.append(Line(str(document["name"]), x, drawn_column(document, key), colour, dashed))
    return Panel("mAP_0.5:0.95", lines, [], [], True)


def _band_of(document: Document) -> tuple[Series, Series, Series] | None:
    low, high = f"{MAP50_95}/low", f"{MAP50_95}/high"
    if low not in document["series"] or high not in document["series"]:
        return None
    return np.array(document["epochs"], float), drawn_column(document, low), drawn_column(document, high)


class _Frame(NamedTuple):
    """Where values lie on the paper."""

    low_x: float
    high_x: float
    low_y: float
    high_y: float
    top: float
    beyond: tuple[int, float] = (
        0,
        0.0,
    )  # values drawn at the upper edge: how many, the highest

    def x(self, value: float) -> float:
        return _LEFT + (value - self.low_x) / (self.high_x - self.low_x) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        bottom, height = self.top + PANEL_HEIGHT - _FOOT, PANEL_HEIGHT - _TOP - _FOOT
        return bottom - (value - self.low_y) / (self.high_y - self.low_y) * height


def _frame_of(panel: Panel, top: float) -> _Frame:
    xs = np.concatenate([np.array([]), *(line.x for line in panel.lines)])
    ys = np.concatenate([np.array([]), *(line.y[np.isfinite(line.y)] for line in panel.lines)])
    finite, ys = ys, ys[np.abs(ys) < _DRAWABLE_MAX]
    high = _high_of(ys, panel.is_fraction)
    low = min(0.0, float(ys.min())) if len(ys) else 0.0
    high = high * 1.05 if high - low > 1e-12 else low + 1.0
    high = min(high, 1.0) if panel.is_fraction and high > 0.9 else high
    above = finite[finite > high]
    first, last = (float(xs.min()), float(xs.max())) if len(xs) else (0.0, 1.0)
    beyond = (len(above), float(above.max())) if len(above) else (0, 0.0)
    return _Frame(first, last if last > first else first + 1, low, high, top, beyond)


def _high_of(values: Series, is_fraction: bool) -> float:
    """The highest value that is drawn in its place."""
    if not len(values):
        return 1.0
    most, usual = float(values.max()), float(np.quantile(values, 0.995))
    if is_fraction:
        return max(most, _MAP_SPAN_MIN)
    return most if most <= _PEAKS_MAX * usual else usual


def _draw_panel(panel: Panel, top: float, smoothing: float) -> str:
    frame = _frame_of(panel, top)
    count, highest = frame.beyond
    beyond = (
        f" · {count} value{'s' * (count > 1)} up to {highest:.3g} lie{'s' * (count == 1)} at the edge" if count else ""
    )
    title = f'<tspan font-weight="600">{_text(panel.title)}</tspan>{beyond}'
    parts = [f'<text x="{_LEFT}" y="{top + 16}">{title}</text>', *_draw_axes(frame)]
    if panel.band is not None:
        parts.append(_draw_band(panel.band, frame))
    for line in panel.lines:
        if smoothing:
            parts.append(_draw_line(line, frame, opacity=0.25))
            line = line._replace(y=smooth_ema(line.y, smoothing))
        parts.append(_draw_line(line, frame))
    inside = [mark for mark in panel.marks if frame.low_x <= mark.epoch <= frame.high_x]
    parts += [_draw_mark(mark, frame, row) for mark, row in zip(inside, _rows_of(inside, frame), strict=True)]
    parts += [_draw_missing(mark, frame) for mark in panel.missing[:_MISSING_MAX]]
    parts += _draw_legend(panel.lines, top)
    return "".join(parts)


def _draw_axes(frame: _Frame) -> Iterator[str]:
    left, right, bottom = _LEFT, WIDTH - _RIGHT, frame.y(frame.low_y)
    for value in nice_ticks(frame.low_y, frame.high_y, 5):
        y = frame.y(value)
        yield f'<path d="M{left} {y:.1f}H{right}" stroke="#e2e2e2"/>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    for value in nice_ticks(frame.low_x, frame.high_x, 6):
        if value == int(value):
            yield f'<text x="{frame.x(value):.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{int(value)}</text>'
    yield f'<text x="{right + 16}" y="{bottom + 16:.1f}">epoch</text>'


def _draw_line(line: Line, frame: _Frame, *, opacity: float = 1.0) -> str:
    kept = thin(line.y, WIDTH)
    path, is_down = [], False
    for at in kept:
        if not math.isfinite(line.y[at]):
            is_down = False
            continue
        y = min(frame.high_y, max(frame.low_y, float(line.y[at])))
        place = f"{frame.x(float(line.x[at])):.1f} {frame.y(y):.1f}"
        path.append(f"L{place}" if is_down else f"M{place}h0")  # a point alone is a dot
        is_down = True
    dash = ' stroke-dasharray="5 3"' if line.dashed else ""
    fade = f' opacity="{opacity}"' if opacity < 1 else ""
    style = f'fill="none" stroke="{line.colour}" stroke-width="1.6" stroke-linecap="round"'
    return f'<path d="{"".join(path)}" {style}{dash}{fade}/>'


def _draw_band(band: tuple[Series, Series, Series], frame: _Frame) -> str:
    x, low, high = band
    here = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    here = here[thin(high[here], WIDTH)]
    there = [(float(x[at]), float(high[at])) for at in here] + [(float(x[at]), float(low[at])) for at in here[::-1]]
    points = " ".join(f"{frame.x(px):.1f},{frame.y(min(frame.high_y, py)):.1f}" for px, py in there)
    return f'<polygon points="{points}" fill="{_COLOURS[0]}" opacity="0.15"/>'


def _word_of(mark: Mark, frame: _Frame) -> tuple[float, float, bool]:
    """From where to where the word beside a mark goes, and whether it stands on the line's left."""
    x, width = frame.x(mark.epoch), _LETTER * len(mark.word)
    is_left = x + 3 + width > WIDTH - _RIGHT
    return (x - 3 - width, x - 3, True) if is_left else (x + 3, x + 3 + width, False)


def _rows_of(marks: Sequence[Mark], frame: _Frame) -> list[int]:
    """A row for each word so that none covers another, the first above the curves; -1 where there is no room."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_ROWS)]
    rows = []
    for mark in marks:
        left, right, _ = _word_of(mark, frame)
        free = (row for row, words in enumerate(taken) if all(right < a - 4 or left > b + 4 for a, b in words))
        rows.append(next(free, -1))
        if rows[-1] >= 0:
            taken[rows[-1]].append((left, right))
    return rows


def _draw_mark(mark: Mark, frame: _Frame, row: int) -> str:
    x, top, bottom = frame.x(mark.epoch), frame.top + _TOP, frame.y(frame.low_y)
    line = (
        f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="#888" stroke-dasharray="2 3">'
        f"<title>{_text(mark.sentence)}</title></path>"
    )
    if row < 0:
        return line
    left, right, is_left = _word_of(mark, frame)
    place = f'x="{right if is_left else left:.1f}" y="{top - 4 + _ROW * row:.1f}"'
    anchor = "end" if is_left else "start"
    return f'{line}<text {place} font-size="10" fill="#555" text-anchor="{anchor}">{_text(mark.word)}</text>'


def _draw_missing(mark: Mark, frame: _Frame) -> str:
    """A cross at the top: a NaN is a mark, never a gap without a sign."""
    x, y = frame.x(mark.epoch), frame.top + _TOP + 4
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="#c00" text-anchor="middle">{mark.word}'
        f"<title>{_text(mark.sentence)}</title></text>"
    )


def _draw_legend(lines: Sequence[Line], top: float) -> Iterator[str]:
    x = WIDTH - _RIGHT + 10
    for at, line in enumerate(lines[:11]):
        y = top + _TOP + 10 + 16 * at
        dash = ' stroke-dasharray="5 3"' if line.dashed else ""
        yield f'<path d="M{x} {y - 4}h18" stroke="{line.colour}" stroke-width="2"{dash}/>'
        yield f'<text x="{x + 24}" y="{y}">{_text(line.title[:22])}</text>'
    if len(lines) > 11:
        yield f'<text x="{x}" y="{top + _TOP + 10 + 16 * 11}">and {len(lines) - 11} more</text>'


def _text(value: object) -> str:
    """Escaped, without what XML cannot hold."""
    clean = "".join(sign if sign.isprintable() else "�" for sign in str(value))
    return html.escape(clean)
