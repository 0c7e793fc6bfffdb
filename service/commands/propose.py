"""Somebody proposes what only another person may put into effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from service.commands.office_changes import stated
from service.commands.proposal_kinds import KINDS
from service.commands.proposals import OPEN, Proposal, ProposalKind
from service.commands.services import Services
from service.database.tables import proposal
from service.errors import Refused
from service.people.actor import Actor

_KEEP = insert(proposal).returning(proposal.c.id)
_OPEN = select(proposal.c.id).where(
    proposal.c.kind == bindparam("kind"), proposal.c.subject == bindparam("subject"), proposal.c.status == OPEN
)


@dataclass(frozen=True, slots=True)
class Propose:
    """`kind` is a name of the registry; `content` what that kind expects."""

    kind: str
    subject: str
    content: Mapping[str, Any]
    reason: str


def propose(
    connection: Connection,
    services: Services,
    actor: Actor,
    command: Propose,
    now: datetime,
    *,
    kinds: Mapping[str, ProposalKind] = KINDS,
) -> int:
    """Keep a proposal; its id. Nothing else changes until another person approves it.

    Raises Refused: not_permitted, invalid_request, move_refused while one about the same subject is open, and what the
    kind's own check raises.
    """
    kind = kinds.get(command.kind)
    if kind is None:
        raise Refused("invalid_request", "没有这种提议", f"Expected a kind of proposal, found {command.kind!r}")
    given = Proposal(kind.name, command.subject, command.content, stated(command.reason), actor.person_id)
    if not kind.may_propose(actor, given):
        raise Refused("not_permitted", "您的岗位不能提出这项变更", f"Expected a post that proposes {kind.name}")
    kept = replace(given, content=kind.check(connection, services, given, now))
    other = connection.execute(_OPEN, {"kind": kept.kind, "subject": kept.subject}).scalars().first()
    if other is not None:
        raise Refused(
            "move_refused", "同一事项已有待审批的提议", f"Expected no open proposal about it, but {other} waits"
        )
    values: dict[str, Any] = {
        "kind": kept.kind,
        "subject": kept.subject,
        "content": dict(kept.content),
        "reason": kept.reason,
    }
    values |= {"proposed_by": actor.person_id, "proposed_at": now, "status": OPEN}
    return int(connection.execute(_KEEP, values).scalar_one())
