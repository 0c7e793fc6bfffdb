"""Certificates of earlier cases on the case page: handing one in, and how each stands today."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.reuse_certificate import ReuseCertificate, reuse_certificate
from service.errors import Detail, Refused
from service.reads.case_parts import CertificateOnFile
from service.web.context import WebContext
from service.web.given import whole_number
from service.web.pages.case_acts import require_known_case
from service.web.pages.shell import act_on_case, ask, back, pages, today
from service.web.pages.words import say
from service.web.request import now


@pages.app_template_filter("standing_today")
def standing_today(one: CertificateOnFile) -> str:
    """How a certificate on file stands today."""
    return one.standing_on(ask(today))


@pages.post("/cases/<code:number>/attachments/certificate")
def reuse(number: str) -> Response:
    """Hand in a certificate of an earlier case for a material."""
    ask(lambda connection: require_known_case(connection, number))
    chosen = whole_number(request.form.get("certificate", ""))
    if chosen is None:
        words = "请选择证照", "Choose a certificate"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/certificate")])
    wanted = ReuseCertificate(number, request.form.get("material", "")[:80], chosen)

    def command(connection: Connection, web: WebContext, actor: Any) -> int:
        return reuse_certificate(connection, web.services, actor, wanted, now())

    act_on_case(command, number=number)
    return back(url_for("pages.case", number=number), say("已引用电子证照"))
