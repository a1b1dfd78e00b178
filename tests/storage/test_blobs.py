"""What is put can be got, once, from a folder and from S3 alike."""

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from epochal.errors import BadInput, NotFound
from epochal.storage.blobs import BlobStore, hash_file


def test_bytes_come_back_by_their_hash(both_blobs: BlobStore) -> None:
    sha256 = both_blobs.put(b"a picture")
    assert sha256 == hashlib.sha256(b"a picture").hexdigest()
    assert both_blobs.get(sha256) == b"a picture"
    assert both_blobs.size_bytes(sha256) == 9
    assert both_blobs.has(sha256)
    assert both_blobs.local_path(sha256).read_bytes() == b"a picture"


def test_the_same_bytes_are_kept_once(both_blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"twice")
    assert both_blobs.put(b"twice") == both_blobs.put(b"twice") == both_blobs.put_file(tmp_path / "file")
    assert list(both_blobs.names()) == [hashlib.sha256(b"twice").hexdigest()]


def test_many_threads_may_put_the_same(both_blobs: BlobStore) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(both_blobs.put(b"x" * 100_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 1
    assert both_blobs.get(names[0]) == b"x" * 100_000


def test_a_large_one_is_streamed_whole_and_in_part(both_blobs: BlobStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_000  # 3 MB: more than one piece
    (tmp_path / "large").write_bytes(content)
    sha256 = both_blobs.put_file(tmp_path / "large")
    assert sha256 == hash_file(tmp_path / "large")
    assert b"".join(both_blobs.stream(sha256)) == content
    assert b"".join(both_blobs.stream(sha256, 100, 2_000_100)) == content[100:2_000_100]


def test_what_is_deleted_is_gone_and_may_be_deleted_again(both_blobs: BlobStore) -> None:
    sha256 = both_blobs.put(b"gone")
    both_blobs.delete(sha256)
    both_blobs.delete(sha256)
    assert not both_blobs.has(sha256)
    with pytest.raises(NotFound, match="not in the store"):
        both_blobs.get(sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "0" * 64 + "/.."])
def test_a_name_that_is_no_hash_is_not_looked_for(both_blobs: BlobStore, name: str) -> None:
    with pytest.raises(NotFound, match="expected a sha256"):
        both_blobs.get(name)


def test_an_address_of_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a folder or s3://"):
        BlobStore("ftp://host/folder", tmp_path)


def test_all_of_some_go_at_once_with_their_local_copies(both_blobs: BlobStore) -> None:
    names = [both_blobs.put(bytes([number])) for number in range(3)]
    paths = [both_blobs.local_path(name) for name in names]
    both_blobs.delete_all([*names[:2], "0" * 64])
    assert list(both_blobs.names()) == names[2:]
    assert [path.exists() for path in paths] == [False, False, True]
    with pytest.raises(NotFound):
        both_blobs.local_path(names[0])


def test_copies_that_nobody_used_are_forgotten(both_blobs: BlobStore, tmp_path: Path) -> None:
    old, used = both_blobs.put(b"old"), both_blobs.put(b"used")
    for name in (old, used):
        os.utime(both_blobs.local_path(name), (1.0, 1.0))
    both_blobs.local_path(used)
    is_copy = not (tmp_path / "blobs").is_dir()
    assert both_blobs.forget_copies(time.time() - 60) == (1 if is_copy else 0)
    assert (both_blobs.get(old), both_blobs.get(used)) == (b"old", b"used")
    assert both_blobs.local_path(old).read_bytes() == b"old"


def test_new_bytes_are_told_from_those_that_are_there(both_blobs: BlobStore) -> None:
    sha256 = hashlib.sha256(b"once").hexdigest()
    assert [both_blobs.put_new(b"once", sha256) for _ in range(2)] == [True, False]


def test_pages_leave_out_what_is_too_new(both_blobs: BlobStore) -> None:
    names = {both_blobs.put(bytes([number])) for number in range(5)}
    assert {name for page in both_blobs.pages(put_before=time.time() + 60) for name in page} == names
    assert [name for page in both_blobs.pages(put_before=time.time() - 60) for name in page] == []
