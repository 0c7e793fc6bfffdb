"""Tells other systems what an act did: one row of the outbox, whoever and however many they are."""

from __future__ import annotations

from service.commands.act import CaseAct
from service.notices.announcing import KINDS


def announce(act: CaseAct) -> None:
    """Put the act's events into its outbox rows, if anybody listens. Every event must have been noted before."""
    if not any(one.kind in KINDS for one in act.events):
        return
    if not act.services.settings.events_url and not act.services.audience.listens(act.connection):
        return
    first = act.row.event_seq + 1
    span = {"case_id": act.row.case_id, "first": first, "last": act.row.event_seq + len(act.events)}
    act.send("announcement", f"announcement/{act.row.case_id}/{first}", span)
