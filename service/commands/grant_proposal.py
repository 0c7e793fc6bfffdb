"""Granting a post takes two people: a security administrator proposes, another administrator decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.commands.post_people import GrantPost, grant_post, require_grantable
from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.errors import Refused
from service.people.actor import Actor
from service.people.permissions import may

POST_GRANT = "post_granted"


def subject_of_grant(command: GrantPost) -> str:
    """Of one person several posts may be proposed at once, each of them once."""
    return f"person/{command.person_id}/{command.post}/{command.department}"


def _command(proposal: Proposal) -> GrantPost:
    person_id = proposal.subject.split("/")[1]
    return GrantPost(int(person_id), proposal.content["post"], proposal.content["department"], proposal.reason)


def _may_decide(actor: Actor, proposal: Proposal) -> bool:
    """Nobody has a part in a post of their own."""
    return may(actor, "approve_posts") and actor.person_id != _command(proposal).person_id


def _check(connection: Connection, _services: Services, proposal: Proposal, now: datetime) -> Content:
    command = _command(proposal)
    if proposal.proposed_by == command.person_id:
        raise Refused("not_permitted", "不能给自己授予岗位", "Expected another person than the one who grants")
    require_grantable(connection, command, now)
    return {"post": command.post, "department": command.department}


def _apply(connection: Connection, _services: Services, proposal: Proposal, now: datetime) -> Applied:
    command = _command(proposal)
    holding_id = grant_post(connection, proposal.proposed_by, command, now)
    return Applied(None, {"post": command.post, "department": command.department, "holding": holding_id})


GRANT = ProposalKind(
    POST_GRANT,
    may_propose=lambda actor, _proposal: may(actor, "grant_posts"),
    may_decide=_may_decide,
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "read_people"),
)
