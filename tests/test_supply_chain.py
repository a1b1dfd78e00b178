"""What is installed and what is built is what stands in the repository. Run: pytest tests/test_supply_chain.py."""

import ast
import hashlib
import re
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-hashed.txt"
BUILT = ("server/static/", "graphs/static/")  # made from web/ by the build, see hatch_build.py


def test_hashes__are_of_the_versions_that_are_tested() -> None:
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split("\n") if "==" in line)
    entries = re.split(r"\n(?=[a-z])", re.sub(r"(?m)^#.*\n", "", LOCK.read_text()))
    locked = {}
    for entry in entries:
        name, version = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;]+)", entry).groups()
        locked[name] = version
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry)
        assert hashes, f"{name} has no hash"
        assert len(hashes) == entry.count("--hash"), f"{name}: sha256 alone"
    plain = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pinned.items()}
    assert {name: locked.get(name) for name in plain} == plain, "run make lock"


def test_lock__has_what_a_checkout_is_installed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make verified` lets the build fetch nothing itself."""
    from hatchling.build import get_requires_for_build_editable

    monkeypatch.chdir(ROOT)
    needed = [*tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]]
    needed += get_requires_for_build_editable()
    assert len(needed) > 1
    for requirement in needed:
        name = re.match(r"[A-Za-z0-9-]+", requirement)[0]
        assert f"\n{name}==" in LOCK.read_text(), f"{requirement}: put it among the extra `dev`, then run make lock"


def test_lock__names_no_registry() -> None:
    for path in (LOCK, ROOT / "constraints.txt", ROOT / "pyproject.toml"):
        text = path.read_text()
        assert "://" not in re.sub(r"(?m)#.*", "", text), path.name
        assert "index-url" not in text, path.name


def tracked() -> dict[str, str]:
    """{file below src/epochal that is in git: sha256 of it as it is here}."""
    listed = subprocess.run(["git", "ls-files", "-z", "src/epochal"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    return {name.removeprefix("src/"): hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and an sdist of this tree; the web app is not built anew."""
    folder = tmp_path_factory.mktemp("built")
    options = {"directory": str(folder), "hooks_only": False}
    wheel = next(iter(WheelBuilder(str(ROOT)).build(versions=["standard"], **options)))
    sdist = next(iter(SdistBuilder(str(ROOT)).build(**options)))
    return Path(wheel), Path(sdist)


def test_wheel__holds_the_source_and_what_is_built_from_it_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        found = {
            name: hashlib.sha256(wheel.read(name)).hexdigest() for name in wheel.namelist() if ".dist-info/" not in name
        }
    source = tracked()
    assert len(source) > 300
    made = {name for name in found if name.removeprefix("epochal/").startswith(BUILT)}
    assert {name: digest for name, digest in found.items() if name not in made} == source
    assert {name for name in made if not (ROOT / "src" / name).is_file()} == set()


def test_sdist__holds_the_same_source(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as sdist:
        inside = {
            member.name.partition("/src/")[2]: hashlib.sha256(sdist.extractfile(member).read()).hexdigest()
            for member in sdist.getmembers()
            if "/src/epochal/" in member.name and member.isfile()
        }
    source = tracked()
    assert {name: inside.get(name) for name in source} == source
    others = {name.removeprefix("epochal/") for name in inside if name not in source}
    assert {name for name in others if not name.startswith(BUILT)} == set()


def dangers(workflow: str) -> list[str]:
    """What no workflow may do: run strangers' code with secrets, or actions that can change under their name."""
    document = yaml.safe_load(workflow)
    triggers = document.get("on", document.get(True)) or {}  # YAML 1.1 reads `on` as true
    found = ["pull_request_target"] if "pull_request_target" in triggers else []
    steps = [step for job in document.get("jobs", {}).values() for step in job.get("steps", [])]
    uses = [step["uses"] for step in steps if "uses" in step]
    found += [use for use in uses if not re.search(r"@[0-9a-f]{40}$", use)]
    return found + [use for use in uses if "cache" in use.partition("@")[0]]


def test_workflows__none_runs_strangers_code() -> None:
    """There are none today; the first that is added is looked at."""
    bad = "on: {pull_request_target: {}}\njobs: {a: {steps: [{uses: actions/cache@v4}, {run: make}]}}"
    assert dangers(bad) == ["pull_request_target", "actions/cache@v4", "actions/cache@v4"]
    good = f"on: [push]\njobs: {{a: {{steps: [{{uses: 'actions/checkout@{'0' * 40}'}}, {{run: make}}]}}}}"
    assert dangers(good) == []
    for path in [*(ROOT / ".github" / "workflows").glob("*.y*ml")]:
        assert dangers(path.read_text()) == [], path.name


# ── code that runs what it reads ────────────────────────────────────────────────────────────────────────────────

SOURCES = sorted((ROOT / "src").rglob("*.py"))
MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "code"}
BUILTINS = {"eval", "exec", "compile", "__import__"}
SAFE_LOADERS = {"yaml.BaseLoader", "yaml.SafeLoader", "yaml.CSafeLoader", "_Loader"}


def loaders(text: str) -> list[str]:
    """Places of a module that could run what they read: line and what stands there."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found += [f"{node.lineno} import {name}" for name in names if name.partition(".")[0] in MODULES]
        if isinstance(node, ast.Call):
            what, keywords = ast.unparse(node.func), {one.arg: ast.unparse(one.value) for one in node.keywords}
            if _runs(what, keywords, node):
                found.append(f"{node.lineno} {what}")
        elif isinstance(node, ast.Attribute) and ast.unparse(node).startswith(("torch.package", "torch.hub")):
            found.append(f"{node.lineno} {ast.unparse(node)}")
    return found


def _runs(what: str, keywords: dict[str | None, str], node: ast.Call) -> bool:
    method = what.rpartition(".")[2]
    if what in BUILTINS or what in {"torch.jit.load", "os.system", "os.popen", "runpy.run_path"}:
        return True
    if what == "torch.load":
        return keywords.get("weights_only") != "True"
    if what in {"np.load", "numpy.load"}:
        return keywords.get("allow_pickle") != "False"
    if what.startswith("yaml.") and method in {"load", "load_all"}:
        loader = keywords.get("Loader") or (ast.unparse(node.args[1]) if len(node.args) > 1 else "")
        return loader not in SAFE_LOADERS
    if what.startswith("yaml.") and method in {"unsafe_load", "full_load", "unsafe_load_all", "full_load_all"}:
        return True
    return keywords.get("shell") == "True" or method == "read_pickle"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_source__never_runs_what_it_reads(path: Path) -> None:
    assert loaders(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from pickle import loads", "import shelve, os", "from marshal import load", "eval('1')",
        "exec(text)", "compile(a, b, 'exec')", "__import__(name)", "torch.load(path)",
        "torch.load(path, weights_only=False)", "torch.load(path, weights_only=flag)", "torch.jit.load(path)",
        "np.load(path)", "np.load(path, allow_pickle=True)", "yaml.load(text)", "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)", "yaml.load(text, yaml.FullLoader)",
        "yaml.full_load(text)", "subprocess.run(text, shell=True)", "os.system(text)",
        "torch.hub.load_state_dict_from_url(url)", "pandas.read_pickle(path)",
    ],
)  # fmt: skip
def test_loaders__are_found(text: str) -> None:
    assert loaders(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "torch.load(path, weights_only=True)", "np.load(path, allow_pickle=False)", "yaml.safe_load(text)",
        "yaml.load(text, Loader=yaml.SafeLoader)", "yaml.load(text, yaml.BaseLoader)",
        "model.eval()", "re.compile('a')", "json.load(file)",
    ],
)  # fmt: skip
def test_loaders__that_run_nothing_are_let_through(text: str) -> None:
    assert loaders(text) == []


def test_the_one_loader_of_our_own_makes_plain_values_alone(tmp_path: Path) -> None:
    """`_Loader` is let through by its name above: here is why."""
    from epochal.graphs.readers import settings

    assert issubclass(settings._Loader, yaml.SafeLoader | getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    marker = tmp_path / "ran"
    found = yaml.load(f"a: !!python/object/apply:os.mkdir ['{marker}']", Loader=settings._Loader)
    assert not marker.exists()
    assert isinstance(found["a"], str | list | None)
