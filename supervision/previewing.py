"""The preview of a rule's change for pages and the interface: it reads the last month once and raises nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.alarms.rule_book import Previewed, RulePreview, WantedChoice
from service.commands.services import Services
from service.errors import not_found
from supervision.collecting import collect
from supervision.rule_differences import DAYS, difference
from supervision.rules.registry import PASS_RULES
from supervision.rules.rule import Choice, Finding
from supervision.watching import choices

# So many of each are shown; the numbers count all.
MOST_SHOWN = 50


def preview_rule(connection: Connection, services: Services, wanted: WantedChoice, now: datetime) -> RulePreview:
    """What the rule would have raised over the last month if this were chosen. Raises Refused not_found."""
    rule = PASS_RULES.get(wanted.rule)
    if rule is None:
        raise not_found("该规则", f"a rule of the passes called {wanted.rule!r}")
    standing = choices(connection)
    chosen = Choice(wanted.rule, wanted.scope, wanted.value, wanted.figures, wanted.enabled)
    others = [one for one in standing if (one.rule, one.scope, one.value) != (rule.code, wanted.scope, wanted.value)]
    facts = collect(connection, services, now, hourly=True, whole=True, look_back_days=DAYS + 2)
    found = difference(rule, facts, standing, [*others, chosen])
    return RulePreview(
        DAYS,
        found.before,
        found.after,
        tuple(_shown(one) for one in found.added[:MOST_SHOWN]),
        tuple(_shown(one) for one in found.dropped[:MOST_SHOWN]),
    )


def _shown(one: Finding) -> Previewed:
    at = str(one.evidence[0].get("at", "")) if one.evidence else ""
    return Previewed(one.colour, one.place.department, at, one.summary_zh, one.summary_en)
