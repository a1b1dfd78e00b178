"""One table of settings: name, default, unit, help. Order: environment (`EPOCHAL_…`), file, default.

The file is `epochal.toml` in the working folder, or the one that `EPOCHAL_CONFIG` names.
Nothing else in Epochal reads an environment variable of its own, so this table is the manual; what a worker is told by
its launcher (EPOCHAL_WORKER_…, `jobs/launchers.py`) is no setting.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from epochal.errors import BadInput

Value = str | int | float


@dataclass(frozen=True)
class Setting:
    """One row of the table; the type of `default` is the type of the value."""

    name: str
    default: Value
    unit: str
    help: str


DATA_DIR_NAME = "epochal-data"  # where no other folder was named

SETTINGS: tuple[Setting, ...] = (
    Setting("data_dir", DATA_DIR_NAME, "path", "Folder for datasets and runs."),
    Setting("database_url", "", "URL", "PostgreSQL for rows; empty: SQLite in the data folder."),
    Setting("storage_url", "", "URL", "S3 for files, `s3://BUCKET/PREFIX`; empty: a folder in the data folder."),
    Setting(
        "server_url", "", "URL", "Server that clients ask; empty: the one of `epochal login`, else this machine's."
    ),
    Setting("api_key", "", "key", "Key that clients ask with; empty: the one of `epochal login`."),
    Setting("secret_key", "", "text", "Signs addresses; the same for several servers. Empty: one is made and kept."),
    Setting("host", "127.0.0.1", "address", "Address that the server listens on."),
    Setting("port", 8000, "port", "Port that the server listens on; 0 takes a free one."),
    Setting(
        "allowed_hosts", "", "names", "Names of this server beside its own, by commas: what a proxy or DNS calls it."
    ),
    Setting("cookie_secure", 0, "0 or 1", "1: browsers send the session over HTTPS alone; set it behind a TLS proxy."),
    Setting(
        "universe_search_open",
        1,
        "0 or 1",
        "Whether anybody may search the public projects as Roboflow's client does, without a key; 0: those known here.",
    ),
    Setting("requests_per_s", 500, "1/s", "Requests that one key or session may make, on average; 0: any number."),
    Setting("requests_per_s_of_address", 1000, "1/s", "Requests that one network address may make; 0: any number."),
    Setting("max_image_pixels", 200_000_000, "pixels", "An image with more pixels is refused before decoding."),
    Setting("max_image_bytes", 100_000_000, "bytes", "An image file larger than this is refused."),
    Setting("decoder_processes", 0, "processes", "How many decode pictures for the server at most; 0: two a core."),
    Setting("decoder_memory_bytes", 4_000_000_000, "bytes", "Memory of each; a picture that needs more is refused."),
    Setting("fetch_allow", "", "hosts", "Hosts whose images are fetched though they are not public; by commas."),
    Setting("max_archive_entries", 500_000, "entries", "A zip with more files is refused."),
    Setting("max_unpacked_bytes", 200_000_000_000, "bytes", "A zip that would unpack to more is refused."),
    Setting(
        "cache_max_bytes",
        8_000_000_000,
        "bytes",
        "Decoded images kept; beyond it they are decoded anew.",
    ),
    Setting("bootstrap_resamples", 200, "resamples", "Resamples behind the 95 % interval of each mAP."),
    Setting("stall_after_s", 60, "seconds", "A run without news for this long is shown as stalled."),
    Setting(
        "credits_metered", 1, "0 or 1", "Whether a training takes a credit of its workspace; 0: trainings are free."
    ),
    Setting(
        "max_body_bytes", 1_000_000, "bytes", "A request with a larger body is refused, where no other limit holds."
    ),
    Setting("max_annotation_bytes", 200_000_000, "bytes", "An uploaded annotation file larger than this is refused."),
    Setting("max_upload_bytes", 50_000_000_000, "bytes", "An uploaded zip larger than this is refused."),
    Setting("max_weights_bytes", 4_000_000_000, "bytes", "An uploaded weights file larger than this is refused."),
    Setting("warm_models", 8, "models", "Models kept in memory for inference; one more makes the oldest leave."),
    Setting("warm_models_bytes", 2_000_000_000, "bytes", "Their files in all; a larger single one still runs."),
    Setting("inference_threads", 0, "threads", "Groups of images that a model computes at once; 0: one a core."),
    Setting("inference_queue", 256, "requests", "Requests for inference that wait at most; more get 429."),
    Setting(
        "training_launcher", "local", "name", "Where trainings of versions run: `local`, or `http`: sharing nothing."
    ),
    Setting("max_trainings_at_once", 1, "trainings", "How many trainings of versions run at a time."),
    Setting("worker_lease_s", 30, "seconds", "A training whose worker is silent for this long is stalled, or dead."),
    Setting("train_budget_s", 1800, "seconds", "Training time aimed at when `--epochs` is not given."),
)


def read_settings(environ: Mapping[str, str] | None = None, file: Path | None = None) -> dict[str, Value]:
    """Give every setting its value.

    Args:
        environ: the environment; the process's own when None.
        file: a TOML file of settings; when None, `EPOCHAL_CONFIG` or `./epochal.toml` where one exists.

    Returns:
        {name: value}, one entry for each row of `SETTINGS`.

    Raises:
        BadInput: an unknown name in the file, or a value of the wrong type; names both.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Value] = {setting.name: setting.default for setting in SETTINGS}
    path = file or Path(environ.get("EPOCHAL_CONFIG", "epochal.toml"))
    if path.is_file():
        for name, raw in tomllib.loads(path.read_text("utf-8")).items():
            if name not in values:
                raise BadInput(f"{path} sets {name!r}, which is no setting; known are {', '.join(values)}.")
            values[name] = _cast(name, raw, str(path))
    for name in values:
        variable = f"EPOCHAL_{name.upper()}"
        if variable in environ:
            values[name] = _cast(name, environ[variable], variable)
    return values


def _cast(name: str, raw: object, origin: str) -> Value:
    wanted = type(next(s.default for s in SETTINGS if s.name == name))
    try:
        return wanted(str(raw))
    except (TypeError, ValueError):
        raise BadInput(f"{origin} gives {name} the value {raw!r}; expected {wanted.__name__}.") from None


def data_dir(given: Path | None = None) -> Path:
    """The data folder: the one given on the command line, else the setting `data_dir`."""
    return given if given is not None else Path(str(read_settings()["data_dir"]))


def count_threads() -> int:
    """Threads to compute with: `OMP_NUM_THREADS` where it is set, else the physical cores."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) > 0 else count_cores()


def count_cores() -> int:
    """Physical cores that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        import psutil  # of the extras; a bare installation knows logical cores alone
    except ImportError:
        return allowed
    return min(allowed, psutil.cpu_count(logical=False) or allowed)
