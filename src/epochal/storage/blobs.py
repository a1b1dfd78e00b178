"""Files by the sha256 of their bytes: stored once, never changed, in a folder or in S3.

Because a name says what is in the file, a second upload of the same bytes costs nothing and a race is harmless.
"""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from epochal.errors import BadInput, Failed, NotFound, StorageFull
from epochal.storage.whole_files import whole_file

_CHUNK_BYTES = 1 << 20
_PAGE = 500
_USED_WITHIN_S = 86_400.0  # a copy that is used is touched once a day, not every time


def hash_file(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_bytes(data: bytes) -> str:
    """sha256 of bytes, in hex: the name of their blob."""
    return hashlib.sha256(data).hexdigest()


class BlobStore:
    """A store of blobs. Safe to use from several threads and processes."""

    def __init__(self, url: str | Path, cache: Path) -> None:
        """Name a store.

        Args:
            url: a folder, or `s3://BUCKET/PREFIX` with the usual AWS_… environment variables (AWS_ENDPOINT_URL for
                another's S3).
            cache: a folder for local copies of what is kept elsewhere.

        Raises:
            BadInput: it is neither.
        """
        self._cache = cache
        self._folder: Path | None = None
        if isinstance(url, Path) or "://" not in url:
            self._folder = Path(url).expanduser().absolute()
            self._store: ObjectStore = LocalStore(self._folder, mkdir=True)
        elif url.startswith("s3://"):
            endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
            self._store = from_url(url, client_options={"allow_http": endpoint.startswith("http://")})
        else:
            raise BadInput(f"{url!r} names no blob store; expected a folder or s3://BUCKET/PREFIX.")

    def put(self, data: bytes, sha256: str = "") -> str:
        """Keep bytes.

        Args:
            data: the whole content.
            sha256: of it, of `hash_bytes`, where it is known already.

        Returns:
            Their sha256, which is their name.

        Raises:
            StorageFull: no space is left.
            Failed: the store does not answer.
        """
        sha256 = sha256 or hash_bytes(data)
        self._create(sha256, data)
        return sha256

    def put_new(self, data: bytes, sha256: str) -> bool:
        """As `put`; says whether they were new, because what was there already may be removed with an old row's end."""
        return self._create(sha256, data)

    def put_file(self, path: Path) -> str:
        """Keep a file of any size; as `put`."""
        sha256 = hash_file(path)
        self._create(sha256, path)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of a blob. Raises NotFound."""
        with _told_plainly(sha256):
            return bytes(obstore.get(self._store, _key(sha256)).bytes())

    def stream(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes of a blob in pieces, from `start` up to before `end`. Raises NotFound."""
        at, stop = start, self.size_bytes(sha256) if end is None else end
        while at < stop:
            with _told_plainly(sha256):
                piece = bytes(obstore.get_range(self._store, _key(sha256), start=at, end=min(at + _CHUNK_BYTES, stop)))
            yield piece
            at += len(piece)

    def size_bytes(self, sha256: str) -> int:
        """How large a blob is. Raises NotFound."""
        with _told_plainly(sha256):
            return int(obstore.head(self._store, _key(sha256))["size"])

    def has(self, sha256: str) -> bool:
        """Whether a blob is there."""
        try:
            self.size_bytes(sha256)
        except NotFound:
            return False
        return True

    def delete(self, sha256: str) -> None:
        """Remove a blob that nothing names any more; one that is not there is no error."""
        with suppress(NotFound), _told_plainly(sha256):
            obstore.delete(self._store, _key(sha256))
        if self._folder is None:
            (self._cache / _key(sha256)).unlink(missing_ok=True)

    def delete_all(self, sha256s: Sequence[str]) -> None:
        """Remove blobs as `delete` does; in S3 by one request for up to a thousand."""
        with suppress(NotFound), _told_plainly("all"):
            obstore.delete(self._store, [_key(sha256) for sha256 in sha256s if self._folder is None])
        for sha256 in sha256s:
            if self._folder is not None:
                self.delete(sha256)
            else:
                (self._cache / _key(sha256)).unlink(missing_ok=True)

    def forget_copies(self, used_before: float) -> int:
        """Remove local copies of what is kept elsewhere that were last used before a time; they are fetched anew.

        Args:
            used_before: seconds since 1970.

        Returns:
            How many were removed.
        """
        removed = 0
        for path in self._cache.glob("??/*") if self._folder is None else ():
            with suppress(FileNotFoundError):  # another process was quicker
                if path.stat().st_mtime < used_before:
                    path.unlink()
                    removed += 1
        return removed

    def names(self) -> Iterator[str]:
        """The sha256 of every blob."""
        for page in self.pages():
            yield from page

    def pages(self, *, put_before: float = float("inf")) -> Iterator[list[str]]:
        """The sha256 of every blob, some hundreds at a time.

        Args:
            put_before: seconds since 1970; what came later is left out.
        """
        with _told_plainly("all"):
            for page in obstore.list(self._store, chunk_size=_PAGE):
                old = (one for one in page if one["last_modified"].timestamp() < put_before)
                yield [one["path"].rsplit("/", 1)[-1] for one in old]

    def local_path(self, sha256: str) -> Path:
        """A file with the blob's bytes, not to be changed: the stored one, or a copy in the cache. Raises NotFound."""
        if self._folder is not None:
            path = self._folder / _key(sha256)
            if not path.is_file():
                raise NotFound(_absent(sha256))
            return path
        path = self._cache / _key(sha256)
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part, part.open("wb") as stream:
                for piece in self.stream(sha256):
                    stream.write(piece)
        elif path.stat().st_mtime < time.time() - _USED_WITHIN_S:
            os.utime(path)
        return path

    def _create(self, sha256: str, content: bytes | Path) -> bool:
        try:
            with _told_plainly(sha256):
                obstore.put(self._store, _key(sha256), content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True


def _key(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotFound(f"{sha256[:80]!r} names no blob; expected a sha256 in hex.")
    return f"{sha256[:2]}/{sha256}"


def _absent(sha256: str) -> str:
    return f"The blob {sha256} is not in the store; `epochal doctor` lists what is missing."


@contextmanager
def _told_plainly(sha256: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(_absent(sha256)) from error
    except AlreadyExistsError:
        raise
    except (BaseError, OSError) as error:
        if "No space left" in str(error):
            raise StorageFull(f"No space is left to keep {sha256}; free some and try again.") from error
        raise Failed(f"The blob store did not answer for {sha256} ({error}); try again.") from error
