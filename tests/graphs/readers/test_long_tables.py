"""Exports with a row for every number. Run: pytest tests/graphs/readers/test_long_tables.py."""

import json
from pathlib import Path

import pytest

from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log, read_runs

EPOCHS = range(1, 7)
MAP, MAP50, BOX = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5", "train/box_loss"


def value(epoch: int) -> float:
    return round(0.1 + epoch / 50, 2)


def loss(epoch: int) -> float:
    return round(3 - epoch / 10, 1)


def read(folder: Path, text: str, name: str = "export.csv") -> Graph:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return read_log(path)


def expect(graph: Graph, epochs: list[int], *keys: str) -> None:
    assert graph.epochs.tolist() == epochs
    for key in keys:
        expected = [(loss if key.startswith("train/") else value)(epoch) for epoch in EPOCHS]
        assert graph.series[key].tolist() == pytest.approx(expected), key


MLFLOW = "run_id,key,value,step,timestamp,is_nan\n" + "".join(
    f"a1b2,{key},{of(epoch)},{epoch},17000{epoch},False\n"
    for key, of in (("train/box_loss", loss), ("metrics/mAP50-95B", value), ("metrics/mAP50B", value))
    for epoch in EPOCHS
)
FORMS = {
    "mlflow, a metric after the other": MLFLOW,
    "weights and biases, mixed": "run,step,metric,value\n" + "".join(
        f"exp,{epoch},train/box_loss,{loss(epoch)}\nexp,{epoch},val/map,{value(epoch)}\nexp,{epoch},val/map_50,{value(epoch)}\n"
        for epoch in EPOCHS
    ),
    "comet, with a context": "metricName,metricValue,step,epoch,runContext\n" + "".join(
        f"box_loss,{loss(epoch)},{epoch * 90},{epoch},train\nmAP50,{value(epoch)},{epoch * 90},{epoch},validate\n"
        f"val_mAP50_95,{value(epoch)},{epoch * 90},{epoch},validate\n" for epoch in EPOCHS
    ).replace("validate", "validation"),
    "tensorboard's scalars with an index": ",run,tag,step,value,wall_time\n" + "".join(
        f"{epoch},train,{tag},{epoch},{of(epoch)},1.7e9\n" for epoch in EPOCHS
        for tag, of in (("box_loss", loss), ("metrics/mAP50(B)", value), ("metrics/mAP50-95(B)", value))
    ),
    "semicolons and decimal commas": MLFLOW.replace(",", ";").replace(".", ","),
    "cut off in the last row": MLFLOW + "a1b2,metrics/mAP50B,0.9",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_csv__becomes_one_row_per_epoch(tmp_path: Path, form: str) -> None:
    graph = read(tmp_path, FORMS[form])
    assert graph.format == "long_csv"
    expect(graph, list(EPOCHS), BOX, MAP, MAP50)


def test_csv__of_several_runs_shows_the_longest_and_names_all(tmp_path: Path) -> None:
    short = "".join(f"first,{epoch},val/map_50_95,0.9\n" for epoch in (1, 2))
    rest = "".join(f"second,{epoch},val/map_50_95,{value(epoch)}\n" for epoch in EPOCHS)
    graph = read(tmp_path, "run,step,metric,value\n" + short + rest)
    expect(graph, list(EPOCHS), MAP)
    assert any("2 runs (`first`, `second`); this is `second`" in note for note in graph.notes)


def test_csv__steps_of_batches_are_no_epochs(tmp_path: Path) -> None:
    rows = "".join(f"a,{step},train/box_loss,1.0\n" for step in range(1, 301))
    rows += "".join(f"a,{50 * epoch},val/map_50_95,{value(epoch)}\n" for epoch in EPOCHS)
    graph = read(tmp_path, "run,step,metric,value\n" + rows)
    expect(graph, list(EPOCHS), MAP)
    assert graph.series["step"].tolist() == [50, 100, 150, 200, 250, 300]


def test_csv__without_told_steps_is_read_in_its_order(tmp_path: Path) -> None:
    graph = read(tmp_path, "run_id,key,value,step\n" + "".join(f"a,val_map_50_95,{value(e)},0\n" for e in EPOCHS))
    expect(graph, list(EPOCHS), MAP)


def test_csv__a_chart_of_two_runs_shows_the_first(tmp_path: Path) -> None:
    names = '"Step","a - metrics/mAP50-95(B)","a - metrics/mAP50-95(B)__MIN","b - metrics/mAP50-95(B)"\n'
    graph = read(tmp_path, names + "".join(f"{epoch},{value(epoch)},0,0.9\n" for epoch in EPOCHS))
    expect(graph, list(EPOCHS), MAP)
    assert list(graph.series) == [MAP]
    assert any("2 runs (`a`, `b`); this is `a`" in note for note in graph.notes)


@pytest.mark.parametrize("wrapped", [True, False])
def test_json__becomes_one_row_per_epoch(tmp_path: Path, wrapped: bool) -> None:
    named = (("train/box_loss", loss), ("val_map_50_95", value))
    rows = [{"key": key, "value": of(epoch), "timestamp": 1, "step": epoch} for key, of in named for epoch in EPOCHS]
    graph = read(tmp_path, json.dumps({"metrics": rows} if wrapped else rows), "metrics.json")
    expect(graph, list(EPOCHS), BOX, MAP)


def test_mlflow_s_own_files__are_read_together(tmp_path: Path) -> None:
    run = tmp_path / "mlruns" / "0" / "8f3a"
    for name, of in (("train/box_loss", loss), ("val_map_50_95", value)):
        text = "".join(f"170000000000{epoch} {of(epoch)} {epoch}\n" for epoch in EPOCHS)
        graph = read(run / "metrics", text, name)
    expect(graph, list(EPOCHS), BOX, MAP)
    expect(read_log(run), list(EPOCHS), BOX, MAP)


def test_runs__of_a_table_are_all_read(tmp_path: Path) -> None:
    short = "".join(f"first,{epoch},val/map_50_95,{value(epoch)}\n" for epoch in (1, 2))
    rest = "".join(f"second,{epoch},val/map_50_95,{value(epoch)}\n" for epoch in EPOCHS)
    path = tmp_path / "export.csv"
    path.write_text("run,step,metric,value\n" + short + "third,1,lr,0.1\n" + rest)
    graphs = read_runs(path)
    assert [graph.name for graph in graphs] == ["second", "first"]  # what has no loss and no metric is no run
    expect(graphs[0], list(EPOCHS), MAP)
    assert graphs[1].series[MAP].tolist() == [value(1), value(2)]


def test_runs__of_a_chart_end_where_each_of_them_ends(tmp_path: Path) -> None:
    names = '"Step","a - val/map_50_95","a - val/map_50_95__MIN","b - val/map_50_95","b - train/box_loss"\n'
    rows = (f"{e},{value(e) if e < 4 else ''},,{value(e) / 2},{loss(e)}\n" for e in EPOCHS)
    path = tmp_path / "wandb_export.csv"
    path.write_text(names + "".join(rows))
    first, second = read_runs(path)
    assert (first.name, first.epochs.tolist()) == ("a", [1, 2, 3])
    assert first.series[MAP].tolist() == [value(1), value(2), value(3)]
    assert (second.name, second.epochs.tolist()) == ("b", list(EPOCHS))
    assert second.series["train/box_loss"].tolist() == [loss(epoch) for epoch in EPOCHS]


def test_runs__of_one_log_are_one(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(MLFLOW)
    assert len(read_runs(path)) == 1


@pytest.mark.parametrize("root", ["mlruns", "mlruns/0"])
def test_runs__of_mlflow_s_folder_are_named_as_there(tmp_path: Path, root: str) -> None:
    for number, name in enumerate(("calm-ant", "")):
        run = tmp_path / "mlruns" / "0" / f"{number}a3f"
        for metric, of in (("train/box_loss", loss), ("val_map_50_95", value)):
            text = "".join(f"170000000000{epoch} {of(epoch)} {epoch}\n" for epoch in EPOCHS)
            (run / "metrics" / metric).parent.mkdir(parents=True, exist_ok=True)
            (run / "metrics" / metric).write_text(text)
        (run / "meta.yaml").write_text("lifecycle_stage: active\n")
        (run / "tags").mkdir()
        if name:
            (run / "tags" / "mlflow.runName").write_text(name)
    graphs = read_runs(tmp_path / root)
    assert sorted(graph.name for graph in graphs) == ["1a3f", "calm-ant"]
    for graph in graphs:
        expect(graph, list(EPOCHS), BOX, MAP)
    assert len(read_runs(tmp_path / "mlruns" / "0" / "0a3f")) == 1
