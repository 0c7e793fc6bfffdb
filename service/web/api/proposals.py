"""What takes two people: proposals, and another person's word on them. Each kind is proposed at its own path."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.decide_proposal import approve_proposal, refuse_proposal, withdraw_proposal
from service.commands.proposal_kinds import KINDS
from service.commands.proposals import STATUSES, departments_of_kinds, readable_kinds
from service.errors import not_found
from service.reads.proposals import ProposalView, list_proposals, read_proposal
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Instant, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("proposals")


class ProposalQuery(PageQuery):
    status = Choice(*STATUSES)
    subject = Text(80)


class Approval(Body):
    ground = Text(500)


class RefusalGround(Body):
    ground = Text(500, required=True)


class ProposalSchema(View):
    id = fields.Integer()
    kind = fields.String()
    subject = fields.String()
    content = fields.Dict()
    reason = fields.String()
    proposed_by = fields.String()
    proposed_at = Instant()
    status = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_at = Instant(allow_none=True)
    ground = fields.String(allow_none=True)


def proposal_for(call: Call, connection: Connection, proposal_id: int) -> ProposalView:
    """Raises Refused not_found, also where the person may not read its kind."""
    found = read_proposal(connection, proposal_id)
    within = departments_of_kinds(KINDS.values(), call.actor)
    hidden = found is not None and found.kind in within and found.content.get("department") not in within[found.kind]
    if found is None or hidden or found.kind not in readable_kinds(KINDS.values(), call.actor):
        raise not_found("该提议", f"proposal {proposal_id}")
    return found


@endpoints.get("/proposals", answer=page_of(ProposalSchema()), query=ProposalQuery())
def find_proposals(call: Call, connection: Connection) -> Answer:
    """Proposals of the kinds that the person may read, the newest first."""
    kinds = readable_kinds(KINDS.values(), call.actor)
    query = call.query
    within, page = departments_of_kinds(KINDS.values(), call.actor), asked_page(call)
    return Answer(
        list_proposals(
            connection, kinds, status=query.get("status"), subject=query.get("subject"), within=within, asked=page
        )
    )


@endpoints.get("/proposals/<number:proposal_id>", answer=ProposalSchema(), codes=("not_found",))
def read_one_proposal(call: Call, connection: Connection, proposal_id: int) -> Answer:
    """One proposal."""
    return Answer(proposal_for(call, connection, proposal_id))


@endpoints.post(
    "/proposals/<number:proposal_id>/approve",
    answer=ProposalSchema(),
    body=Approval(),
    second_factor=True,
    codes=("not_permitted", "not_found", "separation_of_duty", "not_waiting"),
)
def approve(call: Call, connection: Connection, proposal_id: int) -> Answer:
    """Put a proposal into effect; never by the person who has proposed it."""
    proposal_for(call, connection, proposal_id)
    ground = call.body.get("ground") or ""
    approve_proposal(connection, call.web.services, call.actor, proposal_id, call.now, ground=ground)
    return Answer(read_proposal(connection, proposal_id))


@endpoints.post(
    "/proposals/<number:proposal_id>/refuse",
    answer=ProposalSchema(),
    body=RefusalGround(),
    second_factor=True,
    codes=("not_permitted", "not_found", "separation_of_duty", "not_waiting"),
)
def refuse(call: Call, connection: Connection, proposal_id: int) -> Answer:
    """Refuse a proposal with its ground."""
    proposal_for(call, connection, proposal_id)
    refuse_proposal(connection, call.actor, proposal_id, call.body["ground"], call.now)
    return Answer(read_proposal(connection, proposal_id))


@endpoints.post(
    "/proposals/<number:proposal_id>/withdraw",
    answer=ProposalSchema(),
    codes=("not_permitted", "not_found", "not_waiting"),
)
def withdraw(call: Call, connection: Connection, proposal_id: int) -> Answer:
    """Take one's own proposal back while nobody has decided."""
    proposal_for(call, connection, proposal_id)
    withdraw_proposal(connection, call.actor, proposal_id, call.now)
    return Answer(read_proposal(connection, proposal_id))
