"""Sets up what a checkout runs on: `python3 deploy/environment.py run|dev`. Quick when everything is there.

A virtual environment, the locked packages by hash, the command `mingjing` in it, the browser islands. Standard library
only, since nothing else is there yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LEAST = (3, 11)


class SetUpFailed(Exception):
    """A step that did not succeed; the message says which, and what to do."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "packages", choices=("run", "dev"), help="what to install: to run the product, or to work on it"
    )
    chosen = parser.parse_args(arguments).packages
    try:
        make_environment()
        install(chosen)
        link()
        build_islands()
    except (SetUpFailed, OSError) as failure:
        say(str(failure))
        return 1
    return 0


def make_environment() -> None:
    """The virtual environment, made again when its Python is gone or has changed its version."""
    python = find_python()
    if _version(PYTHON) == _version(python):
        return
    say(f"making the virtual environment .venv with Python {'.'.join(map(str, _version(python) or ()))}")
    shutil.rmtree(VENV, ignore_errors=True)
    if not succeeds([python, "-m", "venv", VENV], quiet=True):
        # Debian keeps ensurepip in a package of its own. The system's pip can fill an environment that has none.
        shutil.rmtree(VENV, ignore_errors=True)
        if not succeeds([python, "-m", "venv", "--without-pip", VENV]):
            raise SetUpFailed("Expected Python to make a virtual environment, but it failed: see its words above")


def find_python() -> Path:
    """This Python if it is new enough, else the newest one on the PATH that is."""
    candidates = [sys.executable, *(shutil.which(f"python3.{minor}") for minor in range(20, LEAST[1] - 1, -1))]
    for candidate in filter(None, candidates):
        version = _version(Path(candidate))
        if version and version >= LEAST:
            return Path(candidate)
    found = ".".join(map(str, sys.version_info[:3]))
    raise SetUpFailed(f"Expected Python {'.'.join(map(str, LEAST))} or newer, but found {found} ({sys.executable})")


def install(chosen: str) -> None:
    """The packages of one lock, exactly as locked. What is installed for work serves to run as well."""
    lock = ROOT / "requirements" / f"{chosen}.txt"
    stamp = VENV / f"installed-{chosen}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    count = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    say(f"installing up to {count} packages from requirements/{lock.name}; the first time takes some minutes")
    # The lock names every package, so there is nothing to resolve.
    options = ["--require-hashes", "--no-deps", "--no-input", "--disable-pip-version-check", "-r", str(lock)]
    words = VENV / "pip-words"
    with words.open("wb") as errors:
        command = [*_pip(), "install", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as pip:  # noqa: S603 - our own
            _show_progress(pip, count)
    if pip.returncode:
        print(words.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise SetUpFailed("Expected pip to install the locked packages, but it failed: see its words above")
    stamp.write_text(digest)


def link() -> None:
    """`import service` and the command `mingjing` work from any folder, with the sources of this checkout."""
    packages = next(VENV.glob("lib/python3*/site-packages"))
    _write(packages / "mingjing.pth", f"{ROOT}\n")
    command = VENV / "bin" / "mingjing"
    # The guard: a process that Python spawns reads the command once more, as another module.
    _write(command, f'#!{PYTHON}\nfrom service.main import cli\n\nif __name__ == "__main__":\n    cli()\n')
    command.chmod(0o755)


def build_islands() -> None:
    """It decides by itself whether there is anything to do."""
    if not succeeds([PYTHON, "-m", "service.web.islands_build"]):
        raise SetUpFailed("Expected the browser islands to be built, but that failed: see the words above")


def succeeds(command: list[str | Path], *, quiet: bool = False) -> bool:
    """Whether it ended with 0."""
    return subprocess.run(command, cwd=ROOT, capture_output=quiet).returncode == 0  # noqa: S603 - our own words


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def _version(python: Path) -> tuple[int, int] | None:
    """None when it does not run."""
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)


def _pip() -> list[str]:
    if succeeds([PYTHON, "-m", "pip", "--version"], quiet=True):
        return [str(PYTHON), "-m", "pip"]
    if succeeds([find_python(), "-m", "pip", "--version"], quiet=True):
        return [str(find_python()), "-m", "pip", "--python", str(PYTHON)]
    raise SetUpFailed("Expected pip, but this Python has none: install python3-pip or python3-venv")


def _show_progress(pip: subprocess.Popen[str], count: int) -> None:
    """One line that counts on a terminal, a line for every twenty packages elsewhere."""
    seen = 0
    for line in pip.stdout or ():
        words = line.split()
        if words[:1] in (["Collecting"], ["Processing"]):  # the second: from a folder of packages
            seen += 1
            package = words[1].rpartition("/")[2].partition("==")[0]
            _show(f"{seen}/{count} {package}", always=seen % 20 == 0)
        elif words[:2] == ["Installing", "collected"]:
            _show(f"unpacking {seen} packages", always=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _show(text: str, *, always: bool) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Kset-up: {text}", end="", file=sys.stderr, flush=True)
    elif always:
        say(text)


def _write(file: Path, text: str) -> None:
    if not file.exists() or file.read_text() != text:
        file.write_text(text)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    raise SystemExit(main())
