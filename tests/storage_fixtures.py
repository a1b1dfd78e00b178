"""Both databases and both blob stores, for every test that should hold on each; `tests/conftest.py` loads it."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.migrating import migrate
from postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server of this test session; each test that asks for a database gets its own."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """Its address; it answers."""
    return postgres.url()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'epochal.sqlite'}")
        yield database
        database.close()
        return
    url, name = request.getfixturevalue("postgres_url"), f"test_{uuid.uuid4().hex}"
    server = Database(url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.close()
    database = Database(url.replace("/postgres?", f"/{name}?"))
    yield database
    database.close()


@pytest.fixture
def both_databases(empty_database: Database) -> Database:
    """A database with all tables, once in SQLite and once in PostgreSQL."""
    migrate(empty_database)
    return empty_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with all tables."""
    database = Database(f"sqlite:///{tmp_path / 'epochal.sqlite'}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """A blob store: in S3 beside a PostgreSQL database, as several servers have them, else in a folder.

    So a test of both databases and of blobs holds in either installation, and runs twice, not four times.
    """
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return _empty_store(request, tmp_path, in_s3=parameters.get("empty_database") == "postgresql")


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 on this machine's loopback."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"])),
        }.items():
            patch.setenv(name, value)
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def both_blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty blob store, once in a folder and once in S3."""
    return _empty_store(request, tmp_path, in_s3=request.param == "s3")


def _empty_store(request: pytest.FixtureRequest, folder: Path, *, in_s3: bool) -> BlobStore:
    if not in_s3:
        return BlobStore(folder / "blobs", folder / "cache")
    import boto3

    endpoint, bucket = request.getfixturevalue("s3_endpoint"), f"bucket-{uuid.uuid4().hex}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=bucket)
    return BlobStore(f"s3://{bucket}/blobs", folder / "cache")
