"""Viewflow from the package index: `python -m bench.rivals.viewflow_steps FOLDER`, in the environment of the rivals.

Each step is claimed, started and executed under the flow's lock, its answers kept in the process' JSON. No timers,
forms, history, materials or fees.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings

from bench.rivals.talking import talk


def set_up(folder: Path) -> None:
    """Django on SQLite, flushing as the product does."""
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}
    settings.configure(
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "viewflow.db"), "OPTIONS": options}
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "viewflow",
            "viewflow.workflow",
            "bench.rivals",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="a bench's own, which protects nothing",
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


class Rival:
    """A clerk who claims, opens and completes."""

    def __init__(self, folder: Path) -> None:
        set_up(folder)
        from django.contrib.auth.models import User
        from viewflow.workflow.models import Task

        from bench.rivals.viewflow_flow import Licence

        self._flow, self._tasks = Licence, Task.objects
        self._clerk = User.objects.create_superuser("clerk")

    def start(self, given: dict[str, Any]) -> int:
        process = self._flow.apply.run(given=given)
        return int(process.pk)

    def complete(self, case_id: int, step: str, given: dict[str, Any]) -> None:
        task = self._tasks.get(process_id=case_id, flow_task=getattr(self._flow, step), finished__isnull=True)
        with task.activation() as activation:
            activation.assign(self._clerk)
            activation.start(SimpleNamespace(user=self._clerk))
            activation.process.data = {**(activation.process.data or {}), **given}
            activation.process.save()
            activation.execute()


if __name__ == "__main__":
    talk(Rival(Path(sys.argv[1])))
