"""What waits for the control centre, in the order of its urgency, with the grounds; and how much it decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from sqlalchemy import Connection

from service.alarms.urgency import Ground
from service.people.queries import department_names
from service.reads.centre_desk import MOST_DECISIONS, centre_desk, centre_load
from service.web.pages import timing, words
from service.web.pages.shell import ask, calendar, pages, require
from service.web.pages.words import say
from service.web.request import now

LOAD_OF = timedelta(days=30)
_WHAT: Mapping[str, str] = {
    "demand": words.N_("两级督促未果，待责成"),
    "extension": words.N_("二级监察员申请延期"),
    "alarm": words.N_("无人处置的报警"),
}


@pages.get("/centre")
def centre() -> str:
    """The desk of the control centre."""
    require("read_alarms_of_county")

    def read(connection: Connection) -> dict[str, Any]:
        at, days = now(), calendar(connection)
        names = department_names(connection)
        return {
            "rows": [
                (one, [_ground(ground, days.zone) for ground in one.grounds]) for one in centre_desk(connection, at)
            ],
            "load": centre_load(connection, days, at - LOAD_OF),
            "departments": {code: both[words.in_english()] for code, both in names.items()},
        }

    return render_template("centre.html", **ask(read), most=MOST_DECISIONS, what_words=_WHAT)


def _ground(ground: Ground, zone: Any) -> str:
    value = ground.value
    match ground.code:
        case "overdue":
            return say("已于 %(at)s 到期", at=_instant(value, zone))
        case "due_soon":
            return say("%(at)s 到期", at=_instant(value, zone))
        case "rung":
            return words.word(words.RUNGS, int(value))
        case "colour":
            return words.word(words.COLOUR_WORDS, value)
        case "kind":
            return say(words.ALARM_KINDS.get(value, value))
        case "money":
            return say("涉及 %(sum)s", sum=timing.yuan(int(value)))
        case "repeated":
            return say("同一人员一月内报警 %(n)s 次", n=value)
        case _:
            return say("已等待 %(n)s 天", n=value)


def _instant(text: str, zone: Any) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%m-%d %H:%M")
