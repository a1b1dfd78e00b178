"""Runs `epochal train` and kills itself, as a power cut would, at one named instant.

    python killed_training.py WHEN NUMBER train DATASET …

WHEN is the name of a step of saving; the process dies by SIGKILL when it comes to it for the NUMBER-th time.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from epochal.cli.main import main
from epochal.graphs.journal import Journal
from epochal.training import loop


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(when: str, number: int) -> None:
    count = [0]

    def is_time() -> bool:
        count[0] += 1
        return count[0] == number

    save, write, rename = loop.save_checkpoint, Journal._append, Path.replace

    def save_checkpoint(path: Path, state: Any) -> None:
        if when == "journal-written" and is_time():
            die()
        save(path, state)
        if when == "checkpoint-renamed" and is_time():
            die()

    def replace(self: Path, target: Any) -> Path:
        if when == "checkpoint-beside" and Path(target).name == "checkpoint.pt" and is_time():
            die()
        return rename(self, target)

    def append(self: Journal, kind: str, fields: Any) -> None:
        if when == "journal-torn" and kind == "epoch" and is_time():
            os.write(self._file, b'{"kind": "epoch", "attempt": 1, "ser')
            die()
        write(self, kind, fields)

    loop.save_checkpoint, Journal._append, Path.replace = save_checkpoint, append, replace  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    del sys.argv[1:3]
    main()
