"""What a county may choose of its own rules (设置), and which choices are no choice. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from service.errors import Detail, Refused
from service.people.presence import DEFAULT_KINDS, DEFAULT_MOVES, HALT_RULING, PRESENCE

# Departments too small to staff a supervisor apart: sup1 may hold business posts there, kept apart case by case.
LOOSENED: Final = "loosened"
# Kinds of acts that a county may have ask for the second step of the sign-in.
ASKING: Final = (
    *"accept investigate review legal approve decide hearing print collect visit accept_dept review_dept".split(),
    HALT_RULING,
    *sorted(DEFAULT_MOVES),
)
# What no county takes out: a ruling on a halt and what grants something are done by the person.
ALWAYS: Final = frozenset({"decide", "print", HALT_RULING})
MINUTES: Final = "shared_terminal_minutes"
USUAL_MINUTES: Final = 5
_MOST_MINUTES: Final = 60
# 停机公告: how far back, how long and how far ahead one may be declared, each with the least and the most of it.
OUTAGES: Final = "outages"
OUTAGE_BOUNDS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"most_back_hours": (0, 72), "longest_days": (1, 30), "most_ahead_days": (1, 365)}
)
# 督办提醒: whoever owes a step of a supervision order is reminded after so many office hours, and again after as many.
ORDERS: Final = "orders"
REMIND_HOURS: Final = "remind_office_hours"
REMIND_HOURS_BOUNDS: Final = (1, 40)

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        PRESENCE: {"second_step": sorted(DEFAULT_KINDS), MINUTES: USUAL_MINUTES},
        LOOSENED: {"sup1": []},
        ORDERS: {REMIND_HOURS: 3},
        OUTAGES: {"most_back_hours": 12, "longest_days": 7, "most_ahead_days": 60},
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a choice is held against."""

    departments: Collection[str]


def checked(name: str, content: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The choice as it is kept. Raises Refused not_found, invalid_request with a line for each fault."""
    check = _CHECKS.get(name)
    if check is None:
        raise Refused("not_found", "没有这项设置", f"Expected a setting of the county, found {name!r}")
    return check(content, known)


def _presence(content: Mapping[str, Any], _known: Known) -> dict[str, Any]:
    kinds, minutes = content.get("second_step"), content.get(MINUTES, USUAL_MINUTES)
    if not isinstance(kinds, list) or not all(isinstance(one, str) and one in ASKING for one in kinds):
        raise _wrong("/second_step", "请从列出的环节和方式中选择", f"Expected some of {', '.join(ASKING)}")
    if missing := sorted(ALWAYS - set(kinds)):
        words = f"审批、制证和中止处置必须本人操作：{'、'.join(missing)}", f"Always asked for: {', '.join(missing)}"
        raise _wrong("/second_step", *words)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= _MOST_MINUTES:
        raise _wrong(f"/{MINUTES}", f"须为 1 至 {_MOST_MINUTES} 分钟", f"Expected 1 to {_MOST_MINUTES} minutes")
    return {"second_step": sorted(set(kinds)), MINUTES: minutes}


def _loosened(content: Mapping[str, Any], known: Known) -> dict[str, Any]:
    places = content.get("sup1")
    if not isinstance(places, list) or not all(isinstance(one, str) and one in known.departments for one in places):
        raise _wrong("/sup1", "请选择本县的部门", "Expected departments of the county")
    return {"sup1": sorted(set(places))}


def _outages(content: Mapping[str, Any], _known: Known) -> dict[str, Any]:
    found = {}
    for name, (least, most) in OUTAGE_BOUNDS.items():
        value = content.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _wrong(f"/{name}", f"须为 {least} 至 {most}", f"Expected {least} to {most}")
        found[name] = value
    return found


def _orders(content: Mapping[str, Any], _known: Known) -> dict[str, Any]:
    least, most = REMIND_HOURS_BOUNDS
    hours = content.get(REMIND_HOURS)
    if not isinstance(hours, int) or isinstance(hours, bool) or not least <= hours <= most:
        raise _wrong(
            f"/{REMIND_HOURS}", f"须为 {least} 至 {most} 个工作小时", f"Expected {least} to {most} office hours"
        )
    return {REMIND_HOURS: hours}


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], Known], dict[str, Any]]] = {
    PRESENCE: _presence,
    LOOSENED: _loosened,
    OUTAGES: _outages,
    ORDERS: _orders,
}


def _wrong(pointer: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("not_a_choice", zh, en, pointer=pointer)])
