"""What was planted, and what looks like it and is innocent: the ground truth, in a file that no rule can read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "truth.jsonl"


@dataclass(slots=True)
class Deed:
    """A breach of a kind in one of its forms, or what is innocent and looks like one.

    `done_at` is the instant from which it is whole; None while it is not. `cases`, `persons` (ids), `receipts` and
    `items` say whom and what it is about. `lasting`: it is no matter of one day. `halts`: the act itself must halt.
    `acts` that people did for it; `parts` of them are still to come.
    """

    kind: str
    form: str
    innocent: bool = False
    halts: bool = False
    lasting: bool = False
    begun_at: datetime | None = None
    done_at: datetime | None = None
    department: str = ""
    acts: int = 1
    cases: list[str] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    parts: int = 1

    def about(self, case: str | None = None, person: int | None = None) -> None:
        """It concerns this case and this person too."""
        if case is not None and case not in self.cases:
            self.cases.append(case)
        if person is not None and person not in self.persons:
            self.persons.append(person)

    def act(self, at: datetime) -> None:
        """One of the acts that it takes: with the last it is whole."""
        self.begun_at = self.begun_at or at
        self.parts -= 1
        if self.parts <= 0:
            self.done_at = at


def write_truth(folder: Path, deeds: Iterable[Deed], until: datetime) -> None:
    """Those that were whole by the county's last day, one a line, in the order in which they were."""
    whole = (deed for deed in deeds if deed.done_at is not None and deed.done_at < until)
    done = sorted(whole, key=lambda deed: (str(deed.done_at), deed.form))
    with (folder / FILE).open("w", encoding="utf-8") as file:
        for deed in done:
            file.write(json.dumps(asdict(deed), ensure_ascii=False, default=datetime.isoformat) + "\n")


def read_truth(folder: Path) -> tuple[Deed, ...]:
    return tuple(_deeds((folder / FILE).read_text(encoding="utf-8").splitlines()))


def _deeds(lines: Iterable[str]) -> Iterator[Deed]:
    for line in lines:
        given: dict[str, Any] = json.loads(line)
        for name in ("begun_at", "done_at"):
            given[name] = datetime.fromisoformat(given[name]) if given[name] else None
        yield Deed(**given)
