"""交接: who has work in hand, and the form that hands it over to others in one step; people who leave."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.hand_over_work import HandOverWork, hand_over_work, require_may_hand_over
from service.commands.leaving import deactivate_person
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.held_things import held_things
from service.reads.open_work import busy_people, work_in_hand
from service.reads.people import PersonView, read_person
from service.web.context import context
from service.web.given import whole_number
from service.web.pages import words
from service.web.pages.shell import act, ask, back, pages, refusal_view, require, words_of
from service.web.pages.words import say
from service.web.request import now, require_second_factor

_LONGEST_REASON = 500


def _departments(connection: Connection) -> dict[str, str]:
    return {code: names[words.in_english()] for code, names in department_names(connection).items()}


@pages.get("/hand-over")
def hand_overs() -> str:
    """Those whose work this person may hand over."""
    actor = require("hand_over_work")
    county = may(actor, "grant_posts")

    def read(connection: Connection) -> dict[str, Any]:
        found = busy_people(connection, None if county else actor.department)
        return {
            "people": [one for one in found if one.id != actor.person_id],
            "departments": _departments(connection),
        }

    return render_template("hand_overs.html", **ask(read))


@pages.get("/hand-over/<number:person_id>")
def hand_over(person_id: int) -> str:
    """What one person has in hand, each with those who may take it on."""
    return _page(person_id)


def _page(person_id: int, refusal: Refused | None = None) -> str:
    actor = require("hand_over_work")

    def read(connection: Connection) -> dict[str, Any]:
        one = _person(connection, actor, person_id)
        return {
            "one": one,
            "work": work_in_hand(connection, person_id, now()),
            "held": held_things(connection, person_id),
            "departments": _departments(connection),
        }

    return render_template(
        "hand_over.html",
        **ask(read),
        may_open_person=may(actor, "read_people"),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _person(connection: Connection, actor: Actor, person_id: int) -> PersonView:
    found = read_person(connection, person_id)
    if found is None:
        raise not_found("该人员", f"person {person_id}")
    require_may_hand_over(actor, found.id, found.department)
    return found


@pages.post("/hand-over/<number:person_id>")
def hand_over_now(person_id: int) -> Response | tuple[str, int]:
    """Hand over what has a receiver chosen; a refusal keeps what was chosen and names each receiver who may not."""
    require("hand_over_work")
    try:
        command = HandOverWork(
            person_id,
            request.form.get("reason", "").strip()[:_LONGEST_REASON],
            _chosen("task"),
            {n: to for key, to in _chosen("opinion").items() if (n := whole_number(key)) is not None},
        )
        done = act(lambda c, web, actor: hand_over_work(c, web.services, actor, command, now()))
    except Refused as refusal:
        return _page(person_id, _anchored(refusal)), refusal.status
    if (stepping := context().stepping) is not None:
        stepping.look()
    said = say("已交接 %(number)s 项", number=done.tasks + done.opinions)
    return back(url_for("pages.hand_over", person_id=person_id), said)


def _chosen(kind: str) -> dict[str, int]:
    """{id: receiver} of the selects of this kind that are filled in."""
    given = {key.partition("-")[2]: to for key, to in request.form.items() if key.startswith(f"{kind}-")}
    return {key: found for key, to in given.items() if (found := whole_number(to)) is not None}


def _anchored(refusal: Refused) -> Refused:
    """The lines lead to the selects: /tasks/x is the field task-x."""
    details = [
        Detail(d.code, d.message, d.message_en, pointer=(d.pointer or "").replace("s/", "-", 1) or None)
        for d in refusal.details
    ]
    return Refused(refusal.code, refusal.message, refusal.message_en, details)


@pages.post("/people/<number:person_id>/deactivate")
def deactivate(person_id: int) -> Response:
    """Somebody has left; while work is in hand the way leads to its hand-over."""
    require("grant_posts")
    require_second_factor()
    reason = request.form.get("reason", "")
    try:
        act(lambda connection, _web, actor: deactivate_person(connection, actor, person_id, reason, now()))
    except Refused as refusal:
        if refusal.code != "work_open":
            raise
        # Not where the form came from: the page of the person does not show what is in hand.
        flash(words_of(refusal), "alert")
        return redirect(url_for("pages.hand_over", person_id=person_id), 303)
    return back(url_for("pages.person", person_id=person_id), say("已停用，岗位、委托和登录均已终止"))
