"""What a county chooses for a rule of supervision: other figures, or not to look there; each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from service.alarms.rule_book import SCOPES, RuleWords
from service.catalogue.item import CATEGORIES
from service.commands.office_changes import OfficeChange, note_change, stated
from service.commands.services import Services
from service.database.session import is_sqlite
from service.database.tables import alarm_rule_setting, department, power_item
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may


@dataclass(frozen=True, slots=True)
class SetAlarmRule:
    """`scope` one of SCOPES, `value` what of it: nothing for the county, else the code of what is meant."""

    rule: str
    scope: str
    value: str
    figures: Mapping[str, int]
    enabled: bool
    reason: str


def set_alarm_rule(
    connection: Connection, services: Services, actor: Actor, command: SetAlarmRule, now: datetime
) -> None:
    """It holds from the next pass on; alarms that stand, stand. To switch a rule off takes two people.

    Raises Refused: not_permitted, not_found, invalid_request, move_refused.
    """
    if not may(actor, "set_thresholds"):
        raise Refused("not_permitted", "您不能调整预警规则", "Expected a level-2 supervisor or the control centre")
    before = check_choice(connection, services, command)
    if not command.enabled and before.get("enabled", True):
        words = "停用规则须由另一人批准，请提出", "Expected a proposal: another person decides whether a rule is off"
        raise Refused("move_refused", *words)
    reason = stated(command.reason)
    after = write_choice(connection, command, actor.person_id, now)
    change = OfficeChange("alarm_rule_set", f"alarm-rule/{command.rule}", reason, before, after)
    note_change(connection, actor, change, now)


def check_choice(connection: Connection, services: Services, command: SetAlarmRule) -> dict[str, Any]:
    """What stands for the scope, if the choice can be made. Raises Refused not_found, move_refused, invalid_request."""
    rule = next((one for one in services.rule_book if one.code == command.rule), None)
    if rule is None:
        raise not_found("该规则", f"rule {command.rule}")
    if not rule.adjustable:
        words = "该规则由流程图和事项规定，不设参数", "Expected a rule of the passes: this one goes by the diagram"
        raise Refused("move_refused", *words)
    _require_scope(connection, command)
    _require_figures(rule, command.figures)
    return _standing(connection, command)


def write_choice(connection: Connection, command: SetAlarmRule, by: int, now: datetime) -> dict[str, Any]:
    """Put the choice into its row; what stands then."""
    row = {"figures": dict(command.figures), "enabled": command.enabled, "reason": command.reason.strip()[:500]}
    row |= {"changed_at": now, "changed_by": by}
    insert: Any = sqlite_insert if is_sqlite(connection) else postgresql_insert
    key = {"rule": command.rule, "scope": command.scope, "value": command.value}
    put = insert(alarm_rule_setting).values(**key, **row)
    connection.execute(put.on_conflict_do_update(index_elements=list(key), set_=row))
    return {**key, "figures": dict(command.figures), "enabled": command.enabled}


def _standing(connection: Connection, command: SetAlarmRule) -> dict[str, Any]:
    found = connection.execute(
        select(alarm_rule_setting).where(
            alarm_rule_setting.c.rule == command.rule,
            alarm_rule_setting.c.scope == command.scope,
            alarm_rule_setting.c.value == command.value,
        )
    ).one_or_none()
    return {} if found is None else {"figures": found.figures, "enabled": found.enabled}


def _require_scope(connection: Connection, command: SetAlarmRule) -> None:
    known = {
        "county": literal(command.value == "").label("known"),
        "category": literal(command.value in CATEGORIES).label("known"),
        "department": exists().where(department.c.code == command.value).label("known"),
        "item": exists().where(power_item.c.code == command.value).label("known"),
    }
    if command.scope not in SCOPES or not connection.execute(select(known[command.scope])).scalar_one():
        words = "没有这个适用范围", "There is no such scope"
        raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/value")])


def _require_figures(rule: RuleWords, figures: Mapping[str, int]) -> None:
    known = {figure.name: figure for figure in rule.figures}
    faults = []
    for name, value in figures.items():
        figure = known.get(name)
        if figure is None or type(value) is not int or not figure.least <= value <= figure.most:
            bounds = f"{figure.least}–{figure.most}" if figure else "—"
            faults.append(
                Detail("range", f"{name} 应为 {bounds}", f"{name} within {bounds}", pointer=f"/figures/{name}")
            )
    if faults:
        raise Refused("invalid_request", "参数不在允许范围", "Expected figures of the rule within their bounds", faults)
