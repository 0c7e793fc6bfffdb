"""One table of answers, checked by the server and by the form in a real browser: both refuse the same fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from service.form_schemas import compile_form, localised, with_generated_hides
from service.web import islands_build
from tests.browser.islands import harness

pytestmark = pytest.mark.browser

TODAY = date(2026, 11, 23)  # a Monday
KNOWN = {"accepted_on": "2026-11-10", "known_limit": 5}
YES_NO = [{"label": "是", "value": "yes"}, {"label": "否", "value": "no"}]


def _field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"Field_{key}", "key": key, "label": key, **more}


def _text(key: str, form: str | None = None, **validate: Any) -> dict[str, Any]:
    return _field("textfield", key, properties={"format": form} if form else {}, validate=validate)


def _day(key: str, **properties: str) -> dict[str, Any]:
    return _field("datetime", key, subtype="date", dateLabel=key, properties=properties)


SCHEMA = with_generated_hides(
    {
        "type": "default",
        "schemaVersion": 19,
        "components": [
            _text("name", required=True, minLength=2, maxLength=10),
            _text("citizen", "id_number"),
            _text("organ", "credit_code"),
            _field("textfield", "society", properties={"format": "credit_code", "codePrefix": "51"}),
            _text("mobile", "mobile"),
            _text("postcode", "postcode"),
            _field("textfield", "permit", properties={"length": "4"}),
            _text("plate", pattern="^[A-Z]{2}[0-9]+$"),
            _text("mail", validationType="email"),
            _text("phone", validationType="phone"),
            _field("number", "count", decimalDigits=0, validate={"min": 1, "max": 9}),
            _field("number", "area", decimalDigits=2),
            _field("number", "funds", properties={"format": "money_fen"}, validate={"min": 30000, "max": 1000000.5}),
            _day("past", notAfter="today"),
            _day("soon", notBefore="today", notAfter="today+5wd"),
            _day("recent", notBefore="today-3wd"),
            _day("surveyed_on", notBefore="accepted_on", notAfter="today"),
            _day("valid_from", notBefore="2026-01-01"),
            _day("valid_until", notBefore="valid_from+1", notAfter="valid_from+365"),
            {**_day("not_gone"), "disallowPassedDates": True},
            _field("datetime", "hour", subtype="time", timeLabel="hour"),
            _field("checkbox", "agreed", properties={"condition": "kind == 'no'"}, validate={"required": True}),
            _field("radio", "kind", values=YES_NO),
            _field("select", "choice", values=YES_NO),
            _field("checklist", "several", values=YES_NO),
            _field("textfield", "reason", properties={"condition": "kind == 'yes'"}, validate={"required": True}),
            _field("textfield", "first"),
            _field("textfield", "second", properties={"rule": "second != first", "ruleNote": "两人不能相同"}),
            _field("number", "within", decimalDigits=0, properties={"rule": "within <= known_limit"}),
            {
                "type": "dynamiclist",
                "id": "List",
                "path": "goods",
                "label": "goods",
                "isRepeating": True,
                "allowAddRemove": True,
                "defaultRepetitions": 1,
                "properties": {"minRows": "2", "maxRows": "3"},
                "components": [
                    _text("item", required=True, maxLength=5),
                    _field("number", "price", decimalDigits=2, properties={"format": "money_fen"}),
                ],
            },
            _field(
                "number",
                "sum",
                readonly=True,
                properties={"format": "money_fen", "totalOf": "goods.price"},
                validate={"max": 100},
            ),
            {
                "type": "group",
                "id": "Group",
                "path": "agent",
                "label": "agent",
                "properties": {"condition": "kind == 'no'"},
                "components": [
                    _text("person", required=True),
                    {"type": "group", "id": "Inner", "path": "home", "components": [_text("code", "postcode")]},
                ],
            },
        ],
    }
)

# Answers beside {"name": "临江化工"}, and the fields that both sides refuse: keys, or list-row-cell.
CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"name": ""}, {"name"}),
    ({"name": " 临 "}, {"name"}),
    ({"name": "𠮷" * 10}, set()),
    ({"name": "𠮷" * 11}, {"name"}),
    ({"citizen": "32990119921103004X"}, set()),
    ({"citizen": " 329901 19921103 004x"}, set()),
    ({"citizen": "３２９９０１１９９２１１０３００４Ｘ"}, set()),
    ({"citizen": "329901199211030041"}, {"citizen"}),
    ({"citizen": "329901199213010041"}, {"citizen"}),
    ({"citizen": "329901202611240012"}, {"citizen"}),
    ({"citizen": "329901189912310010"}, {"citizen"}),
    ({"citizen": "329901190001010015"}, set()),
    ({"citizen": "830000198506072011"}, set()),
    ({"citizen": "911124198108030024"}, set()),
    ({"citizen": "000000198506072017"}, {"citizen"}),
    ({"citizen": "160000198506072011"}, {"citizen"}),
    ({"citizen": "99990119850607201X"}, {"citizen"}),
    ({"citizen": "1234"}, {"citizen"}),
    ({"organ": "91329901MA1K2T3X6K"}, set()),
    ({"organ": "91329901ma1k2t3x6k"}, set()),
    ({"organ": "91329901MA1K2T3X6L"}, {"organ"}),
    ({"organ": "91329901MA1K2T3O6K"}, {"organ"}),
    ({"society": "5132990150990001X3"}, set()),
    ({"society": "91329901MA1K2T3X6K"}, {"society"}),
    ({"mobile": "13812345678"}, set()),
    ({"mobile": "138 1234 5678"}, set()),
    ({"mobile": "12812345678"}, {"mobile"}),
    ({"mobile": "+8613812345678"}, {"mobile"}),
    ({"postcode": "226600"}, set()),
    ({"postcode": "990000"}, {"postcode"}),
    ({"postcode": "22660"}, {"postcode"}),
    ({"permit": "1234"}, set()),
    ({"permit": "12345"}, {"permit"}),
    ({"plate": " AB12 "}, set()),
    ({"plate": "A12"}, {"plate"}),
    ({"mail": "a@b.cn"}, set()),
    ({"mail": "a@b"}, {"mail"}),
    ({"phone": "+8613812345678"}, set()),
    ({"phone": "008613812345678"}, {"phone"}),
    ({"count": 9}, set()),
    ({"count": 0}, {"count"}),
    ({"count": 10}, {"count"}),
    ({"count": 2.5}, {"count"}),
    ({"area": 0.1}, set()),
    ({"area": 12.345}, {"area"}),
    ({"area": 1e-7}, {"area"}),
    ({"area": 1e16}, {"area"}),
    ({"funds": 3000000}, set()),
    ({"funds": 2999999}, {"funds"}),
    ({"funds": 100000050}, set()),
    ({"funds": 100000051}, {"funds"}),
    ({"funds": -1}, {"funds"}),
    ({"past": "2026-11-23"}, set()),
    ({"past": "2026-11-24"}, {"past"}),
    ({"past": "2026-02-30"}, {"past"}),
    ({"past": "1899-12-31"}, {"past"}),
    ({"soon": "2026-11-30"}, set()),
    ({"soon": "2026-12-01"}, {"soon"}),
    ({"soon": "2026-11-22"}, {"soon"}),
    ({"recent": "2026-11-18"}, set()),
    ({"recent": "2026-11-17"}, {"recent"}),
    ({"surveyed_on": "2026-11-10"}, set()),
    ({"surveyed_on": "2026-11-09"}, {"surveyed_on"}),
    ({"valid_from": "2025-12-31"}, {"valid_from"}),
    ({"valid_from": "2026-11-23", "valid_until": "2027-11-23"}, set()),
    ({"valid_from": "2026-11-23", "valid_until": "2027-11-24"}, {"valid_until"}),
    ({"valid_from": "2026-11-23", "valid_until": "2026-11-23"}, {"valid_until"}),
    ({"valid_until": "1999-01-01"}, set()),
    ({"not_gone": "2026-11-22"}, {"not_gone"}),
    ({"hour": "09:30"}, set()),
    ({"hour": "24:00"}, {"hour"}),
    ({"kind": "yes", "reason": "有"}, set()),
    ({"kind": "yes"}, {"reason"}),
    ({"kind": "no", "agreed": True, "agent": {"person": "张伟"}}, set()),
    ({"kind": "no", "agent": {"person": "张伟"}}, {"agreed"}),
    ({"kind": "no", "agreed": True}, {"agent-person"}),
    ({"kind": "no", "agreed": True, "agent": {"person": "张", "home": {"code": "1"}}}, {"agent-home-code"}),
    ({"choice": "no", "several": ["yes", "no"]}, set()),
    ({"choice": "maybe"}, {"choice"}),
    ({"several": ["yes", "maybe"]}, {"several"}),
    ({"first": "甲", "second": "乙"}, set()),
    ({"first": "甲", "second": " 甲 "}, {"second"}),
    ({"within": 5}, set()),
    ({"within": 6}, {"within"}),
    ({"goods": [{"item": "苯", "price": 4000}, {"item": "酸", "price": 6000}]}, set()),
    ({"goods": [{"item": "苯", "price": 4000}, {"item": "酸", "price": 6001}]}, {"sum"}),
    ({"goods": [{"item": "苯"}]}, {"goods"}),
    ({"goods": [{"item": "苯"}] * 4}, {"goods"}),
    ({"goods": [{"item": "苯"}, {"price": 5}]}, {"goods-1-item"}),
    ({"goods": [{"item": "苯苯苯苯苯苯"}, {"item": "酸"}]}, {"goods-0-item"}),
    ({"goods": [{"item": " "}, {}]}, set()),
]
ANSWERS = [{"name": "临江化工"} | answers for answers, _ in CASES]

# Puts answers into the form as if they had been typed, presses the button, and reads which fields the summary names.
PRESS = """async cases => {
  const form = document.querySelector('[data-island=form]').mjForm;
  const still = () => new Promise(done => setTimeout(done, 0));
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const { schema, initialData } = form._getState();
  let sent = 0;
  window.fetch = async (address, { method }) => {
    sent += method === 'POST';
    const body = JSON.stringify({ code: 'busy', detail: 'busy' });
    return new Response(body, { status: 409, headers: { 'Content-Type': 'application/problem+json' } });
  };
  const found = [];
  for (const answers of cases) {
    await form.importSchema(schema, { ...initialData, ...answers });
    const { data } = form._getState();
    form._setState({ data: { ...data, ...structuredClone(answers) } });
    await frame();
    const before = sent;
    form.submit();
    await frame();
    await still();
    const places = [...document.querySelectorAll('.form-summary a')].map(link => link.getAttribute('href').slice(3));
    found.push({ sent: sent > before, places });
  }
  return found;
}"""


def _server(answers: dict[str, Any]) -> set[str]:
    _, problems = compile_form(SCHEMA).check(answers, lookup=KNOWN.get, today=TODAY)
    return {problem.pointer.removeprefix("/answers/").replace("/", "-") for problem in problems}


@pytest.mark.parametrize(("answers", "refused"), CASES, ids=str)
def test_the_server_refuses_exactly_these_fields(answers: dict[str, Any], refused: set[str]) -> None:
    assert _server({"name": "临江化工"} | answers) == refused


def test_the_browser_refuses_the_same_fields_and_sends_nothing_then(open_page: Callable[..., Page]) -> None:
    islands_build.build()
    desk = harness.Desk()
    days = compile_form(SCHEMA).days_from(TODAY, _Weekdays())
    desk.schemas = {"schema": localised(SCHEMA, "zh-CN"), "values": KNOWN | days}
    with harness.serving(desk) as base:
        page = open_page(f"{base}/form")
        page.wait_for_selector("[data-island=form][data-ready]")
        found = page.evaluate(PRESS, ANSWERS)
    verdicts = [(answers, set(one["places"]), one["sent"]) for answers, one in zip(ANSWERS, found, strict=True)]
    expected = [(answers, refused, not refused) for answers, (_, refused) in zip(ANSWERS, CASES, strict=True)]
    assert [pair for pair in zip(verdicts, expected, strict=True) if pair[0] != pair[1]] == []


class _Weekdays:
    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5
