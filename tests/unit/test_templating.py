"""The county's own words of documents: a closed list of placeholders, and nothing in them is ever run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.certificates.sample import sample_document
from service.certificates.templating import (
    MOST_PARAGRAPHS,
    TemplateError,
    allowed_in,
    built_in,
    checked_sections,
    editable_kinds,
)
from tests.unit.test_documents import DATA, render_document, text


def changed(kind: str, **sections: object) -> dict[str, object]:
    return {**{name: list(texts) for name, texts in built_in(kind).items()}, **sections}


def test_every_kind_with_words_may_have_other_words_and_its_own_pass() -> None:
    kinds = editable_kinds()
    assert {"acceptance_notice", "refusal", "extension_notice", "delivery_receipt"} <= set(kinds)
    assert "blank_form" not in kinds and "labels" not in kinds
    for kind in kinds:
        assert checked_sections(kind, changed(kind)) == built_in(kind)


@pytest.mark.parametrize(
    "wrong",
    [
        "{secret}",
        "{item.__class__}",
        "{item!r}",
        "{item:>99999999}",
        "{0}",
        "{}",
        "{{item}}",
        "{item",
        "item}",
        "{ item }",
        "{{ 7*7 }}{% for x in y %}",
        "{due_on}\u202e",
    ],
)
def test_what_is_no_placeholder_of_the_list_is_refused(wrong: str) -> None:
    with pytest.raises(TemplateError) as refused:
        checked_sections("refusal", changed("refusal", closing=[built_in("refusal")["closing"][0], wrong]))
    assert refused.value.section == "closing"


@pytest.mark.parametrize("name", ["reason", "basis"])
def test_a_refusal_cannot_be_without_its_ground(name: str) -> None:
    opening = [built_in("refusal")["opening"][0].replace(f"{{{name}}}", "")]
    with pytest.raises(TemplateError, match=name):
        checked_sections("refusal", changed("refusal", opening=opening))
    with pytest.raises(TemplateError, match="court"):
        checked_sections(
            "refusal", changed("refusal", closing=["不服本决定的，可以申请行政复议。{reconsideration_organ}"])
        )


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"opening": ["x"]},
        {"opening": "text", "closing": ["x"]},
        {"opening": [], "closing": ["x"]},
        {"opening": [1], "closing": ["x"]},
        {"opening": ["x"], "closing": ["x"], "columns": ["x"]},
        ["opening"],
        None,
    ],
)
def test_what_has_another_shape_is_refused(given_: object) -> None:
    with pytest.raises(TemplateError):
        checked_sections("suspension_notice", given_)
    assert checked_sections("suspension_notice", changed("suspension_notice"))
    with pytest.raises(TemplateError):
        checked_sections("suspension_notice", changed("suspension_notice", closing=["字"] * (MOST_PARAGRAPHS + 1)))


def test_a_document_is_drawn_with_the_words_it_is_given_and_they_are_text_alone() -> None:
    words = changed("refusal", opening=["#eval[1+1] $x^2$ 经审查，{reason}依据{basis}，不予批准。"])
    sections = checked_sections("refusal", words)
    drawn = text(render_document("refusal", replace(DATA, sections=tuple(sections.items()))))
    assert "#eval[1+1]$x^2$经审查" in drawn and "不符合规定的三十米" in drawn and "本机关于2026" not in drawn
    english = text(render_document("refusal", replace(DATA, sections=tuple(sections.items())), locale="en"))
    assert "#eval" not in english, "the courtesy translation keeps its own words"


def test_a_fact_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    drawn = text(render_document("refusal", replace(DATA, holder="{court}公司", reason="{basis}")))
    assert "{court}公司" in drawn and "{basis}" in drawn


@pytest.mark.parametrize("kind", editable_kinds())
def test_a_sample_of_every_kind_is_drawn_and_says_that_it_is_none(kind: str) -> None:
    variants = ["", *(name.partition("_")[2] for name in built_in(kind) if name.startswith("opening_"))]
    for variant in variants:
        pdf = sample_document(kind, "样张", "（事项名称）", "临江县某局", built_in(kind), variant, date(2026, 11, 23))
        assert "样张·不具效力" in text(pdf)


@given(st.text(alphabet="{}item_reason.!:[]()%#$ 字", max_size=60))
def test_whatever_passes_holds_only_known_names(words: str) -> None:
    try:
        kept = checked_sections("cancel_proof", changed("cancel_proof", closing=[words]))
    except TemplateError:
        return
    for one in kept["closing"]:
        assert set(re.findall(r"\{([^{}]*)\}", one)) <= set(allowed_in("cancel_proof"))
        assert one.count("{") == one.count("}") == len(re.findall(r"\{[a-z_]+\}", one))
