"""A PostgreSQL server of a test session, in a process and a folder of its own.

Started here and not by `pgserver`, whose programs it runs: that one gives up after 10 s, which a busy machine needs for
a start, and gives out a server that never started when it is asked again; it also ends every server whose data folder
has the path of a new one, such as that of another session with the same `--basetemp`.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

STARTS_WITHIN_S = 120
# What is in it is thrown away: no waiting for the disk, which takes minutes when many tests end at once.
OPTIONS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """One server. `url` starts it, again when it is gone; `close` ends it and removes its data."""

    def __init__(self) -> None:
        """Choose the folder; nothing runs yet."""
        # Not in pytest's folder: the next session with the same --basetemp empties it, and a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="epochal-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def url(self) -> str:
        """Its address, when it answers.

        Raises:
            RuntimeError: it does not start; with the end of its log.
        """
        if self._process is not None and self._process.poll() is not None:
            told = f"PostgreSQL ended with {self._process.returncode}; it is started again. {self._last_words()}"
            print(told, file=sys.__stderr__, flush=True)  # a test of something else need not fail for it
            self._process = None
        if self._process is None:
            self._start()
        return f"postgresql://postgres@/postgres?host={self._folder}"

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    def close(self) -> None:
        """End it; no data is kept."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once
            self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        data, user = self._folder / f"data{self._starts}", _its_user()
        self._starts += 1
        data.mkdir()
        if user is not None:
            for path in (self._folder, data):
                shutil.chown(path, user)
        made = subprocess.run(
            [_program("initdb"), "-D", data, "-A", "trust", "-E", "utf8", "-U", "postgres", "--no-sync"],
            capture_output=True, text=True, user=user, cwd=self._folder, check=False,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        options = [word for option in OPTIONS for word in ("-c", option)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", data, "-k", self._folder, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the tests
            )  # fmt: skip
        end = time.monotonic() + STARTS_WITHIN_S
        while "ready to accept connections" not in self._log_of(self._starts):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start within {STARTS_WITHIN_S} s. {self._last_words()}")
            time.sleep(0.05)

    def _log_of(self, start: int) -> str:
        parts = (self._folder / "log").read_text("utf-8", "replace").split("starting PostgreSQL")
        return parts[start] if len(parts) > start else ""

    def _last_words(self) -> str:
        lines = (self._folder / "log").read_text("utf-8", "replace").splitlines()
        return "The end of its log:\n" + "\n".join(lines[-15:])


def _program(name: str) -> Path:
    return _programs() / name


def _programs() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR, it says which folder it takes instead
        import pgserver

    return Path(pgserver.__file__).parent / "pginstall" / "bin"


def _its_user() -> str | None:
    """PostgreSQL does not run as root: an account that may enter its programs' folder then; None: our own."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    programs = _programs()
    from pgserver import utils

    utils.ensure_user_exists("pgserver")
    utils.ensure_prefix_permissions(programs)
    utils.ensure_folder_permissions(programs, 0o555)
    for name in ("lib", "share"):
        utils.ensure_folder_permissions(programs.parent / name, 0o444)
    return "pgserver"
