"""graph.html is one file, offline, and runs nothing that a log brings. Run: pytest tests/graphs/test_report.py."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from epochal.graphs import report
from epochal.graphs.document import build_document
from epochal.graphs.report import BundleMissing, embed_examples, escape_json, format_report, write_report
from graphs.runs import healthy, make_graph

HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028&\ud800"


@pytest.fixture(autouse=True)
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bundle in place of the built one, with what would end its own element."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "report.js").write_text('draw("</script><!-- x");')
    (folder / "report.css").write_text("p{color:red}/*</style>*/")
    monkeypatch.setattr(report, "STATIC", folder)
    return folder


class Elements(HTMLParser):
    """Collects elements, attributes and the text of scripts, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.is_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_script = tag == "script"
        if self.is_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_script = False

    def handle_data(self, data: str) -> None:
        if self.is_script:
            self.scripts[-1] += data


def hostile_report(tmp_path: Path) -> str:
    series = {**healthy(12), f"class/{HOSTILE}/AP_0.5": healthy(12)["metrics/mAP_0.5"]}
    series[f"train/{HOSTILE}_loss"] = healthy(12)["train/box_loss"]
    write_report(tmp_path / "graph.html", [build_document(make_graph(series, name=HOSTILE))])
    return (tmp_path / "graph.html").read_text("utf-8")


def test_write_report__the_document_comes_back_as_it_was(tmp_path: Path) -> None:
    document = build_document(make_graph(healthy(12)))
    write_report(tmp_path / "graph.html", [document])
    scripts = Elements((tmp_path / "graph.html").read_text("utf-8")).scripts
    assert json.loads(scripts[0]) == document


def test_write_report__nothing_of_the_log_is_markup(tmp_path: Path) -> None:
    elements = Elements(hostile_report(tmp_path))
    assert [attrs for tag, attrs in elements.tags if tag == "script"] == [
        {"type": "application/json", "id": "epochal-document"},
        {},
    ]
    assert not {"img", "iframe", "link", "object"} & {tag for tag, _ in elements.tags}
    assert json.loads(elements.scripts[0])["name"] == HOSTILE.replace("\ud800", "?")


def test_write_report__only_the_bundle_may_run(tmp_path: Path) -> None:
    text = hostile_report(tmp_path)
    elements = Elements(text)
    (policy,) = [attrs["content"] or "" for tag, attrs in elements.tags if "http-equiv" in attrs]
    digest = base64.b64encode(hashlib.sha256(elements.scripts[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?://", text)


def test_write_report__stays_readable_without_the_drawing(tmp_path: Path) -> None:
    text = hostile_report(tmp_path)
    assert "<noscript>" in text
    assert "<th>mAP_0.5:0.95</th>" in text
    assert "Best epoch 12" in text
    assert text.count("<tr>") == 13


def test_format_report__several_runs() -> None:
    documents = [build_document(make_graph(healthy(12), name=name)) for name in "ab"]
    content = json.loads(Elements(format_report(documents, comparison={"x": 1})).scripts[0])
    assert [document["name"] for document in content["documents"]] == ["a", "b"]
    assert content["comparison"] == {"x": 1}


def test_format_report__a_long_run_has_a_short_table() -> None:
    text = format_report([build_document(make_graph(healthy(5000)))])  # 40,000 numbers: none is left out
    assert "epochs: extremes" not in text
    assert text.count("<tr>") < 450
    assert "Every 13th epoch is shown." in text
    assert "<td>5000</td>" in text


def test_format_report__a_very_long_run_is_thinned() -> None:
    text = format_report([build_document(make_graph(healthy(100_000)))])
    assert len(text) < 6_000_000
    assert "of 100,000 epochs" in text


def test_write_report__without_the_bundle_says_how_to_build_it(tmp_path: Path, bundle: Path) -> None:
    (bundle / "report.js").unlink()
    with pytest.raises(BundleMissing, match="npm run build"):
        write_report(tmp_path / "graph.html", [build_document(make_graph(healthy(12)))])
    assert not (tmp_path / "graph.html").exists()


def test_escape_json__cannot_end_its_element() -> None:
    text = escape_json({"a": HOSTILE})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": HOSTILE}


def test_embed_examples__only_images_inside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "examples").mkdir(parents=True)
    (folder / "examples" / "0.jpg").write_bytes(b"\xff\xd8small")
    (folder / "examples" / "1.jpg").write_bytes(b"x" * 500_000)
    (folder / "examples" / "2.svg").write_text("<svg/>")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    paths = [
        "examples/0.jpg",
        "examples/1.jpg",
        "examples/2.svg",
        "../secret.jpg",
        "none.jpg",
        str(tmp_path / "secret.jpg"),
    ]
    found = embed_examples({"examples": [*({"path": path} for path in paths), {"path": 3}, "x"]}, folder)
    urls = [example.get("url") if isinstance(example, dict) else None for example in found["examples"]]
    assert urls == ["data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8small").decode(), *[None] * 7]
