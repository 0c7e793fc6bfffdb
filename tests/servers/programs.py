"""Which of the programs that tests need are installed, and from which of Debian's packages they come."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """`find` gives what a test starts (a folder of programs, a program, a font), or None."""

    package: str
    find: Callable[[], Path | None]


def _postgresql() -> Path | None:
    """The folder with initdb and pg_ctl, of the newest version installed."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(folders, key=lambda folder: int(folder.parent.name), default=None)
    beside = shutil.which("initdb")
    return newest or (Path(beside).resolve().parent if beside else None)


def _rabbitmq() -> Path | None:
    """The folder with the scripts themselves: the wrapper on the PATH insists on its own user and folders."""
    folder = Path("/usr/lib/rabbitmq/bin")
    return folder if (folder / "rabbitmq-server").exists() and shutil.which("epmd") else None


def _chromium() -> Path | None:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return Path(found) if found else None


def _chinese_font() -> Path | None:
    return next(Path("/usr/share/fonts").rglob("NotoSansCJK*"), None)


def _nginx() -> Path | None:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found and shutil.which("envsubst") and shutil.which("openssl") else None


def _systemd() -> Path | None:
    found = shutil.which("systemd-analyze")
    return Path(found) if found else None


def _promtool() -> Path | None:
    found = shutil.which("promtool")
    return Path(found) if found else None


PROGRAMS = {
    "promtool": Program("prometheus", _promtool),
    "postgresql": Program("postgresql", _postgresql),
    "broker": Program("rabbitmq-server", _rabbitmq),
    "browser": Program("chromium", _chromium),
    "font": Program("fonts-noto-cjk", _chinese_font),
    "nginx": Program("nginx-light", _nginx),
    "systemd": Program("systemd", _systemd),
}
# What a test marked so needs; a page without Chinese glyphs is no page to look at.
NEEDED_BY_MARK = {
    "promtool": ("promtool",),
    "nginx": ("nginx",),
    "systemd": ("systemd",),
    "postgresql": ("postgresql",),
    "broker": ("broker",),
    "browser": ("browser", "font"),
}


def missing_packages(names: tuple[str, ...] = tuple(PROGRAMS)) -> list[str]:
    """Debian's names of the packages that are absent."""
    return [PROGRAMS[name].package for name in names if PROGRAMS[name].find() is None]


def installed(name: str) -> Path:
    """What `find` gave; LookupError when it is absent."""
    found = PROGRAMS[name].find()
    if found is None:
        raise LookupError(f"Expected {PROGRAMS[name].package} to be installed, but it is not")
    return found
