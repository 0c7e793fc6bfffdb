"""A new case at the counter: choose the item, say who applies, fill in the first form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request
from sqlalchemy import Connection

from service.commands.enter_from_paper import PaperReceipt, find_receipt
from service.errors import Refused, not_found
from service.form_schemas import CompiledForm
from service.form_schemas.identity import is_credit_code, is_id_number, is_mobile
from service.people.actor import Actor
from service.people.permissions import may, may_start
from service.reads.following import first_user_task
from service.reads.guide import Duplicate, Guide, ItemRow, find_duplicates, list_items, read_guide
from service.reads.outages import OutageView, outages_to_enter
from service.reads.task_view import form_schema
from service.web.context import context
from service.web.given import given_moment
from service.web.pages import words
from service.web.pages.shell import argument, ask, calendar, pages, require, words_of
from service.web.pages.words import say
from service.web.request import now, require_actor

# A second application within this time is asked about (UX, new case: duplicate warned).
_RECENT = timedelta(days=60)
_LONGEST = {"name": 200, "number": 18, "mobile": 20, "agent_name": 80, "agent_id": 18, "agent_mobile": 20}
_OF_PAPER = {"paper_number": 40, "paper_received_at": 16}
# Keys of first forms that the applicant's own words already answer; a buyer applies for the transfer of real estate.
_BY_NAME = ("applicant_name", "buyer_name")
_BY_CREDIT_CODE = ("applicant_code", "org_code", "buyer_code")
_BY_ID_NUMBER = ("applicant_id", "buyer_id")


@pages.get("/cases/new")
def choose_item() -> str:
    """The items that this clerk may take applications for."""
    actor = _starter()
    items = ask(lambda connection: startable_items(connection, actor, argument("q")))
    return render_template("choose_item.html", items=items, filtered=argument("q") is not None)


def _starter() -> Actor:
    """Who takes applications, or begins cases of the office's own motion."""
    actor = require_actor()
    return actor if ask(lambda connection: may_begin(connection, actor)) else require("start_case")


def may_begin(connection: Connection, actor: Actor) -> bool:
    """Whether there is anything that this person may begin."""
    if may(actor, "start_case"):
        return True
    return may(actor, "start_of_own_motion") and bool(startable_items(connection, actor))


def startable_items(connection: Connection, actor: Actor, q: str | None = None) -> list[ItemRow]:
    """The items whose cases this person may begin."""
    departments = frozenset(h.department for h in actor.holdings if h.principal_id is None)
    found = list_items(connection, q=q, departments=departments)
    return [item for item in found if may_start(actor, item.first_post, item.department)]


def _guide(connection: Connection, actor: Actor, code: str) -> Guide:
    guide = read_guide(connection, context().services, code)
    if guide is None or not may_start(actor, guide.item.first_post, guide.item.department):
        raise not_found("该事项", f"power item {code}")
    return guide


@pages.get("/cases/new/<code:code>")
def new_case(code: str) -> str:
    """The guide and the questions about the applicant; the first form at once where nobody applies.

    Where the department was out lately, the paper receipt is asked for as well.
    """
    actor = _starter()
    guide, outages = ask(lambda connection: _guide_and_outages(connection, actor, code))
    if guide.item.applicant_from and not outages:
        return _first_form(guide, {}, [], {"power_item": code})
    return _questions(guide, outages, {}, {})


def _guide_and_outages(connection: Connection, actor: Actor, code: str) -> tuple[Guide, list[OutageView]]:
    guide = _guide(connection, actor, code)
    own = guide.item.penalises  # What the office begins itself comes in on no receipt.
    return guide, [] if own else outages_to_enter(connection, guide.item.department, now())


def _questions(guide: Guide, outages: list[OutageView], given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template("new_case_applicant.html", guide=guide, outages=outages, given=given, problems=problems)


@pages.post("/cases/new/<code:code>")
def new_case_form(code: str) -> str | tuple[str, int]:
    """The first form, with what is known of the applicant; or the questions again with what is wrong."""
    actor = _starter()
    given = {key: request.form.get(key, "").strip()[:length] for key, length in {**_LONGEST, **_OF_PAPER}.items()}
    given["kind"] = "person" if request.form.get("kind") == "person" else "organisation"

    def read(connection: Connection) -> tuple[Guide, list[OutageView], list[Duplicate], dict[str, str]]:
        guide, outages = _guide_and_outages(connection, actor, code)
        number = given["number"].upper() or None
        known = find_duplicates(connection, code=code, name=given["name"], number=number, since=now() - _RECENT)
        return guide, outages, known, _problems_of_paper(connection, guide, given)

    guide, outages, duplicates, problems = ask(read)
    nobody_applies = bool(guide.item.applicant_from)
    if not nobody_applies:
        problems = _problems(given) | problems
    if problems:
        return _questions(guide, outages, given, problems), 422
    extra: dict[str, Any] = {"power_item": code} if nobody_applies else _extra(code, given)
    if given["paper_number"]:
        received_at = _received_at(given)
        extra["paper_receipt"] = {
            "number": given["paper_number"],
            "received_at": received_at.isoformat() if received_at is not None else None,
        }
    return _first_form(guide, {} if nobody_applies else given, duplicates, extra)


def _problems_of_paper(connection: Connection, guide: Guide, given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the paper receipt, by the same rule that the entry is held against."""
    if not given["paper_number"]:
        return {"paper_number": say("请填收件凭证编号")} if given["paper_received_at"] else {}
    received_at = _received_at(given)
    if received_at is None:
        return {"paper_received_at": say("请填时间，如 2026-11-23 09:30")}
    try:
        paper = PaperReceipt(given["paper_number"], received_at)
        find_receipt(connection, paper, guide.item.department, now())
    except Refused as refusal:
        pointer = refusal.details[0].pointer or ""
        field = "paper_received_at" if pointer.endswith("received_at") else "paper_number"
        return {field: words_of(refusal)}
    return {}


def _received_at(given: Mapping[str, str]) -> datetime | None:
    """The instant on the paper, in the county's zone."""
    try:
        found = given_moment(given["paper_received_at"])
    except ValueError:
        return None
    return found.replace(tzinfo=context().services.settings.zone)


def _first_form(guide: Guide, given: Mapping[str, str], duplicates: list[Duplicate], extra: Mapping[str, Any]) -> str:
    first = first_user_task(guide.bundle.xml)
    form_key = first.properties.get("formKey", first.id) if first is not None else ""
    schema = form_schema(guide.bundle, form_key, words.locale_code())
    if schema is None:
        raise Refused("invalid_diagram", "该事项的流程没有申请表", "Expected a first form in the item's diagram")
    return render_template(
        "new_case_form.html",
        guide=guide,
        given=given,
        duplicates=duplicates,
        schema=schema,
        values=_first_values(guide.bundle.forms.get(form_key)) | (_known(schema, given) if given else {}),
        extra=extra,
    )


def _problems(given: Mapping[str, str]) -> dict[str, str]:
    """{field: what is wrong}, in the reader's language; the interface checks the same again."""
    found = {}
    today = now().astimezone(context().services.settings.zone).date()
    if not given["name"]:
        found["name"] = say("请填写申请人名称")
    number = given["number"].upper()
    if given["kind"] == "person" and not is_id_number(number, today):
        found["number"] = say("身份证号校验不通过，请核对")
    if given["kind"] == "organisation" and not is_credit_code(number):
        found["number"] = say("统一社会信用代码校验不通过，请核对")
    if not is_mobile(given["mobile"]):
        found["mobile"] = say("请填 11 位手机号，以 13 至 19 开头")
    if given["agent_name"]:
        if not is_id_number(given["agent_id"].upper(), today):
            found["agent_id"] = say("身份证号校验不通过，请核对")
        if given["agent_mobile"] and not is_mobile(given["agent_mobile"]):
            found["agent_mobile"] = say("请填 11 位手机号，以 13 至 19 开头")
    return found


def _extra(code: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What goes beside the answers."""
    number = given["number"].upper()
    applicant = {"name": given["name"], "mobile": given["mobile"]}
    applicant["id_number" if given["kind"] == "person" else "credit_code"] = number
    extra: dict[str, Any] = {"power_item": code, "applicant": applicant}
    if given["agent_name"]:
        mobile = given["agent_mobile"] or given["mobile"]
        extra["agent"] = {"name": given["agent_name"], "id_number": given["agent_id"].upper(), "mobile": mobile}
    return extra


def _first_values(form: CompiledForm | None) -> dict[str, str]:
    """The days that a first form's dates are held against."""
    days = ask(calendar)
    return form.days_from(days.local_date(now()), days) if form is not None else {}


def _known(schema: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Answers that need not be asked a second time."""
    by_number = _BY_ID_NUMBER if given["kind"] == "person" else _BY_CREDIT_CODE
    known = dict.fromkeys(_BY_NAME, given["name"]) | dict.fromkeys(by_number, given["number"].upper())
    known |= {"contact_mobile": given["mobile"], "buyer_kind": given["kind"]}
    keys = {component.get("key") for component in schema.get("components", ())}
    return {key: value for key, value in known.items() if key in keys}
