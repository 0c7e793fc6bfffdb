"""The forms in the repository say what the catalogue says, and can be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.form_schemas import CompiledForm, compile_form, message
from service.form_schemas.form import Field
from service.form_schemas.from_catalogue import DEFINITIONS, catalogue_forms, item_fields, main, with_departments
from service.form_schemas.office_forms import OFFICE_FORMS
from service.form_schemas.standard_fields import SUPERVISION_ORDER

ROOT = Path(__file__).parents[2]
FORMS = ROOT / "forms"
CATALOGUE_FILE = ROOT / "processes" / "catalogue" / "items.yaml"
CATALOGUE = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))
ITEMS = {DEFINITIONS[item["code"]]: item for item in CATALOGUE["items"] if item["code"] in DEFINITIONS}
TODAY = date(2026, 11, 23)

COMPONENT_TYPES = {
    "text": ("textfield", None),
    "textarea": ("textarea", None),
    "number": ("number", None),
    "money_fen": ("number", "money_fen"),
    "date": ("datetime", None),
    "select": ("select", None),
    "radio": ("radio", None),
    "checklist": ("checklist", None),
    "checkbox": ("checkbox", None),
    "id_number": ("textfield", "id_number"),
    "credit_code": ("textfield", "credit_code"),
    "mobile": ("textfield", "mobile"),
    "table": ("dynamiclist", None),
}
EXAMPLES: dict[str, Any] = {
    "text": "临江县恒晟化工有限公司",
    "textarea": "经两名工作人员到场核对，资料与现场一致。" * 3,
    "number": 30,
    "checkbox": False,
    "money_fen": 3000000,
    "date": "2026-11-23",
    "id_number": "32990119921103004X",
    "credit_code": "91329901MA1K2T3X6K",
    "mobile": "13812345678",
}


def _catalogue_rows() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for definition, item in ITEMS.items():
        for step, fields in item["forms"].items():
            for row in fields:
                yield definition, step, row


def _files() -> list[tuple[str, str]]:
    expected = [(definition, step) for definition, item in ITEMS.items() for step in item_fields(item)]
    expected += [(definition, step) for definition, forms in OFFICE_FORMS.items() for step in forms]
    return expected + [("supervision_order", step) for step in SUPERVISION_ORDER]


def schema(definition: str, step: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FORMS / definition / f"{step}.json").read_text(encoding="utf-8"))
    return loaded


def compiled(definition: str, step: str) -> CompiledForm:
    return compile_form(schema(definition, step))


@pytest.mark.parametrize(
    ("definition", "step", "row"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]}-{case[2]['key']}") for case in _catalogue_rows()],
)
def test_a_field_of_the_catalogue_stands_in_its_form(definition: str, step: str, row: dict[str, Any]) -> None:
    [part] = [
        part for part in schema(definition, step)["components"] if row["key"] in (part.get("key"), part.get("path"))
    ]
    properties = part["properties"]
    assert (part["type"], properties.get("format")) == COMPONENT_TYPES[row["type"]]
    assert (part.get("label") or part["dateLabel"], properties["labelEn"]) == (row["label_zh"], row["label_en"])
    assert part.get("validate", {}).get("required", False) is row["required"]
    assert part.get("readonly", False) is row.get("readonly", False)
    assert (properties.get("condition"), properties.get("rule")) == (row.get("condition"), row.get("rule"))
    assert ("conditional" in part) is ("condition" in row)
    options = [{"value": o["value"], "zh": o["label"], "en": o["labelEn"]} for o in part.get("values", [])]
    assert options == with_departments(row, CATALOGUE["meta"]["departments"]).get("options", [])
    cells = [(cell["key"], cell.get("label") or cell["dateLabel"]) for cell in part.get("components", [])]
    assert cells == list(zip(row.get("column_keys", []), row.get("columns", []), strict=True))


def test_no_form_has_a_field_that_the_catalogue_lacks() -> None:
    for definition, item in ITEMS.items():
        for step, fields in item_fields(item).items():
            assert compiled(definition, step).keys == tuple(row["key"] for row in fields), (definition, step)


def test_the_folder_holds_exactly_the_forms_that_the_steps_call_for() -> None:
    definitions = {*ITEMS, "supervision_order", *OFFICE_FORMS}
    found = {(path.parent.name, path.stem) for path in FORMS.glob("*/*.json") if path.parent.name in definitions}
    assert found == set(_files())
    assert ("hazardous_chemicals_licence", "await_rectification") in found
    assert ("environmental_impact_approval", "objection") in found


def test_every_item_with_field_work_has_a_form_for_the_ruling_on_a_halt() -> None:
    for definition in ITEMS:
        form = compiled(definition, "halt_ruling")
        released = {"halt_ruling": "release", "ruling_reason": "两名人员确在现场，记录属实。"}
        _, problems = form.check(released, lookup={}.get, today=TODAY)
        assert [problem.pointer for problem in problems] == ["/answers/ruling_ground"]
        redo = {"halt_ruling": "redo", "ruling_reason": "用时过短，应当重新踏勘现场。"}
        assert form.check(redo, lookup={}.get, today=TODAY) == (redo, [])


def test_the_forms_in_the_repository_are_what_the_catalogue_gives() -> None:
    for definition, step, generated in catalogue_forms(CATALOGUE):
        assert schema(definition, step) == generated, (definition, step)


def test_the_command_writes_the_same_forms_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CATALOGUE_FILE), str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(_files())
    for definition, step in _files():
        written = (tmp_path / definition / f"{step}.json").read_bytes()
        assert written == (FORMS / definition / f"{step}.json").read_bytes()
    assert main([]) == 2


def example(field: Field, definition: str) -> Any:
    """A good answer for a field, whatever its form."""
    if field.key == "org_code":
        return "5132990150990001X3"
    if field.key == "urgent_amount":
        return 100000
    if field.key == "unit_no":
        return "329901001001GB00001F00010001"
    if field.key == "officer_b":
        return "李秀兰（证号 32990102）"
    if field.key in ("rights_waived", "certificates_shown", "rights_told", "party_asked"):
        return True
    if (definition, field.key) == ("spot_penalty", "fine_amount"):
        return 20000
    if field.key == "hearing_on":
        return "2026-12-03"
    if field.cells:
        row = {cell.key: EXAMPLES["date"] if cell.key.endswith("_due") else "甲" for cell in field.cells}
        return [row] * 3  # as many as any table wants
    if field.options:
        chosen = field.options[-1][0]
        return [chosen] if field.kind == "checklist" else chosen
    kinds = {"textfield": "text", "datetime": "date"}
    return EXAMPLES[field.format or kinds.get(field.kind, field.kind)]


def fill(form: CompiledForm, definition: str, chosen: dict[str, object]) -> dict[str, Any]:
    """Answers for every field that shows, with `chosen` where a condition or rule depends on it."""
    answers: dict[str, Any] = {}
    for field in form.fields:
        if field.readonly or not field.applies(answers.get):
            continue
        answers[field.key] = chosen.get(field.key, example(field, definition))
    return answers


def choices(form: CompiledForm) -> Iterator[dict[str, object]]:
    """One filling per option of every field that a condition of the form reads, so that each field shows once."""
    deciding = [
        field for field in form.fields if field.options and field.kind != "checklist" and field.key in form.names
    ]
    yield {}
    for field in deciding:
        for option, _ in field.options:
            yield {field.key: option}
    for field in form.fields:
        if field.kind == "checkbox" and field.key in form.names:
            yield {field.key: True, "rights_waived": field.key == "rights_waived"}


@pytest.mark.parametrize(("definition", "step"), _files())
def test_a_filled_form_passes_and_each_missing_field_is_named(definition: str, step: str) -> None:
    form = compiled(definition, step)
    known: dict[str, object] = {"cert_no": "LJ-2026-0001", "beyond_county": "no"}
    known |= {"proposal": "punish", "proposed_fine": 3000000, "facts_clear": "yes", "party_kind": "person"}
    known |= {"fine_amount": 10000}
    shown: set[str] = set()
    for chosen in choices(form):
        answers = fill(form, definition, chosen)
        shown |= answers.keys()
        unfined = answers.get("closing_kind") == "no_penalty" or answers.get("pay_way") == "none"
        known["penalty_decision"] = "none" if unfined else "fine"
        cleaned, problems = form.check(answers, lookup=known.get, today=TODAY)
        assert [message(problem, "zh-CN") for problem in problems] == []
        assert cleaned.keys() >= answers.keys()
        for field in form.fields:
            if field.missing is not None and field.key in answers and field.key not in form.names:
                _, problems = form.check({**answers, field.key: None}, lookup=known.get, today=TODAY)
                assert [(found.pointer, found.code) for found in problems] == [(f"/answers/{field.key}", "required")]
                assert field.label.zh in message(problems[0], "zh-CN")
    assert shown == {field.key for field in form.fields if not field.readonly}


@pytest.mark.parametrize(("definition", "step"), _files())
def test_an_empty_form_names_every_required_field_that_shows(definition: str, step: str) -> None:
    form = compiled(definition, step)
    _, problems = form.check({}, lookup={}.get, today=TODAY)
    nothing: dict[str, object] = {}
    expected = [
        f"/answers/{field.key}"
        for field in form.fields
        if field.missing is not None and not field.readonly and field.applies(nothing.get)
    ]
    assert [problem.pointer for problem in problems] == expected


def test_a_chemical_beyond_the_county_cannot_be_accepted() -> None:
    form = compiled("hazardous_chemicals_licence", "formal_check")
    _, problems = form.check({"check_result": "accept"}, lookup={"beyond_county": "yes"}.get, today=TODAY)
    assert [(problem.pointer, problem.code) for problem in problems] == [("/answers/check_result", "rule")]
    assert "不属于本机关职权" in message(problems[0], "zh-CN")


def test_funds_of_an_association_below_thirty_thousand_yuan_are_refused() -> None:
    form = compiled("social_organisation_registration", "apply")
    answers = fill(form, "social_organisation_registration", {"reg_kind": "found", "members_person": 50})
    _, problems = form.check({**answers, "funds": 2999999}, lookup={}.get, today=TODAY)
    assert [message(problem, "zh-CN") for problem in problems] == ["活动资金不得小于 ¥30,000.00"]


@pytest.mark.parametrize(
    ("definition", "step", "key", "least"),
    [
        ("food_business_licence", "print_certificate", "print_copies", 1),
        ("real_estate_transfer", "print_certificate", "print_copies", 1),
        ("food_business_licence", "apply", "area_m2", 0.01),
        ("real_estate_transfer", "apply", "area_m2", 0.01),
        ("street_occupation_penalty", "investigate", "area_m2", 0.01),
        ("road_excavation_levy", "site_survey", "measured_m2", 0.01),
        ("road_excavation_levy", "apply", "dig_length", 1),
        ("road_excavation_levy", "apply", "dig_width", 1),
        ("hazardous_chemicals_licence", "apply", "staff_count", 1),
        ("hazardous_chemicals_licence", "expert_review", "review_days", 1),
    ],
)
def test_nothing_is_measured_or_printed_in_the_number_of_zero(
    definition: str, step: str, key: str, least: float
) -> None:
    schema = json.loads((ROOT / "forms" / definition / f"{step}.json").read_text(encoding="utf-8"))
    _, problems = compile_form(schema).check({key: 0}, lookup=lambda name: None, today=TODAY)
    (found,) = [one for one in problems if one.pointer == f"/answers/{key}"]
    assert (found.code, found.params["min"]) == ("min", least)
    _, problems = compile_form(schema).check({key: least}, lookup=lambda name: None, today=TODAY)
    assert not [one for one in problems if one.pointer == f"/answers/{key}"]


def test_a_day_on_which_something_was_done_lies_in_no_future() -> None:
    """Limits count from some of them (行政许可法 Art. 44, 优化营商环境条例 Art. 54): a later day would put them off."""
    plans = {"received_on", "hearing_on", "preserved_until", "start_on", "finish_on", "landed_on"}
    open_ended = []
    for definition, step, row in _catalogue_rows():
        key = row["key"]
        if row["type"] == "date" and key.endswith("_on") and key not in plans and row.get("not_after") != "today":
            open_ended.append((definition, step, key))
    assert open_ended == []
