"""The PostgreSQL of the tests is there again for the next test when it died. Run: pytest tests/storage."""

import os
import signal
import time

import pytest
from sqlalchemy import text

from epochal.storage.database import Database
from postgres_server import PostgresServer


def test_server__that_was_killed_is_started_again(capfd: pytest.CaptureFixture[str]) -> None:
    server = PostgresServer()
    try:
        server.url()
        dead = server.pid
        os.kill(dead, signal.SIGKILL)
        while os.waitid(os.P_PID, dead, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            time.sleep(0.01)
        database = Database(server.url())
        with database.read() as session:
            assert session.execute(text("SELECT 1")).scalar_one() == 1
        database.close()
        assert server.pid != dead
    finally:
        server.close()
