"""失败消息: what could not be sent, why, and the administrator's decision to try it again or to let it rest."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from service.commands.decide_message import DecideMessage, Decision, RetryKind, decide_message, retry_kind
from service.errors import Refused, not_found
from service.people.permissions import may
from service.reads.dead_letters import dead_by_kind, list_dead_letters
from service.reads.visibility import departments_of_cases
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now, require_actor

_DECISIONS: dict[str, Decision] = {"retry": "retry", "dismiss": "dismiss"}


@pages.get("/dead-letters")
def dead_letters() -> str:
    """Dead messages by kind, the newest first."""
    return _page()


def _page(refusal: Refused | None = None, at: str = "") -> str:
    require("read_dead_letters")
    kind = argument("kind")
    found, counts = ask(lambda connection: (list_dead_letters(connection, kind, asked()), dead_by_kind(connection)))
    return render_template(
        "dead_letters.html",
        page=found,
        kinds=[(name, words.word(words.MESSAGE_KINDS, name), count) for name, count in sorted(counts.items())],
        kind=kind,
        may_decide=may(require_actor(), "decide_messages"),
        may_open=departments_of_cases(require_actor()) != frozenset(),
        refused_at=at,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/dead-letters/<number:message_id>/<decision>")
def decide_dead_letter(message_id: int, decision: str) -> Response | tuple[str, int]:
    """Try one again, or dismiss it."""
    require("decide_messages")
    chosen = _DECISIONS.get(decision)
    if chosen is None:
        raise not_found("该操作", f"decision {decision}")
    command = DecideMessage(message_id, chosen, request.form.get("reason", ""))
    try:
        act(lambda connection, _web, actor: decide_message(connection, actor, command, now()))
    except Refused as refusal:
        return _page(refusal, str(message_id)), refusal.status
    said = say("已重新发送，稍后可见结果") if chosen == "retry" else say("已不再发送")
    return back(url_for("pages.dead_letters"), said)


@pages.post("/dead-letters/retry")
def retry_dead_letters() -> Response | tuple[str, int]:
    """Try all of a kind again."""
    require("decide_messages")
    command = RetryKind(request.form.get("kind", ""), request.form.get("reason", ""))
    try:
        count = act(lambda connection, _web, actor: retry_kind(connection, actor, command, now()))
    except Refused as refusal:
        return _page(refusal, "kind"), refusal.status
    return back(url_for("pages.dead_letters"), say("已重新发送 %(count)s 条", count=count))
