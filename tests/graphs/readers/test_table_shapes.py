"""Tables that are turned, that stand in a page, or whose columns have a context. Run: pytest tests/graphs/readers."""

from pathlib import Path

import pytest

from epochal.errors import LogError
from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log

EPOCHS = [1, 2, 3, 4, 5]
BOX = [1.75, 1.5, 1.25, 1.125, 1.0]
VAL = [1.875, 1.625, 1.375, 1.25, 1.1875]
VALUE = [0.125, 0.25, 0.3125, 0.375, 0.25]
MAP = "metrics/mAP_0.5:0.95"
SERIES = {"train/box_loss": BOX, "val/box_loss": VAL, "mAP50-95": VALUE}


def read(folder: Path, name: str, text: str) -> Graph:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_log(path)


def turned(top: list[object], delimiter: str = ",") -> str:
    rows = [top, *([name, *values] for name, values in SERIES.items())]
    return "".join(delimiter.join(map(str, row)) + "\n" for row in rows)


def page(*, before: str = "", after: str = "", index: bool = False) -> str:
    """A page with a table as pandas writes it."""
    names = [*([""] if index else []), "epoch", *SERIES]
    rows = [
        f"<tr>{f'<th>{place}</th>' if index else ''}" + "".join(f"<td>{cell}</td>\n" for cell in row) + "</tr>"
        for place, row in enumerate(zip(EPOCHS, BOX, VAL, VALUE, strict=True))
    ]
    head = "".join(f"<th>{name}</th>" for name in names)
    table = f'<table border="1" class="dataframe"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f"{before}{table}{after}"


OTHER = "<table><tr><th>name</th><th>size</th></tr><tr><td>epoch loss</td><td>3</td></tr></table>"
ROWS = list(zip(EPOCHS, BOX, VAL, VALUE, strict=True))
# name → text
SHAPES = {
    "turned": turned(["metric", *EPOCHS]),
    "turned_with_epochs_in_words": turned(["", *(f"Epoch {epoch}" for epoch in EPOCHS)]),
    "turned_by_pandas": ",0,1,2,3,4\n" + turned(["epoch", *(f"{epoch}.0" for epoch in EPOCHS)]),
    "turned_in_excel": turned(["metric", *EPOCHS], ";").replace(".", ","),
    "page_of_pandas": page(),
    "page_with_an_index": page(before="<!DOCTYPE html>\n<html><body>", after="</body></html>", index=True),
    "page_in_one_line": page(before="<html><style>td{}</style>", after="</html>").replace("\n", ""),
    "page_with_another_table": page(
        before=f"<html>{OTHER}<script>if (a<b) '<table>'</script>", after=f"{OTHER}</html>"
    ),
    "page_of_notion": page(before="<html><article>").replace("</td>", "<br/></td>").replace("<th>", '<th id="a:b">'),
    "page_without_ends": page(before="<html>").replace("</td>", "").replace("</tr>", "").replace("</th>", ""),
    "aim_s_data_frame": "step,value,epoch,time,run.hash,metric.name,metric.context\n"
    + "".join(
        f"{epoch - 1},{value},{epoch},3.5,a1b2,{name},\"{{'subset': '{subset}'}}\"\n"
        for name, subset, values in (("box_loss", "train", BOX), ("box_loss", "val", VAL), ("mAP50-95", "val", VALUE))
        for epoch, value in zip(EPOCHS, values, strict=True)
    ),
    "aim_s_columns": 'epoch,"box_loss {""subset"": ""train""}","box_loss {""subset"": ""val""}",mAP50-95 (subset:val)\n'
    + "".join(",".join(map(str, row)) + "\n" for row in ROWS),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape__is_read_as_any_table(tmp_path: Path, name: str) -> None:
    graph = read(tmp_path, "table.csv", SHAPES[name])
    assert graph.epochs.tolist() == EPOCHS
    assert {key: graph.series[key].tolist() for key in ("train/box_loss", "val/box_loss", MAP)} == {
        "train/box_loss": BOX,
        "val/box_loss": VAL,
        MAP: VALUE,
    }


def test_turned_table__says_so(tmp_path: Path) -> None:
    assert any("was turned" in note for note in read(tmp_path, "a.csv", SHAPES["turned"]).notes)


@pytest.mark.parametrize("top", [["metric", "a", "b", "c", "d", "e"], ["metric", 3, 1, 2, 5, 4]])
def test_turned_table__whose_columns_need_not_be_epochs_is_refused(tmp_path: Path, top: list[object]) -> None:
    with pytest.raises(LogError, match="no training log"):
        read(tmp_path, "a.csv", turned(top))


def test_page__with_two_tables_of_metrics_says_so(tmp_path: Path) -> None:
    short = "<table><tr><th>epoch</th><th>val_loss</th></tr><tr><td>1</td><td>9.5</td></tr></table>"
    graph = read(tmp_path, "a.html", page(before=short))
    assert graph.epochs.tolist() == EPOCHS
    assert any("2 tables" in note for note in graph.notes)


@pytest.mark.parametrize("body", ["<p>epoch 1 was fine</p>", OTHER, "<table><tr><td>", "<script>"])
def test_page__without_a_table_of_metrics_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(LogError, match="page in HTML") as error:
        read(tmp_path, "a.html", f"<!DOCTYPE html><html><body>{body}")
    assert "results.csv" in str(error.value)


@pytest.mark.parametrize("piece", ["<td", "<table>", "<script>", "<tr><td>", "<", "&amp;", "<td><td "])
def test_page__of_a_stranger_takes_no_time(tmp_path: Path, piece: str) -> None:
    with pytest.raises(LogError):
        read(tmp_path, "a.html", "<html>" + piece * 200_000)


def test_runs_of_aim__are_told_apart_by_their_hash(tmp_path: Path) -> None:
    text = "".join(f"{run},box_loss,,{epoch},{value}\n" for run in ("a1", "b2") for epoch, value in enumerate(BOX, 1))
    graph = read(tmp_path, "a.csv", "run.hash,metric.name,metric.context,epoch,value\n" + text)
    assert graph.epochs.tolist() == EPOCHS
    assert graph.series["train/box_loss"].tolist() == BOX
    assert any("2 runs" in note for note in graph.notes)
