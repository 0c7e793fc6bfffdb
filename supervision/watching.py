"""The pass: looks at the last days once a minute and raises what its rules find. Killed or doubled, it does no harm.

What somebody's act can complete is looked at as soon as something new of its kind has come; what only time completes
with the first look after its time: an absence each hour of the clock, the silence of a month each day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, bindparam, select, text, update

from service.commands.order_alarms import join_standing_order
from service.commands.services import Services
from service.database.rows import read_row, read_rows, write_row
from service.database.tables import alarm_rule_setting, supervision_pass
from service.database.types import Instant
from supervision.collecting import collect
from supervision.lapsing import let_lapse, let_lapse_notices
from supervision.raising import MOST_ROWS, Key, NewAlarm, let_grow, order_it, standing_alarms, tell, write_alarm
from supervision.remembering import Memory
from supervision.rules.registry import findings
from supervision.rules.rule import Choice, Finding

NAME = "rules"
EVERY = timedelta(minutes=1)
HOURLY = timedelta(hours=1)
# Everything is looked at once a day of the county's, so that nothing is passed over for good.
DAILY = timedelta(days=1)
# An act is dated when it begins; it may be seen only when its transaction has ended.
OVERLAP = timedelta(minutes=5)
_BEFORE = select(supervision_pass.c.looked_at).where(supervision_pass.c.name == bindparam("name"))
_BEGIN = text(
    "INSERT INTO supervision_pass (name, looked_at) VALUES (:name, :looked_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("looked_at", type_=Instant))
_LOOKED = (
    select(supervision_pass.c.looked_at)
    .where(supervision_pass.c.name == bindparam("name"))
    .with_for_update(skip_locked=True)
)
_SET = (
    update(supervision_pass)
    .where(supervision_pass.c.name == bindparam("b_name"))
    .values(looked_at=bindparam("looked_at"))
)
_CHOSEN = select(alarm_rule_setting).order_by(alarm_rule_setting.c.id)


def watch(connection: Connection, services: Services, now: datetime, memory: Memory | None = None) -> int:
    """Raise what is found; how many alarms are new. Nothing where somebody looks just now, or did within the minute.

    `memory` is what this process has read in its looks before.
    """
    before = read_row(connection, _BEFORE, {"name": NAME})
    if not claim_pass(connection, NAME, EVERY, now):
        return 0
    calendar = services.calendars.get(connection)
    hourly = claim_pass(connection, f"{NAME}_hourly", HOURLY, now.replace(minute=0, second=0, microsecond=0))
    today = datetime.combine(calendar.local_date(now), time(), calendar.zone)
    daily = claim_pass(connection, f"{NAME}_daily", DAILY, today)
    chosen = choices(connection)
    if hourly:
        let_lapse(connection, now)
    let_lapse_notices(connection, calendar, now)
    news_since = (before.looked_at if before is not None else now) - OVERLAP
    whole = (memory is not None and memory.chooses_anew(chosen)) or daily
    facts = collect(connection, services, now, hourly=hourly, whole=whole, news_since=news_since, memory=memory)
    found = list(findings(facts, chosen))
    # Most of what a pass finds, the passes before it have found: those alarms stand, and nothing is written.
    standing = standing_alarms(connection, ((one.subject, one.rule.code) for one in found))
    return sum(_raise(connection, services, one, now) for one in found if not _shown(one, standing))


def _shown(found: Finding, standing: Mapping[Key, int]) -> bool:
    """Whether an alarm stands that shows as much."""
    rows = standing.get((found.subject[:80], found.rule.code, found.colour))
    return rows is not None and rows >= min(len(found.evidence), MOST_ROWS)


def choices(connection: Connection) -> tuple[Choice, ...]:
    """What the county has chosen for its rules."""
    return tuple(
        Choice(row.rule, row.scope, row.value, row.figures, row.enabled) for row in read_rows(connection, _CHOSEN)
    )


def claim_pass(connection: Connection, name: str, every: timedelta, now: datetime) -> bool:
    """Hold the pass's row until the transaction ends, unless another worker does, or it is not time yet.

    A clock that was put back begins anew.
    """
    if write_row(connection, _BEGIN, {"name": name, "looked_at": now}):
        return True
    held = read_row(connection, _LOOKED, {"name": name})
    if held is None or timedelta() <= now - held.looked_at < every:
        return False
    write_row(connection, _SET, {"b_name": name, "looked_at": now})
    return True


def _raise(connection: Connection, services: Services, found: Finding, now: datetime) -> bool:
    new = NewAlarm(
        found.rule.kind,
        found.rule.code,
        found.rule.version,
        found.colour,
        found.subject,
        found.cause,
        found.place.department,
        found.summary_zh,
        found.summary_en,
        found.evidence,
        found.case_id,
        found.element_id,
        found.person_id,
    )
    alarm_id = write_alarm(connection, services.calendars, new, now)
    if alarm_id is None:
        let_grow(connection, new)
        return False
    if found.colour == "red":
        order_it(connection, alarm_id, found.case_id, now)
    else:
        if found.colour == "yellow" and found.rule.kind != "overdue":
            join_standing_order(connection, alarm_id, found.case_id, found.cause)
        about = str(found.evidence[0].get("case") or "") if found.evidence else ""
        tell(connection, new, (), about, now)
    return True
