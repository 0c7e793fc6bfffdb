"""评价投诉: what the public says of a case on the case's public page, and the office's answers to it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.hear_public import AnswerFeedback, GiveFeedback, answer_feedback, give_feedback
from service.commands.performing import perform
from service.errors import Refused
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.feedback import FeedbackFilter, list_feedback
from service.reads.visibility import departments_of_feedback
from service.web.context import context
from service.web.given import whole_number
from service.web.pages import words
from service.web.pages.public import proved_case
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view
from service.web.pages.words import say
from service.web.request import now, require_actor

FEEDBACK_KINDS = {"rating": words.N_("评价"), "complaint": words.N_("投诉")}
pages.add_app_template_filter(lambda kind: words.word(FEEDBACK_KINDS, kind), "feedback_kind")


@pages.post("/public/cases/<code:number>/feedback")
def public_feedback(number: str) -> Response:
    """Who has proved to know the secret rates the case or complains of it."""
    proved_case(number)
    web, form = context(), request.form
    command = GiveFeedback(number, form.get("kind", ""), whole_number(form.get("stars", "")), form.get("text", ""))
    with_words = say("谢谢您的评价") if command.kind == "rating" else say("投诉已收到，五个工作日内答复")
    perform(web.engine, lambda connection: give_feedback(connection, web.services, command, now()))
    return back(url_for("pages.public_case", number=number), with_words)


@pages.get("/feedback")
def feedback() -> str:
    """What the public has said of one's departments, the newest first."""
    return _page()


@pages.post("/feedback/<number:feedback_id>/answer")
def answer_public(feedback_id: int) -> Response | tuple[str, int]:
    """Answer one, and say of a complaint whether it is right."""
    form = request.form
    founded = {"yes": True, "no": False}.get(form.get("founded", ""))
    command = AnswerFeedback(feedback_id, form.get("answer", ""), founded)
    try:
        act(lambda connection, web, actor: answer_feedback(connection, web.services, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _page(refusal, feedback_id), refusal.status
    return back(url_for("pages.feedback"), say("已答复"))


def _page(refusal: Refused | None = None, at: int = 0) -> str:
    actor = require_actor()
    if departments_of_feedback(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected a leader or a supervisor")
    wanted = FeedbackFilter(argument("kind", FEEDBACK_KINDS), None, argument("answered", ("no",)) == "no")

    def read(connection: Connection) -> dict[str, Any]:
        names = department_names(connection)
        return {
            "page": list_feedback(connection, actor, wanted, asked()),
            "departments": {code: both[words.in_english()] for code, both in names.items()},
        }

    return render_template(
        "feedback.html",
        **ask(read),
        kinds=[(code, words.word(FEEDBACK_KINDS, code)) for code in FEEDBACK_KINDS],
        filtered=bool(wanted.kind or wanted.unanswered),
        may_answer=lambda department: may(actor, "answer_feedback", department),
        refused_at=at,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )
