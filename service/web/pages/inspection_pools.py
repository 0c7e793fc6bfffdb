"""双随机名录库: who may be inspected, who inspects, and which officers declare an interest in whom (回避)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.inspection_pools import (
    AddObject,
    DeclareInterest,
    ImportObjects,
    add_object,
    declare_interest,
    import_objects,
)
from service.commands.pool_proposal import INTEREST, OBJECT, OFFICER, POOL_CHANGE, subject_of_pool
from service.commands.proposals import OPEN
from service.commands.propose import Propose, propose
from service.errors import Detail, Refused, not_found
from service.inspections.pool_file import MOST_ROWS, PoolObject
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.inspection_pools import (
    STATES,
    Matter,
    ObjectView,
    departments_of_pools,
    list_interests,
    list_objects,
    list_officers,
    matters_by_department,
    read_interest,
    read_object,
    read_places,
    reads_all_interests,
)
from service.reads.office_changes import list_changes
from service.reads.proposals import list_proposals
from service.web.given import whole_number
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view
from service.web.pages.words import say
from service.web.request import now, require_actor

_LONGEST = 500


def _text(name: str, longest: int = _LONGEST) -> str:
    return request.form.get(name, "").strip()[:longest]


def _place(connection: Connection, actor: Actor) -> tuple[str, list[tuple[str, str]]]:
    """The department that is shown, and all whose pools the person reads. Raises Refused not_permitted, not_found."""
    if departments_of_pools(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected an officer, a leader or supervision")
    places = [(code, en if words.in_english() else zh) for code, zh, en in read_places(connection, actor)]
    wanted = request.values.get("department", "").strip() or (places[0][0] if places else "")
    if wanted not in dict(places):
        raise not_found("该部门的名录库", f"pools of {wanted}")
    return wanted, places


def _shown(read: Callable[[Connection, Actor, str], dict[str, Any]], template: str, refusal: Refused | None) -> str:
    """A page of a department's pools: what every one of them has, and what `read` finds."""
    actor = require_actor()

    def all_of_it(connection: Connection) -> dict[str, Any]:
        place, places = _place(connection, actor)
        matters = matters_by_department(connection)[place]
        return {
            "place": place,
            "places": places,
            "matters": matters,
            "matter_words": _matter_words(matters),
            "may_keep": may(actor, "keep_inspection_pools", place),
            "may_decide": may(actor, "approve_pool_changes", place),
            **read(connection, actor, place),
        }

    return render_template(
        template,
        **ask(all_of_it),
        me=actor.person_id,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _matter_words(matters: tuple[Matter, ...]) -> dict[str, str]:
    return {one.value: one.name_en if words.in_english() else one.name_zh for one in matters}


def _waiting(connection: Connection, place: str, part: str) -> list[Any]:
    offered = list_proposals(connection, [POOL_CHANGE], status=OPEN, within={POOL_CHANGE: {place}}).items
    return [one for one in offered if one.subject.startswith(f"{part}/")]


@pages.get("/inspection-pools")
def inspection_objects() -> str:
    """The objects of a department's pool."""
    return _objects_page()


def _objects_page(refusal: Refused | None = None) -> str:
    q, state = argument("q"), argument("state", STATES)

    def read(connection: Connection, _actor: Actor, place: str) -> dict[str, Any]:
        page = list_objects(connection, place, q=q and q[:100], state=state, asked=asked())
        return {"page": page, "waiting": _waiting(connection, place, OBJECT), "filtered": bool(q or state)}

    return _shown(lambda *given: {**read(*given), "most_rows": MOST_ROWS}, "inspection_objects.html", refusal)


@pages.post("/inspection-pools")
def add_pool_object() -> Response | tuple[str, int]:
    """Put an object into the pool."""
    one = PoolObject(
        _text("credit_code", 18).upper(),
        _text("name", 200),
        _text("address", 300),
        tuple(sorted(set(request.form.getlist("matters")))),
    )
    command = AddObject(_text("department", 16), one, _text("reason"))
    try:
        act(lambda connection, _web, actor: add_object(connection, actor, command, now()))
    except Refused as refusal:
        return _or_refused(refusal, _objects_page)
    return back(url_for("pages.inspection_objects", department=command.department), say("已列入名录库"))


@pages.post("/inspection-pools/import")
def import_pool_objects() -> Response | tuple[str, int]:
    """Take a file of objects in."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            told = "请选择文件", "Choose a file"
            raise Refused("invalid_request", *told, [Detail("required", *told, pointer="/file")])
        command = ImportObjects(_text("department", 16), file.stream.read(), _text("reason"))
        done = act(lambda connection, _web, actor: import_objects(connection, actor, command, now()))
    except Refused as refusal:
        return _or_refused(refusal, _objects_page)
    told_ = say(
        "已导入：新列入 %(added)s，更正 %(changed)s，不变 %(unchanged)s，已调出而未恢复 %(retired)s",
        added=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
        retired=done.retired,
    )
    return back(url_for("pages.inspection_objects", department=command.department), told_)


def _or_refused(refusal: Refused, page: Callable[[Refused], str]) -> tuple[str, int]:
    """The page with the refusal; where its department is not the person's, the refusal alone."""
    if refusal.code == "not_found":
        raise refusal
    return page(refusal), refusal.status


@pages.get("/inspection-pools/objects/<number:object_id>")
def inspection_object(object_id: int) -> str:
    """One object: what it is inspected for, what is proposed, its history."""
    return _object_page(object_id)


def _object_for(connection: Connection, actor: Actor, object_id: int) -> ObjectView:
    found, mine = read_object(connection, object_id), departments_of_pools(actor)
    if found is None or (mine is not None and found.department not in mine):
        raise not_found("该检查对象", f"object {object_id}")
    return found


def _object_page(object_id: int, refusal: Refused | None = None) -> str:
    actor = require_actor()

    def read(connection: Connection) -> dict[str, Any]:
        one = _object_for(connection, actor, object_id)
        subject = subject_of_pool(OBJECT, one.department, one.credit_code)
        matters = matters_by_department(connection).get(one.department, ())
        return {
            "one": one,
            "matters": matters,
            "matter_words": _matter_words(matters),
            "waiting": list_proposals(connection, [POOL_CHANGE], status=OPEN, subject=subject).items,
            "changes": list_changes(connection, subject=subject, asked=asked()).items,
            "may_keep": may(actor, "keep_inspection_pools", one.department),
            "may_decide": may(actor, "approve_pool_changes", one.department),
        }

    return render_template(
        "inspection_object.html",
        **ask(read),
        me=actor.person_id,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/inspection-pools/objects/<number:object_id>")
def propose_pool_object(object_id: int) -> Response | tuple[str, int]:
    """Propose to take it out, to put it back, or to inspect it for something else."""
    actor = require_actor()
    one = ask(lambda connection: _object_for(connection, actor, object_id))
    content: dict[str, Any] = (
        {"in_pool": not one.active}
        if "standing" in request.form
        else {"matters": sorted(request.form.getlist("matters"))}
    )
    try:
        _propose(subject_of_pool(OBJECT, one.department, one.credit_code), content)
    except Refused as refusal:
        return _object_page(object_id, refusal), refusal.status
    return back(url_for("pages.inspection_object", object_id=object_id), say("已提出，须本部门负责人批准后生效"))


def _propose(subject: str, content: dict[str, Any]) -> None:
    command = Propose(POOL_CHANGE, subject, content, _text("reason"))
    act(lambda connection, web, actor: propose(connection, web.services, actor, command, now()))


@pages.get("/inspection-pools/officers")
def inspection_officers() -> str:
    """The officers of a department, and who of them is drawn."""
    return _officers_page()


def _officers_page(refusal: Refused | None = None) -> str:
    def read(connection: Connection, _actor: Actor, place: str) -> dict[str, Any]:
        subject = f"{OFFICER}/{place}"
        return {
            "officers": list_officers(connection, place),
            "waiting": _waiting(connection, place, OFFICER),
            "changes": list_changes(connection, subject=subject, asked=asked()).items,
        }

    return _shown(read, "inspection_officers.html", refusal)


@pages.post("/inspection-pools/officers/<number:person_id>")
def propose_pool_officer(person_id: int) -> Response | tuple[str, int]:
    """Propose to take an officer out of the draw, or to put him back."""
    place = _text("department", 16)
    try:
        _propose(subject_of_pool(OFFICER, place, person_id), {"in_pool": _text("in_pool") == "yes"})
    except Refused as refusal:
        return _or_refused(refusal, _officers_page)
    return back(url_for("pages.inspection_officers", department=place), say("已提出，须本部门负责人批准后生效"))


@pages.get("/inspection-pools/interests")
def officer_interests() -> str:
    """Interests that officers have declared: one's own, or the department's for who keeps the pools."""
    return _interests_page()


def _interests_page(refusal: Refused | None = None) -> str:
    def read(connection: Connection, actor: Actor, place: str) -> dict[str, Any]:
        everything = reads_all_interests(actor, place)
        own = any(h.post == "officer" and h.department == place for h in actor.holdings if h.principal_id is None)
        waiting = _waiting(connection, place, INTEREST)
        return {
            "page": list_interests(connection, actor, place, asked()),
            "waiting": [one for one in waiting if everything or one.proposer_id == actor.person_id],
            "officers": list_officers(connection, place) if may(actor, "decide_recusals", place) else [],
            "may_declare": own or may(actor, "decide_recusals", place),
            "everything": everything,
        }

    return _shown(read, "officer_interests.html", refusal)


@pages.post("/inspection-pools/interests")
def declare_officer_interest() -> Response | tuple[str, int]:
    """Declare an interest, one's own or as a leader that of an officer."""
    given = whole_number(_text("person", 15))
    try:
        person_id = given if given is not None else require_actor().person_id
        command = DeclareInterest(person_id, _text("credit_code", 18), _text("reason"))
        act(lambda connection, _web, actor: declare_interest(connection, actor, command, now()))
    except Refused as refusal:
        return _or_refused(refusal, _interests_page)
    return back(url_for("pages.officer_interests"), say("已申报，此后抽取不再派该人员检查该对象"))


@pages.post("/inspection-pools/interests/<number:interest_id>/end")
def propose_interest_end(interest_id: int) -> Response | tuple[str, int]:
    """Propose that an interest is over."""
    actor = require_actor()

    def read(connection: Connection) -> Any:
        found = read_interest(connection, actor, interest_id)
        own = found is not None and found.person_id == actor.person_id
        if found is None or not (own or reads_all_interests(actor, found.department)):
            raise not_found("该回避申报", f"interest {interest_id}")
        return found

    one = ask(read)
    try:
        content = {"interest": False, "person_id": one.person_id}
        _propose(subject_of_pool(INTEREST, one.department, one.id), content)
    except Refused as refusal:
        return _or_refused(refusal, _interests_page)
    return back(url_for("pages.officer_interests"), say("已提出，须本部门负责人批准后生效"))
