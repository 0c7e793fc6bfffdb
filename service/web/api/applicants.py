"""Who applies: a natural person or an organisation, with numbers that prove themselves."""

from __future__ import annotations

from typing import Any

from service.commands.start_case import Applicant
from service.errors import Detail, Refused
from service.form_schemas.identity import is_credit_code, is_id_number, is_mobile
from service.web.api.endpoint import Call
from service.web.api.fields import Body, Text


class ApplicantBody(Body):
    """One of `id_number` and `credit_code`."""

    name = Text(200, required=True)
    id_number = Text(18)
    credit_code = Text(18)
    mobile = Text(20, required=True)


def applicant_of(given: dict[str, Any], agent: dict[str, Any] | None, call: Call) -> Applicant:
    """The applicant that a request names. Raises Refused invalid_answers with a line for each number that is none."""
    faults = [*_faults(given, "/applicant", call), *(_faults(agent, "/agent", call) if agent else ())]
    if (given["id_number"] is None) == (given["credit_code"] is None):
        words = ("身份证号与统一社会信用代码须填且只填一项", "Give the ID number or the credit code, one of them")
        faults.append(Detail("choose_one", *words, pointer="/applicant/id_number"))
    if agent is not None and agent["id_number"] is None:
        faults.append(Detail("required", "必填", "This is required", pointer="/agent/id_number"))
    if faults:
        raise Refused(
            "invalid_answers",
            f"申请人信息有 {len(faults)} 处要改",
            f"Expected numbers that hold, but {len(faults)} do not",
            faults,
        )
    credit_code = given["credit_code"]
    return Applicant(
        given["name"],
        given["mobile"],
        id_number=_upper(given["id_number"]),
        credit_code=_upper(credit_code),
        agent={**agent, "id_number": agent["id_number"].upper()} if agent else None,
    )


def _faults(given: dict[str, Any], place: str, call: Call) -> list[Detail]:
    today = call.now.astimezone(call.web.services.settings.zone).date()
    found = []
    if (number := given.get("id_number")) is not None and not is_id_number(number.upper(), today):
        words = ("身份证号校验不通过", "This is no valid ID number")
        found.append(Detail("id_number", *words, pointer=f"{place}/id_number"))
    if (code := given.get("credit_code")) is not None and not is_credit_code(code.upper()):
        words = ("统一社会信用代码校验不通过", "This is no valid credit code")
        found.append(Detail("credit_code", *words, pointer=f"{place}/credit_code"))
    if not is_mobile(given["mobile"]):
        found.append(Detail("mobile", "应为 11 位手机号码", "Expected a mobile number", pointer=f"{place}/mobile"))
    return found


def _upper(number: str | None) -> str | None:
    return None if number is None else number.upper()
