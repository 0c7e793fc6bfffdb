"""预警规则: every rule with its version, figures and precision so far; what a change would have raised last month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.alarms.rule_book import SCOPES, RulePreview, WantedChoice
from service.commands.alarm_rule_proposal import RULE_OFF, subject_of_rule
from service.commands.proposals import OPEN
from service.commands.propose import Propose, propose
from service.commands.set_alarm_rule import SetAlarmRule, check_choice, set_alarm_rule
from service.errors import Refused, not_found
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.alarm_rules import RuleView, read_rules
from service.reads.office_changes import list_changes
from service.reads.proposals import list_proposals
from service.reads.work_marks import items_of
from service.web.context import context
from service.web.given import whole_number
from service.web.pages import words
from service.web.pages.shell import act, ask, back, pages, refusal_view, require
from service.web.pages.words import N_, say
from service.web.request import now

SCOPE_WORDS = {"county": N_("全县"), "category": N_("事项类型"), "department": N_("部门"), "item": N_("事项")}
_LONGEST_FIGURE = 8


def scope_word(scope: str) -> str:
    """全县, 事项类型, 部门 or 事项, in the reader's language."""
    return words.word(SCOPE_WORDS, scope)


pages.add_app_template_filter(scope_word, "rule_scope")


@dataclass(frozen=True, slots=True)
class Precision:
    """How good a rule has been: of those that somebody has judged, percent that were no false alarms."""

    judged: int
    percent: int | None


def precision(rule: RuleView) -> Precision:
    """An excused breach was one; only what was no breach at all counts against the rule."""
    judged = rule.confirmed + rule.excused + rule.false_alarms
    return Precision(judged, round(100 * (rule.confirmed + rule.excused) / judged) if judged else None)


pages.add_app_template_filter(precision, "rule_precision")
pages.add_app_template_filter(lambda one: one.en if words.in_english() else one.zh, "told")


@pages.get("/rules")
def alarm_rules() -> str:
    """All rules, by kind."""
    require("read_definitions")
    found = ask(lambda connection: read_rules(connection, context().services.rule_book))
    kinds = [(kind, [one for one in found if one.kind == kind]) for kind in dict.fromkeys(one.kind for one in found)]
    return render_template("alarm_rules.html", kinds=kinds, total=len(found))


@pages.get("/rules/<code:code>")
def alarm_rule(code: str) -> str:
    """One rule: figures, choices, precision, history; for whom it behoves, its change."""
    return _page(code)


@pages.post("/rules/<code:code>/preview")
def preview_rule(code: str) -> str | tuple[str, int]:
    """What the figures of the form would have raised over the last month."""
    require("set_thresholds")
    try:
        command = _command(code)
        return _page(code, preview=ask(lambda connection: _previewed(connection, command)))
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _page(code, refusal), refusal.status


def _previewed(connection: Connection, command: SetAlarmRule) -> RulePreview:
    services = context().services
    check_choice(connection, services, command)
    if services.preview_rule is None:
        raise not_found("该规则", f"a preview of {command.rule!r}")
    wanted = WantedChoice(command.rule, command.scope, command.value, command.figures, command.enabled)
    return services.preview_rule(connection, services, wanted, now())


@pages.post("/rules/<code:code>")
def change_rule(code: str) -> Response | tuple[str, int]:
    """Choose the figures of the form; to switch off is proposed to another person."""
    require("set_thresholds")
    try:
        command = _command(code)
        if command.enabled:
            act(lambda connection, web, actor: set_alarm_rule(connection, web.services, actor, command, now()))
            return back(url_for("pages.alarm_rule", code=code), say("规则已修改，自下一次巡查起执行"))
        content = {"scope": command.scope, "value": command.value}
        proposed = Propose(RULE_OFF, subject_of_rule(code), content, command.reason)
        act(lambda connection, web, actor: propose(connection, web.services, actor, proposed, now()))
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _page(code, refusal), refusal.status
    return back(url_for("pages.alarm_rule", code=code), say("已提出停用，等待另一人批准"))


def _command(code: str) -> SetAlarmRule:
    form = request.form
    scope = form.get("scope", "county")
    value = "" if scope == "county" else form.get(f"value-{scope}", "")[:40]
    figures = {
        name.removeprefix("figure-"): _figure(name, given)
        for name, given in form.items()
        if name.startswith("figure-") and given.strip()
    }
    return SetAlarmRule(code, scope, value, figures, form.get("enabled") != "no", form.get("reason", "")[:500])


def _figure(name: str, given: str) -> int:
    found = whole_number(given[: _LONGEST_FIGURE + 1])
    if found is None or len(given.strip()) > _LONGEST_FIGURE:
        raise Refused("invalid_request", "参数须为整数", f"Expected a whole number for {name.removeprefix('figure-')}")
    return found


def _page(code: str, refusal: Refused | None = None, preview: RulePreview | None = None) -> str:
    actor = require("read_definitions")

    def read(connection: Connection) -> dict[str, Any]:
        rules = read_rules(connection, context().services.rule_book)
        found = next((one for one in rules if one.code == code), None)
        if found is None:
            raise not_found("该规则", f"rule {code}")
        departments = {c: names[words.in_english()] for c, names in department_names(connection).items()}
        waiting = list_proposals(connection, [RULE_OFF], status=OPEN, subject=subject_of_rule(code)).items
        return {
            "rule": found,
            "departments": departments,
            "items": {one.value: words.named(one) for one in items_of(connection, None)},
            "waiting": waiting if may(actor, "set_thresholds") else (),
            "changes": list_changes(connection, subject=subject_of_rule(code)).items,
        }

    return render_template(
        "alarm_rule.html",
        **ask(read),
        categories={code: words.word(words.CATEGORIES, code) for code in words.CATEGORIES},
        scopes=[(scope, scope_word(scope)) for scope in SCOPES],
        may_change=may(actor, "set_thresholds"),
        may_decide=may(actor, "set_thresholds"),
        me=actor.person_id,
        preview=preview,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )
