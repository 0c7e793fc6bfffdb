"""What anybody may open: progress by number and secret, the guides, whether a certificate is genuine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, session, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from service.certificates.blank_form import render_blank_form
from service.enquiry.public_view import PublicCase, read_public_case
from service.errors import Refused, not_found
from service.people.masking import mask_party
from service.reads.blank_forms import find_blank_form
from service.reads.case_clock import LimitClock, read_clock
from service.reads.cash import PublicTicket, public_ticket
from service.reads.diagram_words import diagram_in
from service.reads.feedback import feedback_of_number
from service.reads.guide import Guide, list_items, read_guide
from service.reads.office_changes import loosened_departments
from service.reads.outages import public_outages
from service.reads.public_ahead import OpenPoint, PublicWay, read_public_way
from service.reads.published import list_penalties
from service.reads.verifying import Verified, VerifiedFile, verify_file, verify_number
from service.web.context import context
from service.web.guards import SECRET, SECRET_OF_ADDRESS
from service.web.pages import words
from service.web.pages.shell import RefusalView, argument, ask, asked, calendar, pages, refusal_view, today
from service.web.pages.timing import clock_view
from service.web.pages.words import say
from service.web.request import client_address, now
from service.web.uploaded_paper import uploaded_paper

STARS = (
    (5, words.N_("5 星 非常满意")),
    (4, words.N_("4 星 满意")),
    (3, words.N_("3 星 基本满意")),
    (2, words.N_("2 星 不满意")),
    (1, words.N_("1 星 非常不满意")),
)
WITHDRAWAL_WORDS = {
    "changed": words.N_("处罚决定已被依法变更"),
    "annulled": words.N_("处罚决定已被依法撤销"),
    "unlawful": words.N_("处罚决定已被确认违法"),
    "void": words.N_("处罚决定已被确认无效"),
}
pages.add_app_template_filter(lambda code: words.word(WITHDRAWAL_WORDS, code), "withdrawal_word")
# Cases that this browser has proved to know are kept in its own signed cookie, so that no secret stands in an address.
_PROVED = "proved"
_MOST_PROVED = 5
_LONGEST_NUMBER = 40


def _find(connection: Connection, number: str, secret: str) -> PublicCase:
    """The case; a wrong number and a wrong secret are answered alike. Raises Refused not_found, rate_limited."""
    web, address = context(), client_address()
    keys = ((SECRET, f"secret/{address}/{number}"), (SECRET_OF_ADDRESS, f"secret/{address}"))
    web.guards.require(*keys)
    services = web.services
    found = read_public_case(connection, services.items, services.bundles, services.settings.secret_key, number, secret)
    if found is None:
        web.guards.failed(*keys)
        raise _no_such_case()
    return found


def _no_such_case() -> Refused:
    return Refused(
        "not_found",
        "编号或查询码不正确，请核对受理通知书或短信",
        "The number or the secret is wrong: check the notice of acceptance or the SMS",
    )


@pages.get("/public")
def public_home() -> str:
    """Ask for a number and its secret."""
    return _home(request.args)


def _home(given: Mapping[str, str], refusal: Refused | None = None) -> str:
    outages = ask(lambda connection: public_outages(connection, now()))
    problem = refusal_view(refusal) if refusal else None
    return render_template("public_home.html", given=given, outages=outages, problem=problem)


@pages.post("/public")
def public_find() -> AnyResponse | tuple[str, int]:
    """Open the case if the secret is its own."""
    number = request.form.get("number", "").strip()[:_LONGEST_NUMBER].upper()
    secret = request.form.get("secret", "").strip()[:64]
    try:
        ask(lambda connection: _find(connection, number, secret))
    except Refused as refusal:
        return _home(request.form, refusal), refusal.status
    return _proved(number, secret)


def _proved(number: str, secret: str) -> AnyResponse:
    kept = dict(list(session.get(_PROVED, {}).items())[1 - _MOST_PROVED :])
    session[_PROVED] = {**kept, number: secret}
    return redirect(url_for("pages.public_case", number=number), 303)


def proved_case(number: str) -> PublicCase:
    """The case whose secret this browser has proved to know. Raises Refused not_found."""
    secret = session.get(_PROVED, {}).get(number)
    if secret is None:
        raise _no_such_case()
    return ask(lambda connection: _find(connection, number, secret))


@pages.get("/public/cases/<code:number>")
def public_case(number: str) -> AnyResponse | str:
    """Masked progress. An address that brings the secret (an SMS, a QR code) loses it at once."""
    given = argument("secret")
    if given is not None:
        ask(lambda connection: _find(connection, number, given[:64]))
        return _proved(number, given[:64])
    secret = session.get(_PROVED, {}).get(number)
    if secret is None:
        return redirect(url_for("pages.public_home", number=number), 303)

    def read(connection: Connection) -> str:
        found = _find(connection, number, secret)
        way = read_public_way(connection, context().services, number, found.waiting_for, words.locale_code())
        days = calendar(connection)
        return render_template(
            "public_case.html",
            one=found,
            way=way,
            secret=secret,
            headline=_headline(found, way),
            advice=_advice(found, way),
            may_withdraw=found.withdrawable,
            feedback=feedback_of_number(connection, number),
            stars=[(n, say(word)) for n, word in STARS],
            counted=None if found.closed_at or found.decided_on else _counted(connection, number),
            clock=None if found.closed_at else clock_view(found.due_at, _since(found), now(), days),
        )

    return ask(read)


def _counted(connection: Connection, number: str) -> LimitClock | None:
    """The limit that the office has promised, else that of the law."""
    clock = read_clock(connection, context().services.calendars, number, now())
    return clock.limits[0] if clock.limits else None


def _since(found: PublicCase) -> Any:
    return found.steps[0].entered_at if found.steps else now()


def _current(way: PublicWay) -> OpenPoint | None:
    halted = next((p for p in way.points if p.halts), None)
    waits = next((p for p in way.points if p.message), None)
    return halted or waits or next(iter(way.points), None)


def _headline(found: PublicCase, way: PublicWay) -> str:
    """One sentence that says where the case stands."""
    if found.closed_at is not None:
        return words.case_word(found.status, found.outcome)
    if found.status == "suspended":
        return say("办理依法中止，恢复后通知您")
    if found.status == "halted":
        return say("办理中止，正由监察员处理")
    point = _current(way)
    if point is None:
        return say("正在办理")
    return words.named(point) if point.message else say("正在办理：%(step)s", step=words.named(point))


def _advice(found: PublicCase, way: PublicWay) -> str:
    """What the reader has to do, if anything."""
    if found.closed_at is not None:
        return say("本件已经办完，您不用再做什么。")
    if "correction" in found.waiting_for:
        return say("请您补齐材料并在下面提交，逾期未补的视为撤回申请。")
    if any(fee.status == "unpaid" for fee in found.fees):
        return say("请您按期网上缴款。") if found.penalty else say("请您网上缴款，缴清后才能制证。")
    if "statement" in found.waiting_for:
        return say("您可以在下面陈述、申辩。")
    if "completion" in found.waiting_for:
        return say("完工后请在下面报告，以便验收。")
    if "objection" in found.waiting_for:
        return say("正在公示，有意见的可以在下面提出。")
    return say("您不用做什么，有结果会发短信告诉您。")


@pages.get("/public/items")
def public_items() -> str:
    """The guides, by department."""
    items, loosened = ask(lambda c: (list_items(c, q=argument("q")), loosened_departments(c)))
    groups: dict[str, list[Any]] = {}
    for one in items:
        groups.setdefault(words.named(one, "department"), []).append(one)
    return render_template("public_items.html", groups=groups, total=len(items), loosened=loosened)


def _guide(connection: Connection, code: str) -> Guide:
    found = read_guide(connection, context().services, code)
    if found is None:
        raise not_found("该事项", f"power item {code}")
    return found


@pages.get("/public/items/<code:code>")
def public_item(code: str) -> str:
    """The guide of one item with its diagram."""
    return render_template("public_item.html", guide=ask(lambda connection: _guide(connection, code)))


@pages.get("/public/items/<code:code>/drawing.bpmn")
def public_drawing(code: str) -> Response:
    """The diagram in force, its names in the reader's language: the law of the case is open to everybody."""
    guide = ask(lambda connection: _guide(connection, code))
    return Response(diagram_in(guide.bundle.xml, words.locale_code()), content_type="application/xml; charset=utf-8")


@pages.get("/public/items/<code:code>/blank/<key:material>.pdf")
def public_blank_form(code: str, material: str) -> Response:
    """The paper to fill in for a material, for those who apply with pen and paper (信息公开条例 Art. 20)."""
    locale = words.locale_code()
    paper = ask(lambda connection: find_blank_form(connection, context().services, code, material, locale))
    response = Response(render_blank_form(paper), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{code}-{material}.pdf"'
    return response


@pages.get("/public/penalties")
def public_penalties() -> str:
    """Decisions on penalties that are published now, persons by their family names alone."""
    page = ask(lambda connection: list_penalties(connection, today(connection), asked=asked()))
    return render_template("public_penalties.html", page=page)


@pages.get("/public/verify")
def public_verify() -> str:
    """Whether the county has given out a certificate, or a ticket for a fine, of this number."""
    number = argument("number")
    found = ask(lambda connection: verify_number(connection, number[:80], today(connection))) if number else None
    ticket = ask(lambda connection: public_ticket(connection, number[:80])) if number and found is None else None
    return _verify_page(number, found, ticket=ticket)


@pages.post("/public/verify")
def public_verify_file() -> str | tuple[str, int]:
    """Whether a PDF is, byte by byte, one that the county has given out."""
    try:
        content = uploaded_paper()
    except Refused as refusal:
        return _verify_page(problem=refusal_view(refusal)), refusal.status
    return _verify_page(file=ask(lambda connection: verify_file(connection, content, today(connection))))


def _verify_page(
    number: str | None = None,
    found: Verified | None = None,
    file: VerifiedFile | None = None,
    problem: RefusalView | None = None,
    *,
    ticket: PublicTicket | None = None,
) -> str:
    holder = mask_party(found.holder, found.holder_json or {}) if found is not None else ""
    shown = {"number": number, "found": found, "file": file, "problem": problem, "ticket": ticket}
    return render_template("public_verify.html", **shown, holder=holder)
