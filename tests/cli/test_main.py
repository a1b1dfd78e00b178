"""The command line as a whole: errors as sentences, packages that are not installed. pytest tests/cli/test_main.py."""

import subprocess
import sys

import pytest

from epochal.cli import main as cli
from epochal.errors import BadInput, Failed


@pytest.mark.parametrize(
    ("raised", "exit_code", "sentence"),
    [
        (BadInput("a is no b."), 2, "epochal: a is no b."),
        (Failed("the disk is full."), 1, "epochal: the disk is full."),
        (ModuleNotFoundError("No module", name="torch"), 2, "pip install 'epochal[train]'"),
        (ModuleNotFoundError("No module", name="fastapi.routing"), 2, "pip install 'epochal[server]'"),
        (ModuleNotFoundError("No module", name="cv2"), 2, "pip install 'epochal[server]'"),
    ],
)
def test_main__says_it_in_a_sentence(
    raised: Exception,
    exit_code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise raised

    monkeypatch.setattr(cli, "build_app", lambda: fail)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == exit_code
    assert sentence in capsys.readouterr().err


def test_main__an_unknown_module_is_a_bug_and_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ModuleNotFoundError("No module", name="nonsense")

    monkeypatch.setattr(cli, "build_app", lambda: fail)
    with pytest.raises(ModuleNotFoundError):
        cli.main()


def test_help__loads_neither_torch_nor_the_server() -> None:
    code = (
        "import sys\nfrom epochal.cli.main import build_app\nbuild_app()\n"
        "print([name for name in ('torch', 'fastapi', 'hotcoco', 'onnxruntime', 'psutil') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
