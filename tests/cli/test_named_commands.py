"""Every command that a message or a page names is one that we have. Run: pytest tests/cli/test_named_commands.py."""

import ast
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer.main

import epochal
from epochal.cli.main import build_app
from epochal.graphs.reading.commands import COMMANDS, command_for
from epochal.graphs.reading.finding_words import FINDING_WORDS
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.reading.words import VERDICT_WORDS
from graphs.runs import healthy, make_graph

SOURCE = Path(epochal.__file__).parent
DOCS = SOURCE.parents[1] / "docs"
APP: Any = typer.main.get_command(build_app())
NAMED = re.compile(r"`(epochal [a-z][^`\n]*)`")


def refuse(text: str) -> str | None:
    """Why a command line is none of ours, by the names of its commands and options; None when it is one."""
    words = shlex.split(text.rstrip("…. "))[1:]
    command = APP
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        found = command.commands.get(name)
        if found is None:
            return f"no command {name!r}"
        command = found
    known = {option: param for param in command.params for option in (*param.opts, *param.secondary_opts)}
    flags = [word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1]
    wrong = [flag for flag in flags if flag not in known and flag != "--help"]
    if wrong:
        return f"no option {wrong[0]} of {command.name}"
    if hasattr(command, "commands"):
        return None
    takes = [param for param in command.params if param.param_type_name == "argument"]
    values = [word for at, word in enumerate(words) if not word.startswith("-") and not _is_value(words, at, known)]
    if any(param.nargs < 0 for param in takes) or len(values) <= len(takes):
        return None
    return f"{command.name} takes {len(takes)} names, not {values}"


def _is_value(words: list[str], at: int, known: dict[str, Any]) -> bool:
    option = known.get(words[at - 1]) if at else None
    return option is not None and not option.is_flag


@pytest.mark.parametrize(
    "text", ["epochal grap x", "epochal graph --nonsense x", "epochal check A B", "epochal version make X"]
)
def test_refuse__tells_what_is_none_of_ours(text: str) -> None:
    assert refuse(text)


def test_findings__each_has_its_place_in_the_table_of_commands() -> None:
    assert COMMANDS.keys() == {*VERDICT_WORDS, *FINDING_WORDS}


@pytest.mark.parametrize("finding", COMMANDS)
def test_findings__commands_are_ours(finding: str) -> None:
    for form in ("ultralytics_csv", "epochal"):
        graph = make_graph(healthy(20), log_format=form)
        text = command_for(finding, graph)
        assert "{" not in text
        assert "RUN" not in text
        assert not text or refuse(text) is None, (text, refuse(text))


def test_findings__a_run_of_ours_is_named_by_its_folder() -> None:
    graph = replace(make_graph(healthy(100), log_format="epochal"), path="/data/my runs/a/metrics.jsonl")
    found = {one.id: one.command for one in read_graph(graph).findings}
    assert found["best_epoch"] == "epochal evaluate '/data/my runs/a'/weights/best.pt DATASET --split test"
    other = {one.id: one.command for one in read_graph(replace(graph, format="detr_json")).findings}
    assert other["best_epoch"] == ""


def test_messages__name_commands_that_we_have() -> None:
    named = set()
    for path in SOURCE.rglob("*.py"):
        strings = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8")))
                   if isinstance(node, ast.Constant) and isinstance(node.value, str))  # fmt: skip
        named |= {(path.name, text) for string in strings for text in NAMED.findall(string) if "{" not in text}
    assert len(named) > 20
    wrong = {f"{name}: {text}": why for name, text in named if (why := refuse(text))}
    assert not wrong


def test_docs__name_commands_that_we_have() -> None:
    named = {(path.name, text) for path in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]
             for text in NAMED.findall(path.read_text("utf-8"))}  # fmt: skip
    assert len(named) > 20
    wrong = {f"{name}: {text}": why for name, text in named if (why := refuse(text))}
    assert not wrong
