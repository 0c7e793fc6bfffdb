"""Blank papers (空白表格) that applicants fill in by hand, drawn from a form's own questions: both ask the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from service.certificates.document import printable
from service.certificates.rendering import compiled
from service.certificates.wording import words_for
from service.form_schemas.form import CompiledForm, Field
from service.form_schemas.problems import Words

# What a person can write by hand; longer lists of options are written out in words.
_MOST_CHOICES: Final = 12
_TIMELESS: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BlankLine:
    """A question: `choices` are boxes to tick, `columns` heads of a table, `tall` leaves room for a paragraph."""

    label: str
    choices: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    tall: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A paper to fill in. `kind` is `application` or `authorisation`; texts are in `locale` and read as plain text."""

    title: str
    organ: str
    item: str
    version: int
    lines: tuple[BlankLine, ...]
    locale: str
    kind: str = "application"


def lines_of(form: CompiledForm, locale: str) -> tuple[BlankLine, ...]:
    """The questions that a person answers; what the service fills in by itself is left out."""
    words = words_for(locale)["blank_form"]
    return tuple(_line(field, words, locale) for field in form.fields if not field.readonly and field.total is None)


def authorisation_lines(locale: str) -> tuple[BlankLine, ...]:
    """The letter of authorisation (授权委托书, 民法典 Art. 165): agent, matter, powers and term."""
    words = words_for(locale)["blank_form"]
    asked = tuple(BlankLine(label) for label in words["authorisation_rows"])
    powers = BlankLine(words["authorisation_powers"], choices=tuple(words["authorisation_choices"]))
    return (*asked, powers, BlankLine(words["authorisation_until"]))


def _line(field: Field, words: Mapping[str, Any], locale: str) -> BlankLine:
    hint = words["where_it_applies"] if field.conditions else "" if field.missing else words["optional"]
    choices = tuple(_said(label, locale) for _, label in field.options)
    if field.kind == "checkbox":
        choices = (words["yes"],)
    return BlankLine(
        _said(field.label, locale),
        choices if len(choices) <= _MOST_CHOICES else (),
        tuple(_said(cell.label, locale) for cell in field.cells),
        field.kind == "textarea",
        hint,
    )


def _said(words: Words, locale: str) -> str:
    return printable(words.in_locale(locale))


@lru_cache(maxsize=512)
def render_blank_form(form: BlankForm) -> bytes:
    """The paper as PDF; the same form gives the same bytes. Raises Refused if no font has a character of it."""
    words = words_for(form.locale)["blank_form"]
    prefix = "authorisation_" if form.kind == "authorisation" else ""
    content = {
        "title": printable(form.title),
        "organ": printable(form.organ),
        "item": printable(form.item),
        "number": "",
        "lines": [
            {"label": one.label, "choices": one.choices, "columns": one.columns, "tall": one.tall, "hint": one.hint}
            for one in form.lines
        ],
        "to": words["to"],
        "colon": words_for(form.locale)["colon"],
        "date": words["date"],
        "foot": words["foot"].format(version=form.version),
        **{name: words[prefix + name] for name in ("declaration", "signature", "agent")},
    }
    inputs = {"document": json.dumps(content | {"labels": {}}, ensure_ascii=False), "locale": form.locale}
    return compiled("blank_form.typ", inputs, _TIMELESS).pdf
