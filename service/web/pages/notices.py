"""My notices: what I was told, what I have not opened yet."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from service.commands.open_notice import open_all_notices, open_notice
from service.reads.notices import NoticeFilter, list_notices
from service.web.pages.shell import act, ask, asked, back, pages
from service.web.pages.words import say
from service.web.request import now, require_actor


@pages.get("/notices")
def my_notices() -> str:
    """What this person was told, the newest first."""
    actor = require_actor()
    page = ask(lambda connection: list_notices(connection, actor, NoticeFilter(recipient=actor.username), asked()))
    return render_template("notices.html", page=page)


@pages.post("/notices/<number:notice_id>/open")
def open_one(notice_id: int) -> Response:
    """Note that the notice was opened, and go where it leads."""
    number, kind = act(lambda connection, _web, actor: open_notice(connection, actor, notice_id, now()))
    if number is None:
        return back(url_for("pages.my_notices"))
    return redirect(url_for("pages.order" if kind == "order" else "pages.case", number=number), 303)


@pages.post("/notices/open-all")
def open_all() -> Response:
    """Everything is read."""
    count = act(lambda connection, _web, actor: open_all_notices(connection, actor, now()))
    return back(url_for("pages.my_notices"), say("已全部标为已读，%(count)s 条", count=count))
