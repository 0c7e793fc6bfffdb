"""Numbers without gaps: drawn in the transaction that uses them, so that a rollback gives them back."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, column, text

from service.database.rows import read_rows

# One statement on both databases: the row is made or counted up, and locked until the transaction ends.
_NEXT = text(
    "INSERT INTO number_sequence (scope, last) VALUES (:scope, 1) "
    "ON CONFLICT (scope) DO UPDATE SET last = number_sequence.last + 1 RETURNING last"
).columns(column("last"))

_NEXT_MANY = text(
    "INSERT INTO number_sequence (scope, last) VALUES (:scope, :count) "
    "ON CONFLICT (scope) DO UPDATE SET last = number_sequence.last + :count RETURNING last"
).columns(column("last"))

_FIELD = re.compile(r"\{(\w+)(?::(0?\d+)d?)?\}")
_OF_A_YEAR = re.compile(r"\{(?:year|date)\b")

# Short names that stand in document numbers (发文机关代字), and what each kind is called there.
_ORGANS = {
    "YJ": "应急",
    "MZ": "民",
    "HB": "环",
    "SG": "市监",
    "WJ": "卫健",
    "ZR": "自然资",
    "ZJ": "住建",
    "CG": "城管",
    "RX": "热线",
    "FG": "发改",
}
_KINDS = {
    "acceptance_notice": "受",
    "correction_notice": "补",
    "non_acceptance": "不受",
    "special_notice": "特",
    "extension_notice": "延",
    "suspension_notice": "中",
    "resumption_notice": "恢",
    "termination_decision": "终",
    "delivery_receipt": "送",
    "refusal": "不许",
    "payment_notice": "缴",
    "payment_receipt": "票",
    "cancel_proof": "销",
    "change_decision": "变",
    "supervision_order": "督",
    "reply": "复",
    "prior_notice": "罚告",
    "hearing_notice": "听通",
    "notice_service_proof": "送告",
    "service_proof": "送决",
    "urging": "催",
    "deferral": "缓",
    "surcharge_decision": "加",
    "closing": "结",
    "decision": "批",
    "record": "检",
    "result": "示",
    "plan": "节",
    "delay_notice": "延督",
    "acceptance": "验",
}


def next_number(connection: Connection, scope: str) -> int:
    """The next number of a sequence; the first is 1."""
    return int(read_rows(connection, _NEXT, {"scope": scope})[0].last)


def next_numbers(connection: Connection, scope: str, count: int) -> range:
    """As many numbers of a sequence as asked for, one after the other."""
    last = int(connection.execute(_NEXT_MANY, {"scope": scope, "count": count}).scalar_one())
    return range(last - count + 1, last + 1)


def case_number(connection: Connection, department: str, category: str, on: date) -> str:
    """Such as YJ-XK-2026-000326."""
    sequence = next_number(connection, f"case/{department}/{category}/{on.year}")
    return f"{department}-{category}-{on.year}-{sequence:06d}"


def document_number(
    connection: Connection, *, department: str, kind: str, pattern: str | None, on: date, values: dict[str, Any]
) -> str:
    """A document's number: the item's own pattern, or 临应急受〔2026〕0001号 (DOMAIN: 10)."""
    scope = f"document/{department}/{kind}/{pattern or ''}"
    organ = _ORGANS.get(department, department)
    pattern = pattern or f"临{organ}{_KINDS.get(kind, '')}〔{{year}}〕{{seq:04d}}号"
    # A number that does not tell its year would come twice if its sequence began anew.
    sequence = next_number(connection, f"{scope}/{on.year}" if _OF_A_YEAR.search(pattern) else scope)
    return fill_pattern(pattern, {"year": on.year, "date": f"{on:%Y%m%d}", "seq": sequence, **values})


def fill_pattern(pattern: str, values: dict[str, Any]) -> str:
    """Put values into {year}, {seq:05d} and the like. Not str.format, which reaches attributes."""

    def put(match: re.Match[str]) -> str:
        value, width = values.get(match[1], ""), match[2]
        if width is None:
            return str(value)
        return str(value).zfill(int(width)) if width.startswith("0") else str(value)[: int(width)]

    return _FIELD.sub(put, pattern)


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    """Matches the numbers that a pattern gives."""
    read, at = "", 0
    for field in _FIELD.finditer(pattern):
        read += re.escape(pattern[at : field.start()])
        width, at = field[2], field.end()
        fixed = rf"\d{{{int(width)},}}" if width and width.startswith("0") else r"\d+"
        size = rf".{{1,{width}}}" if width else ".*?"
        named = {"seq": f"(?P<seq>{fixed})", "year": r"(?P<year>\d{4})", "date": r"(?P<year>\d{4})\d{4}"}
        read += named.get(field[1], size)
    return re.compile(f"{read}{re.escape(pattern[at:])}", re.DOTALL)


def read_number(pattern: str, number: str) -> tuple[str, int] | None:
    """The year that a number tells ("" where its pattern has none) and its place in its sequence; None for others.

    Numbers of one pattern and year come from one sequence, whatever else they tell: kinds of shops, for example.
    """
    found = _reader(pattern).fullmatch(number)
    if found is None or "seq" not in found.groupdict():
        return None
    return found.groupdict().get("year") or "", int(found["seq"])
