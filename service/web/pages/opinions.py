"""What one was asked: signatures, countersignatures and advice, to be given by a small form that needs no script."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.give_opinion import GiveOpinion, give_opinion
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.reads.opinions import STATES, list_opinions
from service.user_tasks.opinions import ANSWERS
from service.web.context import WebContext
from service.web.pages import opinion_words
from service.web.pages.shell import act_on_case, argument, ask, asked, back, pages
from service.web.pages.words import N_, say
from service.web.request import now, require_actor

_LONGEST = 1000
_STATE_WORDS = {"open": N_("等我签署、答复"), "given": N_("已签署、答复")}
pages.add_app_template_filter(opinion_words.named_way, "opinion_way")
pages.add_app_template_filter(opinion_words.named_rule, "opinion_rule")
pages.add_app_template_filter(opinion_words.named_answer, "opinion_answer")
pages.add_app_template_filter(opinion_words.named_result, "opinion_result")


@pages.get("/opinions")
def opinions() -> str:
    """What waits for this person's word, or what was given."""
    actor, state = require_actor(), argument("state", STATES) or "open"

    def read(connection: Connection) -> dict[str, Any]:
        return {"page": list_opinions(connection, actor, state, asked())}

    tabs = [(key, say(word)) for key, word in _STATE_WORDS.items()]
    return render_template("opinions.html", **ask(read), state=state, tabs=tabs, answers=list(ANSWERS))


@pages.post("/opinions/<number:opinion_id>")
def give(opinion_id: int) -> Response:
    """Sign or answer; a refusal is told on the page that one came from."""
    answer = request.form.get("answer", "")
    if answer not in ANSWERS:
        words = "请选择同意、不同意或弃权", "Choose whether you agree, disagree or abstain"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/answer")])
    command = GiveOpinion(opinion_id, answer, request.form.get("text", "").strip()[:_LONGEST])

    def run(connection: Connection, web: WebContext, actor: Actor) -> str:
        return give_opinion(connection, web.services, actor, command, now())

    number = act_on_case(run)
    return back(url_for("pages.opinions"), say("已签署、答复：%(number)s", number=number))
