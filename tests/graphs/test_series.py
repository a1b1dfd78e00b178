"""Every series key has a title, a panel and a sentence. Run: pytest tests/graphs/test_series.py."""

import pytest

from epochal.graphs.series import TABLE, definitions, describe, order


@pytest.mark.parametrize(
    ("key", "title", "group", "better"),
    [
        ("train/box_loss", "train box_loss", "losses", "lower"),
        ("val/cls_loss", "val cls_loss", "losses", "lower"),
        ("train/odd_loss", "train odd_loss", "losses", "lower"),
        ("metrics/mAP_0.5:0.95", "mAP_0.5:0.95", "metrics", "higher"),
        ("metrics/mAP_0.5:0.95/low", "mAP_0.5:0.95, lower end", "metrics", "higher"),
        ("metrics/precision", "precision", "metrics", "higher"),
        ("metrics/mAP_0.75", "mAP_0.75", "metrics", "higher"),
        ("lr", "learning rate", "lr", None),
        ("lr/pg0", "learning rate of pg0", "lr", None),
        ("time/epoch_s", "seconds per epoch", "time", "lower"),
        ("class/a/b </script>/AP_0.5", "a/b </script>: AP_0.5", "class", "higher"),
        ("class/x\ny/AP_0.5:0.95", "x\ny: AP_0.5:0.95", "class", "higher"),
        ("gpu/memory", "gpu/memory", "other", None),
        ("train/accuracy", "train accuracy", "other", None),
        ("", "", "other", None),
    ],
)
def test_describe(key: str, title: str, group: str, better: str | None) -> None:
    found = describe(key)
    assert (found.title, found.group, found.better) == (title, group, better)
    assert found.sentence.endswith(".")


def test_describe__says_what_a_loss_measures_and_on_which_images() -> None:
    assert describe("train/box_loss").sentence.startswith("How far the predicted boxes lie")
    assert "learn images by heart" in describe("val/box_loss").sentence


def test_definitions__is_what_the_document_holds() -> None:
    (entry,) = definitions(["lr"]).values()
    assert set(entry) == {"title", "group", "sentence", "better"}


def test_table__has_no_empty_sentence() -> None:
    assert all(len(definition.sentence) > 30 for definition in TABLE.values())


def test_order__as_people_expect_columns() -> None:
    keys = ["lr", "class/b/AP_0.5", "metrics/mAP_0.5", "val/box_loss", "train/cls_loss", "train/box_loss", "zz"]
    assert order(keys) == [
        "train/box_loss", "train/cls_loss", "val/box_loss", "metrics/mAP_0.5", "lr", "class/b/AP_0.5", "zz",
    ]  # fmt: skip
