"""Hands out the secret of a case: to who started it, and to the window clerks of its department."""

from __future__ import annotations

from dataclasses import replace

from service.enquiry.reference import secret_of
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.case_view import CaseView
from service.settings import Settings


def with_secret(view: CaseView, settings: Settings, actor: Actor) -> CaseView:
    """The case with its secret if this person may tell it to the applicant."""
    if view.kind != "item" or not may(actor, "start_case", view.department):
        return view
    return replace(view, secret=secret_of(settings.secret_key, view.number))
