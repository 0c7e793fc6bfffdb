"""People and their posts, delegations, alarm thresholds: each change with its reason."""

from __future__ import annotations

from sqlalchemy import Connection

from service.commands.post_people import (
    Delegate,
    GrantPost,
    delegate_post,
    revoke_delegation,
)
from service.commands.propose_post import propose_post
from service.commands.set_threshold import SetThreshold, set_threshold
from service.errors import Detail, Refused, not_found
from service.people.queries import department_names
from service.reads.people import (
    delegations_of,
    is_post,
    list_people,
    list_thresholds,
    read_person,
)
from service.reads.proposals import read_proposal
from service.web.api import other_schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.dispatch import require_permission
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, GivenInstant, Text
from service.web.api.proposals import ProposalSchema
from service.web.api.schemas import page_of

endpoints = Endpoints("administration")


class PeopleQuery(PageQuery):
    q = Text(80)
    department = Text(16)


class NewPost(Body):
    post = Text(32, required=True)
    department = Text(16, required=True)
    reason = Text(500, required=True)


class NewDelegation(Body):
    delegate = Count(1, 2**53 - 1, required=True)
    post = Text(32, required=True)
    department = Text(16, required=True)
    starts_at = GivenInstant(required=True)
    ends_at = GivenInstant(required=True)
    reason = Text(500, required=True)


class NewThreshold(Body):
    blue_percent = Count(1, 98, required=True)
    yellow_percent = Count(2, 99, required=True)
    reason = Text(500, required=True)


@endpoints.get(
    "/people", answer=page_of(other_schemas.PersonWithPosts()), query=PeopleQuery(), permission="read_people"
)
def find_people(call: Call, connection: Connection) -> Answer:
    """People of the county with the posts that they hold."""
    return Answer(list_people(connection, call.query.get("q"), call.query.get("department"), asked_page(call)))


@endpoints.get(
    "/people/<number:person_id>",
    answer=other_schemas.PersonWithPosts(),
    permission="read_people",
    codes=("not_found",),
)
def read_one_person(call: Call, connection: Connection, person_id: int) -> Answer:
    """One person with the posts that they hold."""
    found = read_person(connection, person_id)
    if found is None:
        raise not_found("该人员", f"person {person_id}")
    return Answer(found)


@endpoints.post(
    "/people/<number:person_id>/posts",
    answer=ProposalSchema(),
    body=NewPost(),
    status=202,
    permission="grant_posts",
    second_factor=True,
    codes=("separation_of_duty", "not_found", "move_refused"),
)
def give_post(call: Call, connection: Connection, person_id: int) -> Answer:
    """Propose a post for a person; another administrator approves it. Refused where it would join excluded powers."""
    body = call.body
    _require_post(connection, body["post"], body["department"])
    command = GrantPost(person_id, body["post"], body["department"], body["reason"])
    number = propose_post(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_proposal(connection, number))


def _require_post(connection: Connection, post: str, department: str) -> None:
    faults = []
    if not is_post(post):
        faults.append(Detail("unknown_post", "没有这个岗位", "There is no such post", pointer="/post"))
    if department not in department_names(connection):
        faults.append(
            Detail("unknown_department", "没有这个部门", "There is no such department", pointer="/department")
        )
    if faults:
        raise Refused("invalid_request", "岗位或部门不存在", "Expected a post and a department of the county", faults)


@endpoints.get("/delegations", answer=other_schemas.Delegations())
def read_delegations(call: Call, connection: Connection) -> Answer:
    """Posts that the person has lent or was lent."""
    found = delegations_of(connection, call.actor.person_id)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.post(
    "/delegations",
    answer=other_schemas.Delegation(),
    body=NewDelegation(),
    status=201,
    permission="delegate",
    codes=("not_found",),
)
def lend_post(call: Call, connection: Connection) -> Answer:
    """Lend a post of one's own for given dates; the delegate counts as himself and as the principal."""
    require_permission("delegate", call.body["department"])
    body = call.body
    command = Delegate(
        body["delegate"], body["post"], body["department"], body["starts_at"], body["ends_at"], body["reason"]
    )
    delegation_id = delegate_post(connection, call.actor, command, call.now)
    found = delegations_of(connection, call.actor.person_id)
    return Answer(next(d for d in found if d.id == delegation_id))


@endpoints.delete("/delegations/<number:delegation_id>", codes=("not_found",))
def take_lent_post_back(call: Call, connection: Connection, delegation_id: int) -> Answer:
    """Take a lent post back; only who lent it may."""
    revoke_delegation(connection, call.actor, delegation_id, call.now)
    return Answer()


@endpoints.get(
    "/alarm-thresholds",
    answer=page_of(other_schemas.Threshold()),
    query=PageQuery(),
    permission="read_definitions",
)
def find_thresholds(call: Call, connection: Connection) -> Answer:
    """At which share of its limits each item turns blue and yellow."""
    return Answer(list_thresholds(connection, asked_page(call)))


@endpoints.put(
    "/alarm-thresholds/<code:item_code>",
    answer=other_schemas.Threshold(),
    body=NewThreshold(),
    permission="set_thresholds",
    codes=("not_found",),
)
def change_threshold(call: Call, connection: Connection, item_code: str) -> Answer:
    """Set the shares of an item, for limits that begin or move from now on."""
    body = call.body
    command = SetThreshold(item_code, body["blue_percent"], body["yellow_percent"], body["reason"])
    set_threshold(connection, call.actor, command, call.now)
    return Answer(list_thresholds(connection, code=item_code).items[0])
