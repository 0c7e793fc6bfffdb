"""无法入账的缴款: money that belongs to no notice, and the cashier's word on what became of it."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from service.commands.unmatched import settle_unmatched
from service.errors import Refused
from service.people.permissions import may
from service.reads.unmatched import list_unmatched, may_read_unmatched
from service.reads.visibility import departments_of_cases
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view
from service.web.pages.words import say
from service.web.request import now, require_actor


@pages.get("/unmatched-payments")
def unmatched_payments() -> str:
    """Those of one's departments, the newest first."""
    return _page()


def _page(refusal: Refused | None = None, at: int = 0) -> str:
    actor = require_actor()
    if not may_read_unmatched(actor):
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected a cashier or an administrator")
    return render_template(
        "unmatched_payments.html",
        page=ask(lambda connection: list_unmatched(connection, actor, None, asked())),
        may_settle=may(actor, "settle_unmatched_payments"),
        may_open=departments_of_cases(actor) != frozenset(),
        refused_at=at,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/unmatched-payments/<number:payment_id>/settle")
def settle_payment(payment_id: int) -> Response | tuple[str, int]:
    """Say what became of one."""
    ground = request.form.get("ground", "")
    try:
        act(lambda connection, _web, actor: settle_unmatched(connection, actor, payment_id, ground, now()))
    except Refused as refusal:
        return _page(refusal, payment_id), refusal.status
    return back(url_for("pages.unmatched_payments"), say("已登记处理结果"))
