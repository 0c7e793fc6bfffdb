"""Forms on the server: which schemas may be deployed, and which answers may stand."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.form_schemas import (
    CompiledForm,
    FormSchemaError,
    compile_form,
    compile_form_document,
    localised,
    message,
    with_generated_hides,
)
from service.form_schemas.clerical import clerical_fields
from service.form_schemas.from_catalogue import form_from_fields

TODAY = date(2026, 11, 23)
YES_NO = [{"value": "yes", "zh": "是", "en": "Yes"}, {"value": "no", "zh": "否", "en": "No"}]


def schema_of(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "schemaVersion": 19, "components": list(components)}


def component(kind: str, key: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"Field_{key}", "key": key, "label": f"项目{key}", **more}


def field(key: str, kind: str = "text", required: bool = False, **more: Any) -> dict[str, Any]:
    return {"key": key, "label_zh": f"项目{key}", "label_en": f"Item {key}", "type": kind, "required": required, **more}


def form(*fields: dict[str, Any]) -> CompiledForm:
    return compile_form(form_from_fields("test", "step", fields))


def check(compiled: CompiledForm, answers: Any, **known: Any) -> tuple[dict[str, object], list[tuple[str, str]]]:
    cleaned, problems = compiled.check(answers, lookup=known.get, today=TODAY)
    return cleaned, [(problem.pointer, problem.code) for problem in problems]


def codes(compiled: CompiledForm, value: Any, key: str = "a") -> list[str]:
    return [code for _, code in check(compiled, {key: value})[1]]


# What a schema may hold ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused",
    [
        {"type": "html", "id": "x", "content": "<script>alert(1)</script>"},
        {"type": "iframe", "id": "x", "url": "https://example.org"},
        {"type": "image", "id": "x", "source": "https://example.org/pixel.png"},
        {"type": "image", "id": "x", "source": "//example.org/pixel.png"},
        {"type": "image", "id": "x", "source": "data:image/svg+xml;base64,AAAA"},
        {"type": "text", "id": "x", "text": "![](https://example.org/pixel.png)"},
        {"type": "text", "id": "x", "text": "<b>bold</b>"},
        {"type": "expression", "id": "x", "key": "x", "expression": "=1"},
        {"type": "filepicker", "id": "x", "key": "x"},
        {"type": "documentPreview", "id": "x"},
        {"type": "table", "id": "x", "dataSource": "=rows"},
        {"type": "rocket", "id": "x", "key": "x"},
        {"id": "x"},
        component("textfield", "1a"),
        component("textfield", "a.b"),
        component("textfield", "a", label="=price * 2"),
        component("textfield", "a", description="{{secret}}"),
        component("textfield", "a", readonly="=true"),
        component("textfield", "a", conditional={"hide": "=true"}),
        component("textfield", "a", properties={"condition": "b == 1"}),
        component("textfield", "a", properties={"condition": "b == 1"}, conditional={"hide": "=b = 1"}),
        component("textfield", "a", properties={"condition": "b.c"}),
        component("textfield", "a", properties={"rule": "print(1)"}),
        component("textfield", "a", properties={"format": "passport"}),
        component("number", "a", properties={"format": "mobile"}),
        component("textfield", "a", validate={"pattern": "(?=lookahead)"}),
        component("textfield", "a", validate={"pattern": "("}),
        component("textfield", "a", validate={"pattern": "a" * 300}),
        component("textfield", "a", validate={"minLength": "many"}),
        component("textfield", "a", validate={"validationType": "iban"}),
        component("number", "a", decimalDigits=-1),
        component("number", "a", serializeToString=True),
        component("datetime", "a", subtype="datetime"),
        component("radio", "a"),
        component("radio", "a", values=[]),
        component("radio", "a", values=[{"label": "x", "value": [1]}]),
        component("radio", "a", values=[{"label": "x", "value": "x"}, {"label": "y", "value": "x"}]),
        component("select", "a", valuesExpression="=options"),
        {"type": "group", "id": "g", "isRepeating": True, "components": []},
        {"type": "group", "id": "g", "path": "a.b", "components": []},
        {
            "type": "group",
            "id": "g",
            "path": "g",
            "components": [component("textfield", properties={"rule": "a != 'x'"})],
        },
        component("datetime", "a", subtype="date", properties={"notBefore": "yesterday-"}),
        component("datetime", "a", subtype="date", properties={"notBefore": "2026-02-30"}),
        component("datetime", "a", subtype="date", properties={"notAfter": "decided_on+3wd"}),
        component("textfield", "a", properties={"notAfter": "today"}),
        component("number", "a", readonly=True, properties={"totalOf": "rows.price"}),
        {"type": "dynamiclist", "id": "d", "path": "d", "components": []},
        {
            "type": "dynamiclist",
            "id": "d",
            "path": "d",
            "components": [component("textfield", validate={"pattern": "("})],
        },
        {
            "type": "dynamiclist",
            "id": "d",
            "path": "d",
            "components": [{"type": "dynamiclist", "id": "e", "path": "e", "components": [component("textfield")]}],
        },
    ],
)
def test_a_form_that_a_county_must_not_show_is_refused(refused: dict[str, Any]) -> None:
    with pytest.raises(FormSchemaError) as error:
        compile_form(schema_of(refused))
    assert error.value.component in {str(refused.get(name)) for name in ("key", "path", "id")} | {"a", "e", "g.a"}


def test_two_fields_with_one_key_are_refused_even_across_groups() -> None:
    group = {"type": "group", "id": "g", "components": [component("textfield", "a") | {"id": "other"}]}
    with pytest.raises(FormSchemaError, match="used twice"):
        compile_form(schema_of(component("textfield", "a"), group))


@pytest.mark.parametrize(
    "schema", [[], {"type": "default"}, {"type": "default", "schemaVersion": 99, "components": []}]
)
def test_what_is_no_form_is_refused(schema: Any) -> None:
    with pytest.raises(FormSchemaError):
        compile_form(schema)


FULL = form_from_fields(
    "test",
    "step",
    [
        *(field(f"f_{kind}", kind) for kind in ("text", "number", "money_fen", "date", "id_number", "credit_code")),
        field("f_radio", "radio", options=YES_NO, condition="f_text == 'x'", rule="f_number > 1"),
        field("t", "table", columns=["品名"], column_keys=["product"], min_rows=2),
    ],
)
SCRAPS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["=x", "{{x}}", "group", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["type", "key"]), inner),
    max_leaves=5,
)


def _places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = list(part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ())
    below = [place for key, value in inner for place in _places(value, (*path, key))]
    return [(*path, key) for key, _ in inner] + below


@given(st.sampled_from(_places(FULL)), SCRAPS)
@settings(max_examples=300)
def test_a_form_with_any_part_replaced_compiles_or_is_refused(place: tuple[Any, ...], scrap: Any) -> None:
    damaged: Any = copy.deepcopy(FULL)
    part = damaged
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = scrap
    for prepare in (compile_form, with_generated_hides):
        try:
            prepare(damaged)
        except FormSchemaError as error:
            assert error.reason


def test_a_form_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = component("textfield")
    for depth in range(5000):
        deep = {"type": "group", "id": f"g{depth}", "components": [deep]}
    for prepare in (compile_form, with_generated_hides):
        with pytest.raises(FormSchemaError, match="nested too deeply"):
            prepare(schema_of(deep))


def test_a_form_document_is_compiled_once() -> None:
    document = json.dumps(schema_of(component("textfield")))
    assert compile_form_document(document) is compile_form_document(document)
    with pytest.raises(FormSchemaError):
        compile_form_document("{")


def test_still_components_and_groups_carry_no_answers() -> None:
    group = {"type": "group", "id": "g", "label": "组", "components": [component("textfield", "b")]}
    text = {"type": "text", "id": "t", "text": "## 说明"}
    compiled = compile_form(schema_of(component("textfield"), group, text, {"type": "separator", "id": "s"}))
    assert compiled.keys == ("a", "b")


def test_hides_are_generated_from_conditions_and_replace_what_stood_there() -> None:
    drawn = schema_of(component("textfield", properties={"condition": "b == 'x'"}, conditional={"hide": "=evil()"}))
    generated = with_generated_hides(drawn)
    assert generated["components"][0]["conditional"] == {"hide": '=b != "x"'}
    assert drawn["components"][0]["conditional"] == {"hide": "=evil()"}
    compile_form(generated)


def test_names_and_looked_up_keys_are_known() -> None:
    compiled = form(
        field("a", condition="kind == 'x'"),
        field("b", "number", rule="b > a_limit"),
        field("c", readonly=True),
        field("d", "select", options_from="departments"),
    )
    assert compiled.names == {"kind", "b", "a_limit"}
    assert compiled.looked_up == {"c", "departments"}
    assert compiled.labels("en") == {"a": "Item a", "b": "Item b", "c": "Item c", "d": "Item d"}
    assert compiled.labels("zh-CN")["a"] == "项目a"


# Types and bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (field("a"), ["x", "  x  ", "汉" * 200], [(5, "wrong_type"), (True, "wrong_type"), ("汉" * 201, "max_length")]),
        (field("a", "textarea", min_length=3), ["三个字"], [("两字", "min_length"), ("   两字  ", "min_length")]),
        (field("a", length=4), ["1234"], [("123", "length"), ("12345", "length")]),
        (
            field("a", "number", min=1, max=9),
            [1, 9, 5.0],
            [(0, "min"), (10, "max"), (2.5, "decimals"), ("5", "wrong_type"), (True, "wrong_type"), ([], "wrong_type")],
        ),
        (field("a_m2", "number"), [0, 12.25, 0.1], [(0.125, "decimals"), (-1, "min")]),
        (
            field("a", "money_fen", min=3000000),
            [3000000, 10**12],
            [(2999999, "min"), (-1, "money"), (1.5, "money"), ("100", "money"), (True, "money")],
        ),
        (
            field("a", "date"),
            ["2026-11-23", "2024-02-29"],
            [
                ("2026-02-29", "date"),
                ("20261123", "date"),
                ("2026-1-1", "date"),
                ("1066-10-14", "date"),
                (20261123, "wrong_type"),
            ],
        ),
        (
            field("a", "radio", options=YES_NO),
            ["yes"],
            [("maybe", "not_an_option"), (["yes"], "wrong_type"), (1, "not_an_option")],
        ),
        (
            field("a", "checklist", options=YES_NO),
            [["yes"], ["no", "yes"]],
            [
                ("yes", "wrong_type"),
                (["yes", "maybe"], "not_an_option"),
                ([["yes"]], "not_an_option"),
                ({}, "wrong_type"),
            ],
        ),
        (
            field("a", "id_number"),
            ["32990119921103004X", "32990119921103004x"],
            [
                ("329901199211030041", "id_number"),
                ("329901199213010041", "id_number"),
                ("3299011992110300", "id_number"),
                ("000000198506072017", "id_number"),
                ("329901189912310010", "id_number"),
            ],
        ),
        (
            field("a", "credit_code"),
            ["91329901MA1K2T3X6K", "5132990150990001X3", "113299010143010667"],
            [("91329901MA1K2T3X6L", "credit_code"), ("91329901MA1K2T3O6K", "credit_code"), ("9132", "credit_code")],
        ),
        (
            field("a", "credit_code", code_prefix="51"),
            ["5132990150990001X3"],
            [("91329901MA1K2T3X6K", "credit_code_prefix")],
        ),
        (
            field("a", "mobile"),
            ["13812345678"],
            [("12812345678", "mobile"), ("1381234567", "mobile"), ("+8613812345678", "mobile")],
        ),
    ],
)
def test_a_kind_of_field_takes_what_fits_and_names_what_does_not(
    question: dict[str, Any], good: list[Any], bad: list[tuple[Any, str]]
) -> None:
    compiled = form(question)
    for value in good:
        assert codes(compiled, value, question["key"]) == [], value
    for value, code in bad:
        assert codes(compiled, value, question["key"]) == [code], value


def test_boolean_options_are_not_the_numbers_one_and_nought() -> None:
    options = [{"value": True, "zh": "是", "en": "Yes"}, {"value": False, "zh": "否", "en": "No"}]
    compiled = form(field("a", "radio", required=True, options=options))
    assert codes(compiled, False) == []
    assert codes(compiled, 1) == ["not_an_option"]


def test_the_second_code_check_digit_of_the_organisation_is_checked_too() -> None:
    from stdnum.cn import uscc

    wrong_inside = "91329901MA1K2T3X7"
    assert codes(form(field("a", "credit_code")), wrong_inside + uscc.calc_check_digit(wrong_inside)) == ["credit_code"]


def test_an_identity_number_of_somebody_not_yet_born_is_refused() -> None:
    from stdnum.cn import ric

    unborn = "32990120261124001"
    assert codes(form(field("a", "id_number")), unborn + ric.calc_check_digit(unborn + "0")) == ["id_number"]


def test_clean_answers_are_trimmed_and_normal() -> None:
    compiled = form(
        field("a"), field("b", "id_number"), field("c", "number"), field("d", "checklist", options=YES_NO), field("e")
    )
    answers = {"a": "  甲 ", "b": "32990119921103004x", "c": 5.0, "d": ["yes", "yes"], "e": " "}
    cleaned, problems = check(compiled, answers)
    assert problems == []
    assert cleaned == {"a": "甲", "b": "32990119921103004X", "c": 5, "d": ["yes"], "e": None}
    assert type(cleaned["c"]) is int


def test_a_pattern_of_the_designer_runs_in_linear_time() -> None:
    compiled = compile_form(schema_of(component("textfield", validate={"pattern": "^(a+)+$"})))
    assert codes(compiled, "a" * 5000) == []
    assert codes(compiled, "a" * 5000 + "b") == ["pattern"]


def test_mail_and_phone_validation_of_the_form_editor_is_kept() -> None:
    mail = compile_form(schema_of(component("textfield", validate={"validationType": "email"})))
    phone = compile_form(schema_of(component("textfield", validate={"validationType": "phone"})))
    assert (codes(mail, "a@b.cn"), codes(mail, "a@b")) == ([], ["email"])
    assert (codes(phone, "+8613812345678"), codes(phone, "13812345678")) == ([], ["phone"])


def test_a_date_field_may_refuse_days_gone_by() -> None:
    compiled = compile_form(schema_of(component("datetime", subtype="date", disallowPassedDates=True)))
    assert codes(compiled, "2026-11-23") == []
    assert codes(compiled, "2026-11-22") == ["date_passed"]


def test_options_named_by_a_key_come_from_what_the_case_knows() -> None:
    compiled = form(field("a", "select", options_from="departments"))
    departments = [{"label": "县应急管理局", "value": "YJ"}, {"label": "县民政局", "value": "MZ"}]
    assert check(compiled, {"a": "MZ"}, departments=departments)[1] == []
    assert check(compiled, {"a": "XX"}, departments=departments)[1] == [("/answers/a", "not_an_option")]
    assert check(compiled, {"a": "MZ"})[1] == [("/answers/a", "not_an_option")]


# Required, conditions, rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unset", [None, "", "   "])
def test_a_required_field_left_unset_is_named(unset: str | None) -> None:
    assert check(form(field("a", required=True)), {"a": unset})[1] == [("/answers/a", "required")]


def test_a_required_checkbox_must_be_ticked() -> None:
    compiled = compile_form(schema_of(component("checkbox", validate={"required": True})))
    assert codes(compiled, False) == ["required"]
    assert codes(compiled, True) == []
    assert codes(compiled, "yes") == ["wrong_type"]


def test_a_required_checklist_needs_one_tick() -> None:
    compiled = form(field("a", "checklist", required=True, options=YES_NO))
    assert codes(compiled, []) == ["required"]
    assert codes(compiled, ["no"]) == []


def test_a_hidden_field_may_stay_empty_but_not_be_answered() -> None:
    compiled = form(field("kind"), field("reason", required=True, condition="kind == 'refuse'"))
    assert check(compiled, {"kind": "grant"}) == ({"kind": "grant"}, [])
    assert check(compiled, {"kind": "grant", "reason": ""}) == ({"kind": "grant"}, [])
    assert check(compiled, {"kind": "grant", "reason": "因为"})[1] == [("/answers/reason", "not_applicable")]
    assert check(compiled, {"kind": "grant", "reason": 5})[1] == [("/answers/reason", "not_applicable")]
    assert check(compiled, {"kind": "refuse"})[1] == [("/answers/reason", "required")]


def test_a_field_that_depends_on_a_hidden_field_is_hidden_too() -> None:
    compiled = form(field("a"), field("b", condition="a == '1'"), field("c", required=True, condition="b == '1'"))
    assert check(compiled, {"a": "0"})[1] == []
    assert check(compiled, {"a": "0", "b": "1"})[1] == [("/answers/b", "not_applicable")]


def test_conditions_read_this_form_first_and_then_the_case() -> None:
    compiled = form(field("kind"), field("a", required=True, condition="kind == 'x' and earlier == 'y'"))
    assert check(compiled, {"kind": "x"}, earlier="y", kind="z")[1] == [("/answers/a", "required")]
    assert check(compiled, {}, earlier="y", kind="x")[1] == []


def test_a_rule_is_checked_once_its_field_is_answered() -> None:
    compiled = form(field("officer_a"), field("officer_b", rule="officer_b != officer_a"))
    assert check(compiled, {"officer_a": "甲", "officer_b": "甲"})[1] == [("/answers/officer_b", "rule")]
    assert check(compiled, {"officer_a": "甲", "officer_b": "乙"})[1] == []
    assert check(compiled, {"officer_a": "甲"})[1] == []


def test_problems_come_in_the_order_of_the_form() -> None:
    compiled = form(field("a", rule="a == 'x'"), field("b", required=True), field("c", "number"))
    assert [pointer for pointer, _ in check(compiled, {"c": "x", "a": "y"})[1]] == [
        "/answers/a",
        "/answers/b",
        "/answers/c",
    ]


def test_a_read_only_field_comes_from_the_case_whatever_is_sent() -> None:
    compiled = form(field("cert_no", required=True, readonly=True))
    assert check(compiled, {"cert_no": "forged"}, cert_no="LJ-001") == ({"cert_no": "LJ-001"}, [])
    assert check(compiled, {"cert_no": "forged"}) == ({"cert_no": None}, [])


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    assert check(form(field("a")), {"a": "x", "b/~c": 1})[1] == [("/answers/b~1~0c", "unknown_field")]


# Tables -------------------------------------------------------------------------------------------------------------

TABLE = field("t", "table", required=True, columns=["品名", "年产量(吨)"], column_keys=["product", "annual_tonnes"])


def test_rows_are_cleaned_and_empty_rows_dropped() -> None:
    rows = [{"product": " 氯 ", "annual_tonnes": 5000}, {"product": "", "annual_tonnes": None}]
    assert check(form(TABLE), {"t": rows}) == ({"t": [{"product": "氯", "annual_tonnes": "5000"}]}, [])


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (None, [("/answers/t", "required")]),
        ([], [("/answers/t", "required")]),
        ([{"product": ""}], [("/answers/t", "required")]),
        ([{"annual_tonnes": "5"}], [("/answers/t/0/product", "required")]),
        ([{"product": "氯", "colour": "x"}], [("/answers/t/0/colour", "unknown_field")]),
        ([{"product": ["氯"]}], [("/answers/t/0/product", "wrong_type")]),
        (["氯"], [("/answers/t", "wrong_type")]),
        ("氯", [("/answers/t", "wrong_type")]),
    ],
)
def test_what_is_wrong_in_a_table_is_named_by_row_and_cell(rows: Any, problems: list[tuple[str, str]]) -> None:
    assert check(form(TABLE), {"t": rows})[1] == problems


def test_a_table_may_ask_for_several_rows() -> None:
    compiled = form({**TABLE, "min_rows": 2})
    assert codes(compiled, [{"product": "氯"}], "t") == ["required"]
    assert codes(compiled, [{"product": "氯"}, {"product": "氨"}], "t") == []


# Size and hostile input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        ({"a": "x" * 10_001}, "/answers/a"),
        ({"t": [{"product": "x"}] * 201}, "/answers/t"),
        ({"a": 10**16}, "/answers/a"),
        ({f"k{n}": "汉" * 9000 for n in range(20)}, "/answers"),
        ({f"k{n}": 1 for n in range(501)}, "/answers"),
    ],
)
def test_answers_beyond_the_bounds_are_too_large_in_drafts_as_well(answers: dict[str, Any], pointer: str) -> None:
    compiled = form(field("a"), TABLE)
    assert check(compiled, answers) == ({}, [(pointer, "too_large")])
    assert [(found.pointer, found.code) for found in compiled.check_draft(answers)] == [(pointer, "too_large")]


@pytest.mark.parametrize(
    "answers", ["text", [], None, {1: "x"}, {"a": {1, 2}}, {"a": float("nan")}, {"a": [[[[["x"]]]]]}, {"a\x00": "x"}]
)
def test_a_draft_must_be_plain_json(answers: Any) -> None:
    assert [found.code for found in form(field("a")).check_draft(answers)] == ["wrong_type"]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x0bb"])
def test_characters_that_cannot_be_stored_are_refused(text: str) -> None:
    assert codes(form(field("a")), text) == ["characters"]


def test_a_draft_may_be_incomplete_and_wrong() -> None:
    compiled = form(field("a", required=True), field("b", "number"))
    assert compiled.check_draft({"b": "not yet a number", "gone": 1}) == []


EVERYTHING = form(
    *(
        field(f"f_{kind}", kind)
        for kind in ("text", "textarea", "number", "money_fen", "date", "id_number", "credit_code", "mobile")
    ),
    *(field(f"f_{kind}", kind, options=YES_NO) for kind in ("radio", "select", "checklist")),
    field("hidden", condition="f_text == 'x' or f_number > 3", rule="hidden != f_text"),
    TABLE,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["product", "annual_tonnes"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(EVERYTHING.keys) | st.text(), JSON, max_size=8) | JSON)
def test_no_answer_raises_and_every_problem_has_words(answers: Any) -> None:
    cleaned, problems = EVERYTHING.check(answers, lookup={}.get, today=TODAY)
    json.dumps(cleaned)
    for found in problems:
        assert found.label.zh in message(found, "zh-CN")
        assert found.label.en in message(found, "en")


# Words --------------------------------------------------------------------------------------------------------------


def words(compiled: CompiledForm, answers: dict[str, Any], locale: str) -> list[str]:
    return [message(found, locale) for found in compiled.check(answers, lookup={}.get, today=TODAY)[1]]


def test_messages_name_the_field_and_what_was_found() -> None:
    compiled = form(
        field("a", required=True),
        field("b", "textarea", min_length=30),
        field("c", "money_fen", min=3000000),
        field("d", "radio", required=True, options=YES_NO),
        TABLE,
    )
    answers = {"b": "太短", "c": 100, "t": [{"annual_tonnes": "5"}]}
    assert words(compiled, answers, "zh-CN") == [
        "请填写项目a",
        "项目b至少 30 个字，现有 2 个字",
        "项目c不得小于 ¥30,000.00",
        "请选择项目d",
        "请填写项目t第 1 行“品名”",
    ]
    assert words(compiled, answers, "en") == [
        "Item a is required",
        "Item b needs at least 30 characters, but has 2",
        "Item c must not be less than ¥30,000.00",
        "Please choose: Item d",
        "Item t, row 1, Product is required",
    ]


def test_a_rule_speaks_its_own_words() -> None:
    compiled = form(field("officer_a"), field("officer_b", rule="officer_b != officer_a"), field("c", rule="c == 'x'"))
    answers = {"officer_a": "甲", "officer_b": "甲", "c": "y"}
    assert words(compiled, answers, "zh-CN") == ["项目officer_b：两名人员不能是同一人", "项目c不符合填写规则"]


def test_a_form_in_english_has_english_labels_and_options() -> None:
    schema = form_from_fields("test", "step", [field("a", "radio", options=YES_NO), field("b", "mobile"), TABLE])
    english = localised(schema, "en")
    assert [part["label"] for part in english["components"]] == ["Item a", "Item b", "Item t"]
    assert [option["label"] for option in english["components"][0]["values"]] == ["Yes", "No"]
    assert english["components"][1]["validate"]["patternErrorMessage"] == "a mobile number of 11 digits"
    assert english["components"][2]["components"][0]["label"] == "Product"
    assert localised(schema, "zh-CN") == schema


def test_answers_are_displayed_as_people_read_them() -> None:
    compiled = form(
        field("a", "radio", options=YES_NO), field("b", "money_fen"), field("c", "checklist", options=YES_NO), TABLE
    )
    assert compiled.display("a", "yes", "zh-CN") == "是"
    assert compiled.display("b", 123450, "zh-CN") == "¥1,234.50"
    assert compiled.display("c", ["yes", "no"], "zh-CN") == "是、否"
    assert compiled.display("c", ["yes", "no"], "en") == "Yes, No"
    assert compiled.display("t", [{}, {}], "zh-CN") == "2 行"
    assert compiled.display("a", None, "zh-CN") == "—"


# Groups with a path, totals, limits of dates -------------------------------------------------------------------------


def _nested() -> CompiledForm:
    inner = {"type": "group", "id": "home", "path": "home", "components": [component("textfield", "street")]}
    outer = {"type": "group", "id": "rep", "path": "rep", "components": [component("textfield", "name"), inner]}
    return compile_form(schema_of(component("textfield", "a"), outer))


def test_answers_of_a_group_with_a_path_are_kept_by_their_dotted_path_and_given_back_nested() -> None:
    compiled, answers = _nested(), {"a": "甲", "rep": {"name": "张伟", "home": {"street": "滨江路"}}}
    cleaned, problems = check(compiled, answers)
    assert (cleaned, problems) == ({"a": "甲", "rep.name": "张伟", "rep.home.street": "滨江路"}, [])
    assert compiled.nested(cleaned) == answers
    assert check(compiled, cleaned) == (cleaned, [])


def test_a_stranger_inside_a_group_is_pointed_at_where_it_stands() -> None:
    assert check(_nested(), {"rep": {"nick": "x"}})[1] == [("/answers/rep/nick", "unknown_field")]
    assert check(_nested(), {"rep": 5})[1] == [("/answers/rep", "unknown_field")]


def test_a_total_is_the_services_own_sum_whatever_is_sent() -> None:
    rows = {
        "type": "dynamiclist",
        "id": "rows",
        "path": "rows",
        "components": [component("number", "price", decimalDigits=2)],
    }
    total = component("number", "total", readonly=True, decimalDigits=2, properties={"totalOf": "rows.price"})
    compiled = compile_form(schema_of(rows, total))
    cleaned, problems = check(compiled, {"rows": [{"price": 0.1}, {"price": 0.2}], "total": 99})
    assert (cleaned["total"], problems) == (0.3, [])
    assert check(compiled, {"total": 99}) == ({"rows": None, "total": None}, [])
    assert compiled.looked_up == frozenset()


def test_working_days_of_a_limit_follow_the_countys_calendar() -> None:
    class Holiday:
        def is_workday(self, day: date) -> bool:
            return day.weekday() < 5 and day != date(2026, 11, 24)

    compiled = compile_form(schema_of(component("datetime", subtype="date", properties={"notAfter": "today+1wd"})))
    for day, found in (("2026-11-25", []), ("2026-11-26", ["not_after"])):
        problems = compiled.check({"a": day}, lookup=lambda name: None, today=TODAY, calendar=Holiday())[1]
        assert [one.code for one in problems] == found
    assert compiled.days_from(TODAY, Holiday()) == {"today": "2026-11-23", "today+1wd": "2026-11-25"}


def test_a_rule_travels_to_the_browser_in_feel() -> None:
    schema = form_from_fields("test", "step", [field("a"), field("b", rule="b != a")])
    properties = localised(schema, "en")["components"][1]["properties"]
    assert (properties["ruleFeel"], properties["ruleNames"]) == ("=b != a", "a b")


def test_only_plain_texts_that_no_rule_reads_may_be_corrected_as_slips() -> None:
    text = {"type": "textfield", "id": "a", "key": "address", "label": "地址", "properties": {"clerical": "true"}}
    phone = {"type": "textfield", "id": "b", "key": "phone", "label": "电话", "properties": {"format": "mobile"}}
    name = {"type": "textfield", "id": "c", "key": "name", "label": "名称"}
    form = compile_form({"type": "default", "schemaVersion": 19, "components": [text, phone, name]})
    assert [field.key for field in clerical_fields(form, frozenset())] == ["address", "phone"]
    assert [field.key for field in clerical_fields(form, {"address"})] == ["phone"]
    for wrong in ({"type": "number", "id": "d", "key": "sum"}, {**phone, "properties": {"format": "id_number"}}):
        marked = {**wrong, "properties": {**wrong.get("properties", {}), "clerical": "true"}}
        with pytest.raises(FormSchemaError):
            compile_form({"type": "default", "schemaVersion": 19, "components": [marked]})
