"""A signed address allows what it was made for, for its time, and nothing else."""

import threading
from pathlib import Path

import pytest

from epochal.errors import NotAllowed
from epochal.server.signing import SECRET_NAME, Signer, load_signer


def test_a_token_gives_back_its_subject() -> None:
    signer = Signer(b"s" * 32)
    token = signer.token("export", "abc/coco")
    assert signer.check("export", token) == "abc/coco"
    assert "/" not in token


@pytest.mark.parametrize("spoil", [
    lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
    lambda t: t.replace(t.split(".")[1], str(int(t.split(".")[1]) + 1)),
    lambda t: t.split(".")[0],
    lambda t: "",
    lambda t: "é.1.2",
    lambda t: "a.b.c.d",
])  # fmt: skip
def test_a_changed_token_is_refused(spoil: object) -> None:
    signer = Signer(b"s" * 32)
    with pytest.raises(NotAllowed):
        signer.check("export", spoil(signer.token("export", "abc")))  # type: ignore[operator]


def test_a_token_is_for_its_purpose_and_its_time_and_its_server() -> None:
    signer = Signer(b"s" * 32)
    with pytest.raises(NotAllowed):
        signer.check("upload", signer.token("export", "abc"))
    with pytest.raises(NotAllowed, match="time"):
        signer.check("export", signer.token("export", "abc", valid_for_s=-2))
    with pytest.raises(NotAllowed):
        Signer(b"t" * 32).check("export", signer.token("export", "abc"))


def test_the_secret_is_made_once_for_its_owner_alone_and_two_folders_differ(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(load_signer(tmp_path / "a").secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert (tmp_path / "a" / SECRET_NAME).stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [SECRET_NAME]
    assert load_signer(tmp_path / "b").secret != found[0]
    assert load_signer(tmp_path / "b", "given").secret == load_signer(tmp_path / "c", "given").secret
