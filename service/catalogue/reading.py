"""Reads power items; compiled versions are kept in a bounded cache, since a version never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy import Connection, bindparam, select

from service.catalogue.item import PowerItem, build_item
from service.database.in_text import in_text
from service.database.rows import read_row
from service.database.tables import power_item

_ONE = select(power_item.c.definition_key, power_item.c.content).where(
    power_item.c.code == bindparam("code"), power_item.c.version == bindparam("version")
)
_CURRENT = select(power_item.c.version).where(
    power_item.c.code == bindparam("code"), power_item.c.current.is_(True), power_item.c.status == in_text("active")
)


class ItemCache:
    """Compiled items by (code, version), least recently used out first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[tuple[str, int], PowerItem] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: Connection, code: str, version: int) -> PowerItem:
        """The item's version; raises LookupError if there is none."""
        with self._lock:
            found = self._items.get((code, version))
            if found is not None:
                self._items.move_to_end((code, version))
                return found
        row = connection.execute(_ONE, {"code": code, "version": version}).one_or_none()
        if row is None:
            raise LookupError(f"Expected power item {code} version {version}, but there is none")
        item = build_item(code, version, row.definition_key, row.content)
        with self._lock:
            self._items[(code, version)] = item
            while len(self._items) > self._size:
                self._items.popitem(last=False)
        return item

    def current(self, connection: Connection, code: str) -> PowerItem | None:
        """The version in force; None for an unknown or suspended item."""
        row = read_row(connection, _CURRENT, {"code": code})
        return None if row is None else self.get(connection, code, row.version)
