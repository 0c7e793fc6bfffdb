"""To switch a rule of supervision off takes two people: one proposes it, another decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.alarms.rule_book import SCOPES
from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.commands.set_alarm_rule import SetAlarmRule, check_choice, write_choice
from service.errors import Refused
from service.people.permissions import may

RULE_OFF = "alarm_rule_off"


def subject_of_rule(code: str) -> str:
    return f"alarm-rule/{code}"


def _command(proposal: Proposal) -> SetAlarmRule:
    scope, value = proposal.content.get("scope"), proposal.content.get("value", "")
    if scope not in SCOPES or not isinstance(value, str):
        raise Refused("invalid_request", "没有这个适用范围", "Expected a scope of the rule and what of it")
    return SetAlarmRule(proposal.subject.partition("/")[2], str(scope), value, {}, False, proposal.reason)


def _check(connection: Connection, services: Services, proposal: Proposal, _now: datetime) -> Content:
    command = _command(proposal)
    check_choice(connection, services, command)
    return {"scope": command.scope, "value": command.value}


def _apply(connection: Connection, services: Services, proposal: Proposal, now: datetime) -> Applied:
    command = _command(proposal)
    before = check_choice(connection, services, command)
    after = write_choice(connection, command, proposal.decided_by or proposal.proposed_by, now)
    return Applied(before or None, after)


SWITCH_OFF = ProposalKind(
    RULE_OFF,
    may_propose=lambda actor, _proposal: may(actor, "set_thresholds"),
    may_decide=lambda actor, _proposal: may(actor, "set_thresholds"),
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "set_thresholds") or may(actor, "read_office_changes"),
)
