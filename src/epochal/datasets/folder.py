"""What lies in a dataset's folder, and which picture an annotation means."""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from epochal.config import DATA_DIR_NAME
from epochal.datasets.formats.encoding import decode_text
from epochal.datasets.pictures import SUFFIXES
from epochal.errors import DatasetError, NotFound

_SPLIT_WORDS = {
    "train": "train", "training": "train", "trainset": "train", "trn": "train",
    "val": "val", "valid": "val", "validate": "val", "validation": "val", "valset": "val", "dev": "val",
    "eval": "val", "evaluation": "val",
    "test": "test", "testing": "test", "testset": "test",
}  # fmt: skip


_UNPLAIN = re.compile(r"[/\\%?:]|^\s|\s$")


class Folder:
    """The files below a root, looked at once.

    Attributes:
        root: the folder, absolute.
        images: paths of the picture files below the root, "/" between folders, sorted.
        files: those of all other files, sorted.
        folders: paths of all folders below the root.
        made_here: folders that hold what Epochal made, such as the data folder of a training that was begun in the
            dataset's own folder; what lies in them is no data, and is left aside.
        claimed: annotation files that a format has recognised as its own; others need not read them again.
    """

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise NotFound(f"{root} does not exist; expected a folder with images and annotations.")
        if not root.is_dir():
            raise DatasetError(f"{root} is a file; expected a folder with images and annotations, or a zip of one.")
        self.root = root.resolve()
        images: list[str] = []
        files: list[str] = []
        folders: set[str] = set()
        by_suffix: dict[str, list[str]] = {}
        made_here: list[str] = []
        for name in _walk(self.root, folders, made_here):
            suffix = suffix_of(name)
            (images if suffix in SUFFIXES else files).append(name)
            by_suffix.setdefault(suffix, []).append(name)
        self._by_suffix = by_suffix
        self.folders = frozenset(folders)
        self.made_here = tuple(sorted(made_here))
        self.images = tuple(sorted(images))
        self.files = tuple(sorted(files))
        self.claimed: set[str] = set()
        self._known = frozenset(self.images)
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name in self.images:
            short = _alike(posixpath.basename(name))
            self._by_name.setdefault(short, []).append(name)
            self._by_stem.setdefault(posixpath.splitext(short)[0], []).append(name)

    def with_suffix(self, *suffixes: str) -> list[str]:
        """The other files that end so, in lower case, such as ".xml"."""
        return sorted(name for suffix in suffixes for name in self._by_suffix.get(suffix, ()))

    def path(self, name: str) -> Path:
        """The file behind a name."""
        return self.root / name

    def read(self, name: str) -> bytes:
        """The bytes of an annotation file.

        Raises:
            DatasetError: it cannot be read.
        """
        try:
            with open(os.path.join(self.root, name), "rb", buffering=0) as file:  # no Path: there may be 100,000
                return file.read()
        except OSError as error:
            raise DatasetError(
                f"{self.path(name)} cannot be read ({error.strerror}); check the file and its permissions."
            ) from None

    def read_head(self, name: str) -> bytes:
        """The first 4,096 bytes of a file; none when it cannot be read."""
        try:
            with open(os.path.join(self.root, name), "rb", buffering=0) as file:
                return file.read(4096)
        except OSError:
            return b""

    def read_text(self, name: str) -> str:
        """The text of an annotation file: UTF-8 or UTF-16 with its mark, UTF-8, else Latin-1."""
        return decode_text(self.read(name))

    def find_image(self, written: str, near: str = "", split: str | None = None) -> str | None:
        """The picture that an annotation file means.

        Args:
            written: a path, a file name or a stem, as it stands in the file; may be of another machine.
            near: the folder, below the root, of the file that says so.
            split: that the file speaks of; names may be the same in every split.

        Returns:
            The picture's path below the root: the written path where it exists, else the picture of that name, else
            of that stem; of several, the one whose folders agree best with the written path, `split` and `near`.
        """
        for beside in (f"{near}/{written}" if near else written, written):
            if beside in self._known:
                return beside
        if not _UNPLAIN.search(written):  # a bare stem, as label files give it by the thousand
            short = _alike(written)
            if short not in self._by_name and len(alone := self._by_stem.get(short, [])) == 1:
                return alone[0]
        for spelling in _spellings(written):
            for start in (near, ""):
                exact = posixpath.normpath(posixpath.join(start, spelling.lstrip("/")))
                if exact in self._known:
                    return exact
            short = _alike(posixpath.basename(spelling))
            found = self._by_name.get(short) or self._by_stem.get(short)
            if not found and re.search(r"\.[a-z]{3,4}$", short):  # the picture was converted since
                found = self._by_stem.get(posixpath.splitext(short)[0])
            if found:
                return found[0] if len(found) == 1 else _nearest(found, posixpath.dirname(spelling), near, split)
        return None


def _alike(name: str) -> str:
    """A name without what differs between systems: case, and how accents are composed."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_made_here(path: Path, names: set[str]) -> bool:
    """Whether a folder with entries of these names is a data folder of Epochal, a run, or the place of versions.

    A version's pictures would count again beside those that it was made of, a run's examples as unlabelled ones.
    """
    is_run = {"recipe.json", "metrics.jsonl"} <= names
    return is_run or path.name == DATA_DIR_NAME or "epochal.sqlite" in names or ".objects" in names


def _walk(root: Path, folders: set[str], made_here: list[str]) -> Iterator[str]:
    """Files below a folder; hidden ones and macOS's shadows left out; folders behind links once."""
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        below = waiting.pop()
        status = os.stat(root / below)
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        try:
            entries = list(os.scandir(root / below))
        except OSError as error:
            raise DatasetError(
                f"{root / below} cannot be read ({error.strerror}); check the folder's permissions."
            ) from None
        if below and _is_made_here(root / below, {entry.name for entry in entries}):
            made_here.append(below)
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            name = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir():
                waiting.append(name)
                folders.add(name)
            elif entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path)):
                yield name  # a link that leads nowhere is a file that cannot be read, and is counted as one


def _spellings(written: str) -> list[str]:
    """The written name and what it may have been: with "/" for backslashes, without an address, without %20."""
    plain = written.strip().replace("\\", "/")
    plain = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*:/+", "", plain)
    spellings = [plain] if plain == written or written.strip() != plain else [written, plain]
    if "?" in plain:
        spellings.append(plain.split("?", 1)[0])
    if "%" in plain:
        spellings += [unquote(spelling) for spelling in spellings]
    return [s for s in spellings if s and posixpath.basename(s)]


def _nearest(names: list[str], written_folder: str, near: str, split: str | None) -> str:
    def agreement(name: str) -> tuple[int, bool, int]:
        folder = posixpath.dirname(name)
        is_of_split = split is not None and split_of_folders(name) == split
        return (_shared_tail(folder, written_folder), is_of_split, _closeness(folder, near))

    return max(names, key=agreement)


def _shared_tail(first: str, second: str) -> int:
    count = 0
    for one, other in zip(reversed(first.split("/")), reversed(second.split("/")), strict=False):
        if not one or one.casefold() != other.casefold():
            break
        count += 1
    return count


def _closeness(first: str, second: str) -> int:
    """Folders that two paths share at their beginning and at their end; the same folder is closest."""
    if first == second:
        return 1000
    head = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if not one or one.casefold() != other.casefold():
            break
        head += 1
    return head + _shared_tail(first, second)


def pair_up(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Give each image one annotation file, where there is a file for each image.

    Args:
        pairs: (annotation file, its image).

    Returns:
        {annotation file: image}, the one whose folders are closest to its image's; and the pairs left over.
    """
    best: dict[str, tuple[int, str]] = {}
    all_pairs = list(pairs)
    for name, image in all_pairs:
        near = _closeness(posixpath.dirname(name), posixpath.dirname(image))
        if image not in best or near > best[image][0]:
            best[image] = (near, name)
    chosen = {name: image for image, (_, name) in best.items()}
    return chosen, [(name, image) for name, image in all_pairs if chosen.get(name) != image]


def suffix_of(name: str) -> str:
    """The ending of a file name in lower case, with its dot."""
    return posixpath.splitext(name)[1].lower()


def split_of_word(name: str) -> str | None:
    """The split that a file's or folder's name speaks of: "val" for "instances_val2017"; None without one, or two."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)  # TrainImages
    words = re.split(r"[^a-z]+", apart.casefold())
    found = {_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS}
    return found.pop() if len(found) == 1 else None


def split_of_folders(name: str) -> str | None:
    """The split that the folders of a path speak of, the nearest to the file first."""
    for part in reversed(posixpath.dirname(name).split("/")):
        if (split := split_of_word(part)) is not None:
            return split
    return None
