"""Pages of a list: opaque cursors that point behind the last row, so that rows that come in between move nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from service.database.types import EPOCH
from service.errors import Detail, Refused

# Sorts behind every instant: a row that is never due.
FAR = datetime(9999, 1, 1, tzinfo=UTC)
MOST_ROWS = 200
USUAL_ROWS = 50
LONGEST_CURSOR = 400

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some rows of a list, how many there are in all, and the cursor of the next page."""

    items: tuple[Item, ...]
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is asked for."""

    limit: int = USUAL_ROWS
    cursor: str | None = None

    def after(self, *kinds: type) -> list[Any] | None:
        """The key of the last row of the page before, of values of these kinds; None for the first page.

        Raises Refused invalid_request for a cursor of somebody's own.
        """
        return None if self.cursor is None else read_cursor(self.cursor, kinds)


FIRST_PAGE = Asked()


def page_of(
    rows: Sequence[Any], total: int, asked: Asked, key: Callable[[Any], list[Any]], view: Callable[[Any], Item]
) -> Page[Item]:
    """A page from one row more than asked for; that row only tells that there is a next page."""
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    return Page(tuple(view(row) for row in shown), total, make_cursor(key(shown[-1])) if more else None)


def make_cursor(key: list[Any]) -> str:
    text = json.dumps(key, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: tuple[type, ...]) -> list[Any]:
    """The key in a cursor; Refused invalid_request if it is none of ours."""
    found: Any = None
    if len(cursor) <= LONGEST_CURSOR:
        try:
            found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds):
        raise bad_cursor()
    if any(isinstance(part, int) and not -(2**63) < part < 2**63 for part in found):
        raise bad_cursor()
    return found


def bad_cursor() -> Refused:
    return Refused(
        "invalid_request",
        "翻页参数不正确",
        "Expected a cursor that this list has given",
        [Detail("invalid_cursor", "翻页参数不正确", "Not a cursor of this list", pointer="/cursor")],
    )


def contains(text: str) -> str:
    """A LIKE pattern (escape `\\`) for texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def microseconds(at: datetime) -> int:
    """An instant as a part of a cursor."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(since_epoch: int) -> datetime:
    """The instant in a cursor; Refused invalid_request if there is no such year."""
    try:
        return EPOCH + timedelta(microseconds=since_epoch)
    except OverflowError:
        raise bad_cursor() from None
