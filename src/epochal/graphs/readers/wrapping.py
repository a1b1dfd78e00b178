"""What others put around the lines of a log: Docker, Kubernetes, Slurm, torchrun, Python's logging, grep and cat."""

import json
import re
from collections.abc import Callable
from itertools import pairwise

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)\s|\d{4}-\d\d-\d\dT[\d:.]{8,}\s")
# Pattern, and whether it may differ from line to line.
_PREFIXES = (
    (_TIME, True),  # `docker logs -t`, `kubectl logs --timestamps`, CloudWatch
    (re.compile(r"\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?\] ?"), True),  # `ts` with a form of its own
    # `ts`, and journald, which names host and program too
    (re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:[\w.-]+ [\w.@/-]+\[\d+\]: ?)?"), True),
    (re.compile(r"(?:stdout|stderr) [FP] "), True),  # Kubernetes' own files
    (re.compile(r"(?:\d{1,4}:|[\w.-]+\s*\|) "), False),  # `srun -l`, Docker Compose
    (re.compile(r"\[(?:rank|default)\d+\]:"), True),  # torchrun
    (re.compile(r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]+:"), True),  # Python's logging as it comes
    (re.compile(r"[^\s:,;|\"'{}]{1,200}\.(?:csv|tsv|txt|log|jsonl?|out|err):"), False),  # `grep -H`: the file
)
# Line numbers: how they are written, what may follow the first of them, and the largest step between two. Darknet
# counts its own steps so; behind blanks alone, only the names of columns tell that the number is none of the table's.
_NUMBERS = (
    (re.compile(r"(\d{1,9}):"), re.compile(r"(?! [^ ].{0,200}\bavg\b.*\brate\b)| \d+: "), 10**9),  # `grep -n`
    (re.compile(r" {0,5}(\d{1,9})(?<=[ \d]{6})\t"), re.compile(""), 1),  # `cat -n`: six places and a tab
    (re.compile(r" *(\d{1,9})(?:\t| {1,4}|$)"), re.compile(r"\s*[A-Za-z\"{#]"), 1),  # `nl`, editors
)
_OTHERS = re.compile(r"wandb: ")  # lines of Weights & Biases among the log's; its summary repeats names and numbers
_LOOKED_AT = 400
_MOST_AROUND = 3
_MOST_LINES = 0.8  # of all, that are numbered
Unwrap = Callable[[list[str]], list[str]]


def find_wrapping(lines: list[str]) -> Unwrap:
    """How to take off what stands around every line and is none of the log's.

    Args:
        lines: the first lines of a file.

    Returns:
        A function from all lines to those of the log; what it does not know it leaves as it is.
    """
    told = [line for line in lines if line.strip() and not _OTHERS.match(line)][:_LOOKED_AT]
    if len(told) > 1 and all(_said(line) is not None for line in told[:-1]):
        return _unpack
    found: list[re.Pattern[str]] = []
    while len(told) > 2 and len(found) < _MOST_AROUND and (prefix := _prefix_of(told)) is not None:
        found.append(prefix)
        told = [prefix.sub("", line, count=1) for line in told]

    def unwrap(lines: list[str]) -> list[str]:
        for prefix in found:
            lines = [prefix.sub("", line, count=1) if prefix.match(line) else line for line in lines]
        return [line for line in lines if not _OTHERS.match(line)]

    return unwrap


def _prefix_of(lines: list[str]) -> re.Pattern[str] | None:
    for pattern, may_differ in _PREFIXES:
        if not pattern.match(lines[0]):
            continue
        matches = [match[0] for line in lines if (match := pattern.match(line))]
        if len(matches) == len(lines) and (may_differ or len(set(matches)) == 1):
            return pattern
    return next((pattern for pattern, first, step in _NUMBERS if _are_numbered(lines, pattern, first, step)), None)


def _are_numbered(lines: list[str], pattern: re.Pattern[str], first: re.Pattern[str], step: int) -> bool:
    """Whether most lines begin with a number that rises; a progress bar's carriage returns make lines without one."""
    matches = [match for line in lines if (match := pattern.match(line))]
    if (
        len(matches) < _MOST_LINES * len(lines)
        or not pattern.match(lines[0])
        or not first.match(lines[0], matches[0].end())
    ):
        return False
    numbers = [int(match[1]) for match in matches]
    return numbers[0] > 0 and all(0 < b - a <= step for a, b in pairwise(numbers))


def _said(line: str) -> str | None:
    """What a line of Docker's `…-json.log` holds; None for another line."""
    if not line.startswith('{"') or '"log"' not in line:
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    said = record.get("log") if isinstance(record, dict) and "stream" in record else None
    return said if isinstance(said, str) else None


def _unpack(lines: list[str]) -> list[str]:
    """The lines that a program printed; Docker cuts long ones into pieces, of which only the last has an end."""
    return "".join(said for line in lines if (said := _said(line)) is not None).replace("\r\n", "\n").splitlines()
