"""Write commands.md, settings.md and routes.md from the code, so that they cannot lie. `make docs`; a test compares."""

import tempfile
from pathlib import Path
from typing import Any

import typer

from epochal.cli.main import build_app
from epochal.config import SETTINGS
from epochal.server.app import create_app

DOCS = Path(__file__).parent


def format_commands() -> str:
    """The page of all commands, from their own help."""
    group = typer.main.get_command(build_app())
    parts = [
        "# Commands",
        "Exit codes: 0 done, 1 failed, 2 bad input or usage. With `--json` one JSON object goes to stdout and nothing "
        "else; progress goes to stderr.",
    ]
    parts += _format_group(group, "epochal")
    return "\n\n".join(parts) + "\n"


def _format_group(group: Any, prefix: str) -> list[str]:
    parts: list[str] = []
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            parts += _format_group(command, f"{prefix} {name}")
        else:
            parts += _format_command(command, f"{prefix} {name}")
    return parts


def _format_command(command: Any, title: str) -> list[str]:
    context = command.context_class(command, info_name=title)
    usage = " ".join([title, *command.collect_usage_pieces(context)])
    lines = ["| option | meaning |", "|---|---|"]
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if parameter.param_type_name == "argument":
            record = (parameter.name.upper(), parameter.help or "")
        if record and "--help" not in record[0]:
            meaning = " ".join(record[1].split()).replace("|", "\\|")
            lines.append(f"| `{record[0].replace('|', '/')}` | {meaning} |")
    parts = [f"## `{title}`", f"    {usage}", (command.help or "").strip()]
    return [*parts, "\n".join(lines)] if len(lines) > 2 else parts


def format_settings() -> str:
    """The page of all settings, from their table."""
    parts = [
        "# Settings",
        "Each setting is read from the environment (`EPOCHAL_` and the name in capitals), else from the file "
        "`epochal.toml` in the working folder (or the one that `EPOCHAL_CONFIG` names), else it has its default. "
        "Options of a command go before all of them.",
    ]
    for setting in SETTINGS:
        parts += [
            f"## `{setting.name}`",
            f"{setting.help} Default: `{setting.default}` ({setting.unit}). In the environment: "
            f"`EPOCHAL_{setting.name.upper()}`.",
        ]
    return "\n\n".join(parts) + "\n"


def format_routes() -> str:
    """The page of all routes of the native API, from its OpenAPI description."""
    with tempfile.TemporaryDirectory() as folder:
        paths = create_app(Path(folder)).openapi()["paths"]
    parts = [
        "# Routes",
        "The native API, which the web app and `epochal.client` use; `GET /api/openapi.json` describes every form. "
        'Every error is `{"error": {"code", "message"}}`. What it is for and who may ask: [server](server.md).',
    ]
    for path, methods in sorted(paths.items()):
        for method, operation in methods.items():
            parts += [
                f"## `{method.upper()} {path}`",
                " ".join(operation.get("description", operation["summary"]).split()),
            ]
    return "\n\n".join(parts) + "\n"


PAGES = {"commands.md": format_commands, "settings.md": format_settings, "routes.md": format_routes}

if __name__ == "__main__":
    for page, format_page in PAGES.items():
        (DOCS / page).write_text(format_page(), "utf-8")
