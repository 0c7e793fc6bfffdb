"""What the applicant is told in writing of the clock (行政许可法 Art. 42, 45): numbered papers, drawn when printed.

What such a paper says is settled when it is made: rows, ground and day stand in its content, under keys that no form
can have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.catalogue.item import DocumentRule
from service.commands import documents
from service.commands.documents import ROWS
from service.commands.paper_words import DUE, PROVISIONAL

if TYPE_CHECKING:
    from service.commands.act import CaseAct

SPECIAL, EXTENSION = "special_notice", "extension_notice"
SUSPENSION, RESUMPTION, TERMINATION = "suspension_notice", "resumption_notice", "termination_decision"
NAMES: Final[Mapping[str, str]] = {
    SPECIAL: "特别程序告知书",
    EXTENSION: "延期告知书",
    SUSPENSION: "中止办理告知书",
    RESUMPTION: "恢复办理告知书",
    TERMINATION: "终止办理决定书",
}
BASIS, VARIANT = "#basis", "#variant"
EXTENSION_BASIS: Final = "《中华人民共和国行政许可法》第四十二条"


def special_content(
    act: CaseAct, procedure: str, until: datetime | None, due: datetime | None, reason: str = ""
) -> dict[str, Any]:
    """What a notice of a special procedure says: which, until when, and when the case is then due."""
    rows = [["特别程序", procedure], ["原因", reason], ["预计完成日期", _day(act, until)]]
    return _content(act, rows, "", due)


def tell_special_step(act: CaseAct, procedure: str, until: datetime | None, due: datetime | None, reason: str) -> None:
    """特别程序告知书, for a procedure that no diagram draws."""
    _make(act, SPECIAL, special_content(act, procedure, until, due, reason))


def tell_extension(act: CaseAct, *, days: int, before: datetime | None, due: datetime, reason: str) -> None:
    """延期告知书: why, how long, and both days."""
    rows = [
        ["延长理由", reason],
        ["延长时间", f"{days} 个工作日"],
        ["原办结期限", _day(act, before)],
        ["延长后的办结期限", _day(act, due)],
    ]
    licence = act.item is not None and act.item.category == "XK"
    _make(act, EXTENSION, _content(act, rows, EXTENSION_BASIS if licence else "", due))


def tell_suspension(act: CaseAct, *, ground: str, reason: str) -> None:
    """中止办理告知书: nobody knows yet when the case will be due."""
    _make(act, SUSPENSION, _content(act, [["中止事由", reason], ["中止日期", _day(act, act.now)]], ground, None))


def tell_resumption(act: CaseAct, *, reason: str, due: datetime | None) -> None:
    """恢复办理告知书, with the new day where no other stop still runs."""
    rows = [["恢复办理的原因", reason], ["恢复日期", _day(act, act.now)], ["新的办结期限", _day(act, due)]]
    _make(act, RESUMPTION, _content(act, rows, "", due))


def tell_termination(act: CaseAct, *, ground: str, reason: str) -> None:
    """终止办理决定书, with the remedies."""
    _make(act, TERMINATION, _content(act, [["终止事由", reason]], ground, None))


def _content(act: CaseAct, rows: Sequence[Sequence[str]], basis: str, due: datetime | None) -> dict[str, Any]:
    last = act.calendar.local_date(due - timedelta(microseconds=1)).isoformat() if due is not None else ""
    kept = [list(row) for row in rows if row[1]]
    return {ROWS: kept, BASIS: basis, DUE: last, VARIANT: "" if due is not None else "open"}


def _make(act: CaseAct, kind: str, content: dict[str, Any]) -> None:
    documents.make(act, DocumentRule(kind, NAMES[kind], "", None, None, None), content)


def _day(act: CaseAct, at: datetime | None) -> str:
    if at is None:
        return ""
    day = act.calendar.local_date(at - timedelta(microseconds=1))
    return day.isoformat() + (PROVISIONAL if act.calendar.is_provisional(day.year) else "")
