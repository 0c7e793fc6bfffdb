"""Records kept in memory and, given a folder, one JSON file each, so that a restart forgets nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]
# Ten thousand notices are far more than a demo county writes in a year, and some 10 MB.
MAX_RECORDS = 10_000
_KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Shelf:
    """Keyed records in the order they came, at most `max_records`: the oldest leaves first.

    Not locked: its owner is. A record that is changed is put again, or the file does not know.
    """

    def __init__(self, folder: Path | None = None, *, max_records: int = MAX_RECORDS) -> None:
        self._folder = folder
        self._max_records = max_records
        self._records: dict[str, Record] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self._load(folder)

    def get(self, key: str) -> Record | None:
        return self._records.get(key)

    def put(self, key: str, record: Record) -> None:
        """Keys are letters, digits, `-` and `_`, at most 64: they name files."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"Expected a key of letters and digits, but found {key!r}")
        position = self._records[key]["position"] if key in self._records else self._next_position()
        self._records[key] = record | {"position": position}
        self._write(key)
        while len(self._records) > self._max_records:
            self._drop(next(iter(self._records)))

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def _next_position(self) -> int:
        return next((record["position"] + 1 for record in reversed(self._records.values())), 1)

    def _load(self, folder: Path) -> None:
        found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
        self._records = dict(sorted(found.items(), key=lambda entry: int(entry[1]["position"])))

    def _write(self, key: str) -> None:
        if self._folder:
            staged = self._folder / f"{key}.new"
            staged.write_text(json.dumps(self._records[key], ensure_ascii=False), "utf-8")
            staged.replace(self._folder / f"{key}.json")

    def _drop(self, key: str) -> None:
        del self._records[key]
        if self._folder:
            (self._folder / f"{key}.json").unlink(missing_ok=True)
