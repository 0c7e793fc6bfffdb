"""名录库: objects and officers of random inspections, and the officers' interests (回避)."""

from __future__ import annotations

from flask import request
from marshmallow import fields
from sqlalchemy import Connection

from service.commands.inspection_pools import (
    AddObject,
    DeclareInterest,
    ImportObjects,
    add_object,
    declare_interest,
    import_objects,
)
from service.commands.pool_proposal import INTEREST, OBJECT, OFFICER, POOL_CHANGE, subject_of_pool
from service.commands.propose import Propose, propose
from service.errors import Refused, not_found
from service.inspections.pool_file import PoolObject
from service.people.actor import Actor
from service.reads.inspection_pools import (
    STATES,
    InterestView,
    ObjectView,
    departments_of_pools,
    list_interests,
    list_objects,
    list_officers,
    read_interest,
    read_object,
    read_places,
    reads_all_interests,
)
from service.reads.proposals import read_proposal
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Query, Several, Switch, Text, View
from service.web.api.proposals import ProposalSchema
from service.web.api.reading_body import required_file
from service.web.api.schemas import page_of

endpoints = Endpoints("inspection pools")
_LARGEST_ID = 2**53 - 1
_PROPOSING = ("not_permitted", "not_found", "invalid_request", "move_refused")


class PoolQuery(PageQuery):
    department = Text(16)


class ObjectQuery(PoolQuery):
    q = Text(100)
    state = Choice(*STATES)


class OfficerQuery(Query):
    department = Text(16)


class PoolObjectView(View):
    id = fields.Integer()
    department = fields.String()
    credit_code = fields.String()
    name = fields.String()
    address = fields.String()
    matters = fields.List(fields.String())
    active = fields.Boolean()


class PoolOfficer(View):
    person_id = fields.Integer()
    department = fields.String()
    name = fields.String()
    officer_number = fields.String(allow_none=True)
    drawn = fields.Boolean()
    why_not = fields.String(allow_none=True, metadata={"enum": ["excluded", "no_number", None]})
    reason = fields.String(allow_none=True)
    since = Instant(allow_none=True)


class OfficerList(View):
    items = fields.List(fields.Nested(PoolOfficer()))


class Interest(View):
    """`reason` is null for readers whom it is not told."""

    id = fields.Integer()
    person_id = fields.Integer()
    officer = fields.String()
    officer_number = fields.String(allow_none=True)
    department = fields.String()
    credit_code = fields.String()
    name = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    declared_at = Instant()
    ended_at = Instant(allow_none=True)


class NewObject(Body):
    department = Text(16, required=True)
    credit_code = Text(18, required=True)
    name = Text(200, required=True)
    address = Text(300, required=True)
    matters = Several(Text(40), required=True)
    reason = Text(500, required=True)


class ImportedView(View):
    added = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    retired = fields.Integer()


class ObjectChange(Body):
    """What is not named stays; `in_pool` false takes it out."""

    in_pool = Switch()
    matters = Several(Text(40))
    reason = Text(500, required=True)


class OfficerChange(Body):
    department = Text(16, required=True)
    in_pool = Switch(required=True)
    reason = Text(500, required=True)


class NewInterest(Body):
    """Without a person it is one's own."""

    person = Count(1, _LARGEST_ID)
    credit_code = Text(18, required=True)
    reason = Text(500, required=True)


class InterestChange(Body):
    interest = Switch(required=True)
    reason = Text(500, required=True)


OBJECT_PAGE, INTEREST_PAGE = page_of(PoolObjectView()), page_of(Interest())


def place_for(connection: Connection, actor: Actor, wanted: str | None) -> str:
    """The department whose pools are shown: the one that is named, or the first that the person reads.

    Raises Refused: not_permitted where the person reads none, not_found for another.
    """
    if departments_of_pools(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能查看名录库", "Expected an officer, a leader or supervision")
    places = [code for code, _, _ in read_places(connection, actor)]
    if wanted not in places and (wanted or not places):
        raise not_found("该部门的名录库", f"pools of {wanted}")
    return wanted or places[0]


def object_for(connection: Connection, actor: Actor, object_id: int) -> ObjectView:
    """Raises Refused not_found, also where the person does not read the department's pools."""
    found, mine = read_object(connection, object_id), departments_of_pools(actor)
    if found is None or (mine is not None and found.department not in mine):
        raise not_found("该检查对象", f"object {object_id}")
    return found


def interest_for(connection: Connection, actor: Actor, interest_id: int) -> InterestView:
    """Raises Refused not_found, also for the affairs of another officer."""
    found = read_interest(connection, actor, interest_id)
    own = found is not None and found.person_id == actor.person_id
    if found is None or not (own or reads_all_interests(actor, found.department)):
        raise not_found("该回避申报", f"interest {interest_id}")
    return found


@endpoints.get(
    "/inspection-pools/objects", answer=OBJECT_PAGE, query=ObjectQuery(), codes=("not_permitted", "not_found")
)
def find_objects(call: Call, connection: Connection) -> Answer:
    """Who may be inspected by a department, by credit code."""
    query = call.query
    place = place_for(connection, call.actor, query.get("department"))
    asked = asked_page(call)
    return Answer(list_objects(connection, place, q=query.get("q"), state=query.get("state"), asked=asked))


@endpoints.post("/inspection-pools/objects", answer=PoolObjectView(), body=NewObject(), status=201, codes=_PROPOSING)
def add_one_object(call: Call, connection: Connection) -> Answer:
    """Put an object into the pool; of one that is there, name and address are put right and matters added."""
    body = call.body
    matters = tuple(sorted(set(body["matters"])))
    one = PoolObject(body["credit_code"].upper(), body["name"], body["address"], matters)
    object_id = add_object(connection, call.actor, AddObject(body["department"], one, body["reason"]), call.now)
    return Answer(read_object(connection, object_id))


@endpoints.post(
    "/inspection-pools/objects/imports",
    answer=ImportedView(),
    content="multipart",
    codes=("not_permitted", "not_found", "invalid_request"),
)
def take_objects(call: Call, connection: Connection) -> Answer:
    """Take a CSV file of objects in, all of it or nothing; it takes nobody out of the pool."""
    content, form = required_file().stream.read(), request.form
    command = ImportObjects(form.get("department", "")[:16], content, form.get("reason", ""))
    return Answer(import_objects(connection, call.actor, command, call.now))


@endpoints.post(
    "/inspection-pools/objects/<number:object_id>/proposals",
    answer=ProposalSchema(),
    body=ObjectChange(),
    status=201,
    codes=_PROPOSING,
)
def propose_object_change(call: Call, connection: Connection, object_id: int) -> Answer:
    """Propose to take an object out of the pool, to put it back, or to change its matters; a leader decides."""
    found = object_for(connection, call.actor, object_id)
    content = {name: call.body[name] for name in ("in_pool", "matters") if call.body.get(name) is not None}
    if "matters" in content:
        content["matters"] = sorted(set(content["matters"]))
    return _proposed(call, connection, subject_of_pool(OBJECT, found.department, found.credit_code), content)


@endpoints.get(
    "/inspection-pools/officers", answer=OfficerList(), query=OfficerQuery(), codes=("not_permitted", "not_found")
)
def find_officers(call: Call, connection: Connection) -> Answer:
    """Who holds the post of officer in a department, and who of them is drawn."""
    place = place_for(connection, call.actor, call.query.get("department"))
    return Answer({"items": list_officers(connection, place)})


@endpoints.post(
    "/inspection-pools/officers/<number:person_id>/proposals",
    answer=ProposalSchema(),
    body=OfficerChange(),
    status=201,
    codes=_PROPOSING,
)
def propose_officer_change(call: Call, connection: Connection, person_id: int) -> Answer:
    """Propose to take an officer out of the draw or to put him back; a leader decides."""
    subject = subject_of_pool(OFFICER, call.body["department"], person_id)
    return _proposed(call, connection, subject, {"in_pool": call.body["in_pool"]})


@endpoints.get("/officer-interests", answer=INTEREST_PAGE, query=PoolQuery(), codes=("not_permitted", "not_found"))
def find_interests(call: Call, connection: Connection) -> Answer:
    """Declared interests of a department's officers, the newest first; an officer sees his own."""
    place = place_for(connection, call.actor, call.query.get("department"))
    return Answer(list_interests(connection, call.actor, place, asked_page(call)))


@endpoints.post("/officer-interests", answer=Interest(), body=NewInterest(), status=201, codes=_PROPOSING)
def add_interest(call: Call, connection: Connection) -> Answer:
    """Declare an interest: the officer is not drawn for this object."""
    body = call.body
    command = DeclareInterest(body.get("person") or call.actor.person_id, body["credit_code"], body["reason"])
    interest_id = declare_interest(connection, call.actor, command, call.now)
    return Answer(read_interest(connection, call.actor, interest_id))


@endpoints.post(
    "/officer-interests/<number:interest_id>/proposals",
    answer=ProposalSchema(),
    body=InterestChange(),
    status=201,
    codes=_PROPOSING,
)
def propose_interest_change(call: Call, connection: Connection, interest_id: int) -> Answer:
    """Propose that an interest is over, so that the officer is drawn again; a leader decides."""
    found = interest_for(connection, call.actor, interest_id)
    subject = subject_of_pool(INTEREST, found.department, found.id)
    content = {"interest": call.body["interest"], "person_id": found.person_id}
    return _proposed(call, connection, subject, content)


def _proposed(call: Call, connection: Connection, subject: str, content: dict[str, object]) -> Answer:
    command = Propose(POOL_CHANGE, subject, content, call.body["reason"])
    proposal_id = propose(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_proposal(connection, proposal_id))
