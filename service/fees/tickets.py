"""罚款专用票据: whose leaf is next, what a number may become, and which numbers nobody has accounted for. Pure.

行政处罚法 Art. 70: money is taken on the spot against a numbered ticket of the finance department's, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from service.errors import Detail, Refused

BLANK, USED, VOID, LOST = "blank", "used", "void", "lost"
STATUSES: Final = (BLANK, USED, VOID, LOST)
# Finance issues books of 25 or 50 leaves; a box of them is registered as several books.
MOST_IN_BOOK: Final = 200
LARGEST_SERIAL: Final = 99_999_999
LONGEST_SERIES: Final = 20
_SERIES = re.compile(r"[0-9A-Za-z\u4e00-\u9fff-]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Running numbers `first` to `last` of one series, as a book holds them."""

    series: str
    first: int
    last: int


def ticket_number(series: str, serial: int) -> str:
    """How the number stands on the leaf, such as 临财罚A-00000123."""
    return f"{series}-{serial:08d}"


def written_ticket(typed: str) -> str:
    """A number as it is kept, whatever blanks it was typed with."""
    return re.sub(r"\s", "", typed)[: LONGEST_SERIES + 9]


def wrong_span(span: Span, known: Iterable[Span]) -> Refused | None:
    """Why these numbers cannot be registered: out of bounds, or registered before."""
    if not span.series or len(span.series) > LONGEST_SERIES or not _SERIES.fullmatch(span.series):
        return _wrong("series", "请填票据批次代码（汉字、字母、数字）", "Give the series in letters and digits")
    if not 1 <= span.first <= span.last <= LARGEST_SERIAL or span.last - span.first >= MOST_IN_BOOK:
        zh = f"号段须为 1 至 {LARGEST_SERIAL} 之内的 1 至 {MOST_IN_BOOK} 个连续号码"
        return _wrong("last", zh, f"Expected 1 to {MOST_IN_BOOK} running numbers up to {LARGEST_SERIAL}")
    for other in known:
        if other.series == span.series and other.first <= span.last and span.first <= other.last:
            zh = f"与已登记的 {ticket_number(other.series, other.first)} 至 {other.last} 重号"
            return _wrong("first", zh, f"Expected new numbers, but {other.first} to {other.last} are registered")
    return None


def unregistered(spans: Iterable[Span]) -> list[Span]:
    """Numbers between two books of a series that no book holds: they were skipped when books were registered."""
    found: list[Span] = []
    last: dict[str, int] = {}
    for span in sorted(spans, key=lambda one: (one.series, one.first)):
        before = last.get(span.series)
        if before is not None and span.first > before + 1:
            found.append(Span(span.series, before + 1, span.first - 1))
        last[span.series] = max(span.last, before or 0)
    return found


def skipped(leaves: Sequence[tuple[int, str]]) -> list[int]:
    """Blank leaves before one that was used: (serial, status) of a book, in order. Nothing else leaves a gap in it."""
    used = [serial for serial, status in leaves if status == USED]
    return [serial for serial, status in leaves if status == BLANK and used and serial < max(used)]


def require_next(number: str, expected: str | None) -> None:
    """Each number once and in order: the leaf in hand is the next blank one of the officer's books.

    Raises Refused ticket_refused.
    """
    if expected is None:
        zh = "您没有可用的罚款专用票据，不能当场收缴；当事人有权拒绝缴纳（行政处罚法第七十条）"
        raise ticket_refused(zh, "Expected a blank ticket in your hands: without one the party may refuse (Art. 70)")
    if number != expected:
        zh = f"应使用下一号 {expected}；之前的号码须先作废或者报失"
        raise ticket_refused(zh, f"Expected the next number {expected}; leaves before it are voided or reported first")


def ticket_refused(zh: str, en: str, field: str = "/answers/ticket_number") -> Refused:
    """The refusal of a leaf, with the field that is wrong."""
    return Refused("ticket_refused", zh, en, [Detail("ticket", zh, en, pointer=field)])


def _wrong(field: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("range", zh, en, pointer=f"/{field}")])
