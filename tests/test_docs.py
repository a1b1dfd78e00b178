"""Docs that can lie are tested: commands, settings, routes, series keys, links. Run: pytest tests/test_docs.py."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from epochal.graphs.series import TABLE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def _headings(page: str) -> list[str]:
    """The headings of a page, without marks of code."""
    text = (DOCS / page).read_text("utf-8")
    return [match.replace("`", "").strip() for match in re.findall(r"^#{1,4} (.+)$", text, flags=re.MULTILINE)]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands.md", "settings.md", "routes.md"])
def test_page__is_what_the_code_says(page: str) -> None:
    expected = _generator().PAGES[page]()
    assert (DOCS / page).read_text("utf-8") == expected, f"docs/{page} is old: run `make docs`"


@pytest.mark.parametrize("key", sorted(TABLE))
def test_series_key__has_a_heading(key: str) -> None:
    assert key in _headings("graphs.md")


@pytest.mark.parametrize("package", sorted(p.parent.name for p in (ROOT / "src" / "epochal").glob("*/__init__.py")))
def test_package__has_a_page(package: str) -> None:
    page = "commands.md" if package == "cli" else f"{package}.md"
    assert (DOCS / page).is_file(), f"docs/{page} is missing"


@pytest.mark.parametrize("page", sorted(p.name for p in [*DOCS.glob("*.md"), *ROOT.glob("*.md")]))
def test_page__links_only_to_files_that_exist(page: str) -> None:
    path = DOCS / page if (DOCS / page).exists() else ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{page} links to {target}, which does not exist"


def test_guide__names_commands_and_options_that_exist() -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    sections = {part.partition("`")[0]: part for part in text.split("\n## `")[1:]}
    shown = re.findall(
        r"^    (epochal .+?)(?: +#.*)?$", (DOCS / "from-model-to-production.md").read_text("utf-8"), re.M
    )
    assert len(shown) > 10
    for line in shown:
        section = next((sections[name] for name in sections if f"{line} ".startswith(f"{name} ")), None)
        assert section, f"there is no command for {line!r}"
        for option in re.findall(r"--[a-z-]+", line):
            assert option in section, f"{line!r}: docs/commands.md does not know {option}"


def test_security__names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", (DOCS / "security.md").read_text("utf-8"))
    assert len(named) > 30
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), (
            f"security.md names {file}::{name}, which is not there"
        )
