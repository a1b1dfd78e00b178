"""Rules of the house that no linter knows: sizes and names. Run: pytest tests/test_architecture.py."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Written by a program from the tables, which are the place to read; never by hand.
MADE = "src/epochal/storage/migrations/versions"
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if p.parent != ROOT / MADE)
WEB_SOURCES = sorted(p for suffix in ("ts", "tsx") for p in (ROOT / "web" / "src").rglob(f"*.{suffix}"))
MODULE_STOP, FUNCTION_STOP, WEB_STOP = 400, 50, 250
# Files that may be larger, each with its reason; the number is their own stop.
LARGER: dict[str, int] = {}
BANNED_NAMES = {"utils", "helpers", "common", "misc", "manager", "base"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES + WEB_SOURCES, ids=_name)
def test_module__is_short_enough_to_read(path: Path) -> None:
    stop = LARGER.get(_name(path), MODULE_STOP if path.suffix == ".py" else WEB_STOP)
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= stop, f"{_name(path)} has {lines} lines, the stop is {stop}: split it by meaning"


@pytest.mark.parametrize("path", SOURCES + WEB_SOURCES, ids=_name)
def test_file__has_a_name_of_the_trade(path: Path) -> None:
    assert path.stem not in BANNED_NAMES, f"{_name(path)}: a file without a better name has no place yet"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_function__is_short_enough_to_read(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = _code_lines(node)
            assert lines <= FUNCTION_STOP, f"{_name(path)}:{node.lineno} {node.name} has {lines} code lines"


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return 0 if not body else (node.end_lineno or 0) - body[0].lineno + 1


def test_larger__names_only_files_that_need_it() -> None:
    for name in LARGER:
        lines = len((ROOT / name).read_text("utf-8").splitlines())
        assert lines > (MODULE_STOP if name.endswith(".py") else WEB_STOP), (
            f"{name} no longer needs its place in LARGER"
        )


# A file is replaced by `storage/whole_files.py` alone; what else renames or flushes has its reason.
RENAMES = {"replace", "fsync", "mkstemp", "NamedTemporaryFile"}
MAY_RENAME = {
    "src/epochal/storage/whole_files.py": "does it for all",
    "src/epochal/graphs/journal.py": "appends lines and flushes them",
    "src/epochal/server/routes/zip_uploads.py": "the name is given in the transaction that takes the upload",
    "src/epochal/server/weights_bodies.py": "a body is kept only while its request is answered",
    "src/epochal/client/workspace.py": "an unpacked folder leaves a temporary one",
    "src/epochal/detectors/export.py": "two files of one export get their names in an order that matters",
}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_files__are_written_whole_in_one_place(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [(node, node.func) for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in RENAMES]
    found = [
        f"{_name(path)}:{node.lineno} {ast.unparse(func)}"
        for node, func in named
        # `text.replace(a, b)` has two arguments, `path.replace(target)` one.
        if (func.attr == "replace" and (len(node.args) == 1 or ast.unparse(func.value) == "os"))
        or func.attr in {"fsync", "mkstemp", "NamedTemporaryFile"}
    ]
    assert _name(path) in MAY_RENAME or not found, f"{found}: use epochal.storage.whole_files"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_exceptions_from_the_checkers__say_why(path: Path) -> None:
    asked = [line for line in path.read_text("utf-8").splitlines() if re.search("# (noqa|type: ignore)", line)]
    explained = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])  # \S")
    assert [line for line in asked if not explained.search(line)] == []
