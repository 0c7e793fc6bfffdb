"""Certificates for the office: the register with its filters, one certificate, and proposing a change to it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.correcting import correctable_fields
from service.commands.propose_change import KINDS, LONGEST_VALUE, ProposeChange, propose_change
from service.errors import Refused, not_found
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.certificates import SHOWN, CertificateFilter, list_certificates, read_certificate
from service.reads.visibility import departments_of_cases
from service.reads.work_marks import items_of
from service.web.context import context
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, pages, refusal_view, require, today
from service.web.pages.words import N_, say
from service.web.request import now, require_actor

STANDING_WORDS = {
    "valid": N_("有效"),
    "expiring": N_("90 日内到期"),
    "expired": N_("已过期"),
    "not_yet": N_("尚未生效"),
    "revoked": N_("已依法撤销"),
    "cancelled": N_("已注销"),
    "replaced": N_("已被新证替代"),
}
STANDING_CLASSES = {"valid": "done", "expired": "yellow", "not_yet": "yellow", "revoked": "red", "cancelled": "red"}
CHANGE_WORDS = {
    "revoke": N_("撤销"),
    "cancel": N_("注销"),
    "correct": N_("更正换发"),
    "reissue": N_("遗失、损坏补发"),
}
CHANGE_HINTS = {
    "revoke": N_("违法取得或者违法作出的许可（行政许可法第六十九条）。听取陈述申辩、法制审核后，由主要负责人决定。"),
    "cancel": N_("期满未延续、主体终止等应当注销的情形（行政许可法第七十条）。经法制审核，由主要负责人决定。"),
    "correct": N_("证照所载文字有误。经法制审核，由主要负责人决定，换发新证，原证作废。"),
    "reissue": N_("持有人遗失、损坏证照。由科室负责人审核，补发新证，原证作废。"),
}
pages.add_app_template_filter(lambda code: words.word(STANDING_WORDS, code), "standing_word")
pages.add_app_template_filter(lambda code: STANDING_CLASSES.get(code, ""), "standing_class")
pages.add_app_template_filter(lambda code: words.word(CHANGE_WORDS, code), "change_word")


@pages.get("/certificates")
def certificates() -> str:
    """The register: certificates of the departments whose cases this person reads."""
    actor = require_actor()
    seen = departments_of_cases(actor)
    if seen == frozenset():
        require("read_cases_of_department")
    wanted = CertificateFilter(
        standing=argument("standing", SHOWN),
        department=argument("department"),
        power_item=argument("item"),
        q=argument("q"),
    )

    def read(connection: Connection) -> dict[str, Any]:
        names = department_names(connection)
        return {
            "page": list_certificates(connection, actor, wanted, today(connection), asked()),
            "items": [(c.value, words.named(c)) for c in items_of(connection, seen)],
            "departments": {
                code: name[words.in_english()] for code, name in names.items() if seen is None or code in seen
            },
        }

    return render_template(
        "certificates.html",
        **ask(read),
        standings=[(code, say(STANDING_WORDS[code])) for code in SHOWN],
        filtered=any((wanted.standing, wanted.department, wanted.power_item, wanted.q)),
    )


@pages.get("/certificates/<number:certificate_id>")
def certificate(certificate_id: int) -> str:
    """One certificate: what it says, how it stands, what was and may be changed."""
    return _certificate_page(certificate_id)


def _certificate_page(certificate_id: int, refusal: Refused | None = None) -> str:
    actor = require_actor()

    def read(connection: Connection) -> dict[str, Any]:
        found = read_certificate(connection, actor, certificate_id, today(connection))
        if found is None:
            raise not_found("该证照", f"certificate {certificate_id}")
        row, changes = found
        fields = correctable_fields(connection, context().services, certificate_id, now())
        return {"one": row, "changes": changes, "correctable": fields}

    found = ask(read)
    return render_template(
        "certificate.html",
        **found,
        may_propose=may(actor, "propose_certificate_changes", found["one"].department),
        kinds=[(kind, say(CHANGE_WORDS[kind]), say(CHANGE_HINTS[kind])) for kind in KINDS],
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/certificates/<number:certificate_id>/changes")
def propose(certificate_id: int) -> Response | tuple[str, int]:
    """Propose a change; the case that it opens is shown."""
    require_actor()
    form, prefix = request.form, "correct-"
    corrections = {
        name.removeprefix(prefix): value.strip()[:LONGEST_VALUE]
        for name, value in form.items()
        if name.startswith(prefix) and value.strip() and form.get("kind") == "correct"
    }
    command = ProposeChange(
        certificate_id,
        form.get("kind", "")[:12],
        form.get("legal_basis", "").strip()[:300],
        form.get("reason", "").strip()[:500],
        corrections,
    )
    try:
        number = act(lambda connection, web, actor: propose_change(connection, web.services, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _certificate_page(certificate_id, refusal), refusal.status
    stepping = context().stepping
    if stepping is not None:
        stepping.look()
    return redirect(url_for("pages.case", number=number), 303)
