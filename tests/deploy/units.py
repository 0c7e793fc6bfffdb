"""Reads systemd's units of `deploy/systemd/` and runs what they say, in folders of a test's own."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.worker.processes import ROOT

UNITS = ROOT / "deploy" / "systemd"


class Installation:
    """Where /opt/mingjing, /etc/mingjing and the folders of data lie in a test; the program is this checkout."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.data = folder / "var/lib/mingjing"
        for each in ("etc/mingjing", "var/lib/mingjing", "var/backups/mingjing", "opt/mingjing/.venv/bin", "units"):
            (folder / each).mkdir(parents=True)
        command = folder / "opt/mingjing/.venv/bin/mingjing"
        command.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom service.main import cli\ncli()\n"
        )
        command.chmod(0o755)
        (folder / "opt/mingjing/deploy").mkdir()
        shutil.copy(ROOT / "deploy" / "backup.sh", folder / "opt/mingjing/deploy")
        (folder / "etc/mingjing/mingjing.env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        for unit in UNITS.iterdir():
            (folder / "units" / unit.name).write_text(self._here(unit.read_text("utf-8")))

    def _here(self, text: str) -> str:
        for place in ("/opt/mingjing", "/etc/mingjing", "/var/lib/mingjing", "/var/backups/mingjing"):
            text = text.replace(place, f"{self.folder}{place}")
        return text

    def command(self, unit: str, instance: str = "") -> list[str]:
        """What the unit starts."""
        return shlex.split(self._of(unit, "ExecStart")[-1].replace("%i", instance))

    def environment(self, unit: str) -> dict[str, str]:
        """What it starts it with: the unit's words, the file that it names, and nothing of ours but the PATH."""
        told = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        for line in self._of(unit, "Environment"):
            told |= dict(word.split("=", 1) for word in shlex.split(line))
        for name in self._of(unit, "EnvironmentFile"):
            told |= dict(line.split("=", 1) for line in Path(name).read_text().splitlines())
        return told

    def _of(self, unit: str, name: str) -> list[str]:
        lines = (self.folder / "units" / unit).read_text("utf-8").splitlines()
        return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
