"""减免、退付: proposing to reduce a fee or to give money back, from the page of the fee's own case."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.commands.propose_fee_change import ProposeFeeChange, propose_fee_change
from service.web.context import context
from service.web.pages.fee_forms import read_fen
from service.web.pages.shell import act, pages
from service.web.request import now, require_actor


@pages.post("/cases/<code:number>/fee-changes")
def propose_fee(number: str) -> Response:
    """Open the case that decides it, and show it."""
    require_actor()
    form = request.form
    kind, _, pay_code = form.get("kind", "").partition("/")
    command = ProposeFeeChange(
        number,
        kind[:12],
        read_fen(form.get("amount", ""), "amount") or 0,
        form.get("legal_basis", "").strip()[:300],
        form.get("reason", "").strip()[:500],
        pay_code[:20],
    )
    opened = act(lambda connection, web, actor: propose_fee_change(connection, web.services, actor, command, now()))
    stepping = context().stepping
    if stepping is not None:
        stepping.look()
    return redirect(url_for("pages.case", number=opened), 303)
