"""What the steps of a penalty set and the service answers about it (行政处罚法 44, 60, 62, 64)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from service.fees.ledger import Books
from service.working_time.months import months_later

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# 行政处罚法 Art. 64: a hearing is asked for within five working days; a statement is waited for as long (items.yaml).
STATEMENT_WORKING_DAYS = 5
_SUIT_MONTHS = 6
_OF_A_STATEMENT = ("statement_made", "hearing_requested", "rights_waived", "statement_on")
FACTS = frozenset({"prior_notice_served", "statement_closed", "written_off", "urge_amount"})


def known_by(answers: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What the case knows once a step was answered so; empty for steps of other items."""
    known: dict[str, Any] = {}
    if answers.get("penalty_decision"):
        known["decided_on"] = today.isoformat()
    if answers.get("legal_opinion") == "pass":
        # The prior notice is drawn up from here on: nothing was served before.
        known["legally_passed_on"] = today.isoformat()
    if served := answers.get("notice_served_on"):
        # A new notice opens the party's time anew: what was said to an earlier one moves nothing any more.
        known |= {"notice_served_on": served, **dict.fromkeys(_OF_A_STATEMENT)}
    if served := answers.get("served_on"):
        known["remedies_until"] = months_later(date.fromisoformat(served), _SUIT_MONTHS).isoformat()
    if answers.get("collected") == "yes":
        # 行政处罚法 Art. 71: what is taken on water is handed over within two days from landing.
        known["collected_on"] = answers.get("landed_on") or today.isoformat()
    return known


def said_so_far(act: CaseAct, answers: Mapping[str, Any]) -> dict[str, Any]:
    """A party's message beside the earlier ones to the same notice: what was claimed once stays claimed."""
    told = ("statement_made", "hearing_requested", "rights_waived")
    return {name: bool(answers.get(name) or act.run.lookup(name)) for name in told if name in answers}


def fact(act: CaseAct, name: str) -> object:
    """One of FACTS for the case at hand."""
    if name == "prior_notice_served":
        return bool(act.run.lookup("notice_served_on"))
    if name == "statement_closed":
        return _statement_closed(act)
    return debt_fact(act.books, name)


def debt_fact(books: Books, name: str) -> object:
    """`written_off`: a leader gave up what was still owed; `urge_amount`: what is owed now, surcharge included."""
    if name == "written_off":
        return books.of_kind("written_off") > 0 and books.outstanding <= 0
    return max(books.outstanding, 0)


def _statement_closed(act: CaseAct) -> bool:
    """The party has waived what is left of its rights, or its time is over (Art. 62, 64: no decision before).

    A statement alone closes nothing: the party may add to it, and ask for a hearing.
    """
    served = act.run.lookup("notice_served_on")
    if not isinstance(served, str):
        return False
    until = act.calendar.add_working_days(date.fromisoformat(served), STATEMENT_WORKING_DAYS)
    return bool(act.run.lookup("rights_waived")) or act.now > until
