"""Another person approves or refuses a proposal; who proposed it may take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.commands.office_changes import LONGEST_REASON, OfficeChange, note_change, stated
from service.commands.proposal_kinds import KINDS
from service.commands.proposals import (
    APPROVED,
    OPEN,
    REFUSED,
    WITHDRAWN,
    Proposal,
    ProposalKind,
    require_other_person,
)
from service.commands.services import Services
from service.database.tables import proposal
from service.errors import Refused, not_found
from service.people.actor import Actor

_ONE = select(proposal).where(proposal.c.id == bindparam("id")).with_for_update()
_SETTLE = update(proposal).where(proposal.c.id == bindparam("b_id"), proposal.c.status == OPEN)
_Kinds = Mapping[str, ProposalKind]


def approve_proposal(
    connection: Connection,
    services: Services,
    actor: Actor,
    proposal_id: int,
    now: datetime,
    *,
    ground: str = "",
    kinds: _Kinds = KINDS,
) -> Proposal:
    """Put it into effect, checked once more; the book has both persons.

    Raises Refused: not_found, not_permitted, separation_of_duty for who proposed it, not_waiting once it is decided,
    and what the kind's own check raises.
    """
    kind, found = _waiting(connection, actor, proposal_id, kinds)
    content = kind.check(connection, services, found, now)
    checked = replace(found, content=content, decided_by=actor.person_id)
    _settle(connection, actor, found, APPROVED, ground.strip()[:LONGEST_REASON] or None, now)
    done = kind.apply(connection, services, checked, now)
    change = OfficeChange(kind.name, found.subject, found.reason, done.before, done.after, found.proposed_by)
    note_change(connection, actor, change, now)
    return checked


def refuse_proposal(
    connection: Connection, actor: Actor, proposal_id: int, ground: str, now: datetime, *, kinds: _Kinds = KINDS
) -> Proposal:
    """Nothing changes; the ground stays on record. Raises Refused as `approve_proposal`, and for want of a ground."""
    _, found = _waiting(connection, actor, proposal_id, kinds)
    _settle(connection, actor, found, REFUSED, stated(ground), now)
    return found


def withdraw_proposal(connection: Connection, actor: Actor, proposal_id: int, now: datetime) -> Proposal:
    """Who proposed it takes it back while nobody has decided. Raises Refused: not_found, not_permitted, not_waiting."""
    found = _read(connection, proposal_id)
    if found.proposed_by != actor.person_id:
        raise Refused("not_permitted", "只有提出人可以撤回", "Expected the person who has proposed it")
    _settle(connection, actor, found, WITHDRAWN, None, now)
    return found


def _waiting(connection: Connection, actor: Actor, proposal_id: int, kinds: _Kinds) -> tuple[ProposalKind, Proposal]:
    found = _read(connection, proposal_id)
    kind = kinds.get(found.kind)
    if kind is None:
        raise not_found("该提议", f"proposal {proposal_id} of a known kind")
    if not kind.may_decide(actor, found):
        raise Refused("not_permitted", "您的岗位不能审批这项提议", f"Expected a post that decides {kind.name}")
    require_other_person(actor, found)
    return kind, found


def _read(connection: Connection, proposal_id: int) -> Proposal:
    row = connection.execute(_ONE, {"id": proposal_id}).one_or_none()
    if row is None:
        raise not_found("该提议", f"proposal {proposal_id}")
    if row.status != OPEN:
        raise Refused("not_waiting", "该提议已有结果", f"Expected an open proposal, but this one is {row.status}")
    return Proposal(row.kind, row.subject, row.content, row.reason, row.proposed_by, row.id)


def _settle(
    connection: Connection, actor: Actor, found: Proposal, status: str, ground: str | None, now: datetime
) -> None:
    values = {"status": status, "decided_by": actor.person_id, "decided_at": now, "ground": ground}
    if connection.execute(_SETTLE.values(values), {"b_id": found.id}).rowcount != 1:
        raise Refused("not_waiting", "该提议已有结果", "Expected an open proposal, but somebody has just decided it")
