"""Where numbers live and how many bits they have: device, threads, bf16."""

import contextlib
import ctypes
import os
import platform

import psutil
import torch

from epochal.config import count_threads
from epochal.detectors.loss import Target
from epochal.errors import BadInput
from epochal.training.feed import Batch
from epochal.training.recipe import Machine

_KEEP_BYTES = 1 << 30


def resolve_device(wanted: str) -> str:
    """`auto` is CUDA where there is one, else the CPU. Raises BadInput for a device that is not there."""
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.split(":")[0] == "cuda" and not torch.cuda.is_available():
        raise BadInput(f"--device {wanted}: this torch sees no CUDA device; use --device cpu or install a CUDA build.")
    if wanted.split(":")[0] not in {"cpu", "cuda"}:
        raise BadInput(f"--device {wanted!r} is not known; choose auto, cpu, cuda or cuda:N.")
    return wanted


def look_at_machine() -> Machine:
    """Threads to use and whether bf16 is native."""
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return Machine(threads=count_threads(), native_bf16=bool(probe and probe()))


def prepare_process(threads: int) -> None:
    """Set threads and determinism; keep freed memory: asking for it anew costs a tenth of the time."""
    torch.set_num_threads(threads)
    # CUDA's matrix products sum in one order only with a workspace of a fixed size (docs.nvidia.com, cuBLAS).
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling memory that is written anyway costs a twelfth of a step; nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # its stub lacks it
    if platform.system() == "Linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(-1, _KEEP_BYTES)  # M_TRIM_THRESHOLD
            libc.mallopt(-3, _KEEP_BYTES)  # M_MMAP_THRESHOLD


def describe_machine() -> dict[str, object]:
    """For recipe.json."""
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(logical=False),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def in_precision(precision: str, device: str) -> torch.autocast:
    """The context in which the net computes. A weight is used once in a pass, so converted ones are not kept."""
    kind = device.split(":")[0]
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=precision == "bf16", cache_enabled=kind == "cpu")


def to_device(batch: Batch, device: str) -> Batch:
    """Move a batch; on the CPU nothing is copied."""
    target = batch.target
    moved = Target(target.boxes_xyxy.to(device), target.class_id.to(device), target.image.to(device))
    return Batch(batch.images.to(device, memory_format=torch.channels_last), moved)
