"""Slips of the pen on the case page: what may be put right, and what has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.commands.correct_slip import Slip, correctable_slips
from service.form_schemas.problems import Words
from service.reads.case_page import CasePage
from service.reads.case_view import CaseRow, CaseView
from service.web.pages import words


@dataclass(frozen=True, slots=True)
class CorrectedSlip:
    """One correction with what was before and after."""

    label: str
    before: str
    after: str
    reason: str
    who: str
    at: datetime


def open_slips(found: CaseRow, view: CaseView) -> list[Slip]:
    """What the head of section may put right in this case."""
    if view.kind != "item" or view.status in ("halted", "completed", "terminated"):
        return []
    done = [task for task in view.steps_done if task.status == "completed"]
    return list(correctable_slips(found.applicant, done, found.bundle, found.item, decided=view.decided_on is not None))


def corrected_slips(page: CasePage) -> list[CorrectedSlip]:
    """In the order in which they were made."""
    return [
        CorrectedSlip(
            str(e.payload["label_en" if words.in_english() else "label"]),
            str(e.payload["before"]),
            str(e.payload["after"]),
            str(e.payload["reason"]),
            e.actor.name if e.actor else "",
            e.at,
        )
        for e in page.steps.events
        if e.kind == "slip_corrected"
    ]


def in_language(said: Words) -> str:
    """A text of a form in the reader's language."""
    return said.in_locale(words.locale_code())
