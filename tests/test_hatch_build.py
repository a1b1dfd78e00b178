"""The build hook builds when it must and asks for nothing when it need not. Run: pytest tests/test_hatch_build.py."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """hatch_build.py with a Vite that writes one file instead of building."""
    spec = importlib.util.spec_from_file_location("hatch_build", Path(__file__).parents[1] / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(program: str, args: list[str], folder: Path) -> None:
        if program == "node":
            target = folder.parent / module.BUNDLES[args[args.index("--config") + 1]]
            target.mkdir(parents=True)
            (target / "built.js").write_text("1")

    monkeypatch.setattr(module, "_run", run)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    (tmp_path / "web" / "src" / "main.ts").write_text("1")
    return tmp_path


def test_build__is_done_once_for_the_same_sources(hook: ModuleType, root: Path) -> None:
    assert not hook.is_built(root)
    assert hook.build(root)
    assert hook.is_built(root)
    assert not hook.build(root)


def test_build__is_done_again_when_a_source_changes_or_an_output_is_missing(hook: ModuleType, root: Path) -> None:
    hook.build(root)
    (root / "web" / "src" / "main.ts").write_text("2")
    assert hook.build(root)
    (root / "src" / "epochal" / "graphs" / "static" / hook.STAMP).unlink()
    assert hook.build(root)


def test_sources_digest__leaves_out_what_npm_installed(hook: ModuleType, root: Path) -> None:
    before = hook.sources_digest(root)
    (root / "web" / "node_modules").mkdir()
    (root / "web" / "node_modules" / "x.js").write_text("1")
    assert hook.sources_digest(root) == before
    (root / "web" / "src" / "other.ts").write_text("1")  # also a name counts, not only bytes
    assert hook.sources_digest(root) != before
