"""A form compiled once per schema: which fields it has, and whether answers may stand.

Names in conditions and rules mean the answers of this form first, then what the case knows (`lookup`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from service.expressions import Expression
from service.form_schemas.clerical import is_clerical
from service.form_schemas.days import WEEKDAYS, DayBound, Workdays, day_bound
from service.form_schemas.hides import checked_condition, expression_of, property_of
from service.form_schemas.lookups import OfficialLookup, lookup_of
from service.form_schemas.problems import FieldProblem, Refusal, Words, escaped, problem
from service.form_schemas.readers import (
    Lookup,
    Reader,
    format_of,
    options_of,
    reader_of,
    validation,
    whole_property,
    yuan,
)
from service.form_schemas.schema import GROUPS, STILL_TYPES, Component, FormSchemaError, checked_components
from service.form_schemas.size import size_problems
from service.form_schemas.tables import Cell, table_cells, table_reader
from service.form_schemas.totals import Total, total_of
from service.form_schemas.words import label_of

MAX_UNKNOWN_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form. `missing` is the refusal when it is required and unset, None when it may stay unset."""

    key: str
    kind: str
    format: str | None
    label: Words
    read: Reader
    missing: Refusal | None
    readonly: bool
    conditions: tuple[Expression, ...]
    rule: Expression | None
    broken_rule: Refusal
    options: tuple[tuple[object, Words], ...]
    cells: tuple[Cell, ...]
    values_key: str | None
    not_before: DayBound | None
    not_after: DayBound | None
    total: Total | None
    clerical: bool
    official: OfficialLookup | None

    @property
    def pointer(self) -> str:
        return "/answers/" + self.key.replace(".", "/")

    def applies(self, resolve: Lookup) -> bool:
        return all(condition.holds(resolve) for condition in self.conditions)

    def problem(self, refusal: Refusal) -> FieldProblem:
        return problem(self.pointer, self.label, refusal)

    def unset(self, value: object) -> bool:
        return value is None or value == [] or (self.kind == "checkbox" and value is False)


class CompiledForm:
    """`keys`: the fields in order; `names`: what conditions and rules read beyond them and among them;
    `looked_up`: read-only keys and lists of options that `lookup` must answer; `days`: limits that count from today.

    A field in a group with a path is known by its dotted path; answers may hold it so, or nested as form-js does.
    """

    def __init__(self, fields: Iterable[Field]) -> None:
        self.fields: Final = tuple(fields)
        self.keys: Final = tuple(field.key for field in self.fields)
        self.names: Final = frozenset(name for field in self.fields for name in _names(field))
        readonly = {field.key for field in self.fields if field.readonly and field.total is None}
        self.looked_up: Final = frozenset(readonly | {field.values_key for field in self.fields if field.values_key})
        self._by_key: Final = {field.key: field for field in self.fields}
        self._dated: Final = tuple(field for field in self.fields if field.not_before or field.not_after)
        bounds = [bound for field in self._dated for bound in (field.not_before, field.not_after) if bound]
        self.days: Final = {bound.source: bound for bound in bounds if bound.name is None}
        self._totals: Final = tuple(field for field in self.fields if field.total is not None)
        self._groups: Final = frozenset(field.key.partition(".")[0] for field in self.fields if "." in field.key)
        # Fields that are looked up in an official register.
        self.looked_up_officially: Final = tuple(field for field in self.fields if field.official is not None)
        self._ruled: Final = tuple(field for field in self.fields if field.rule is not None and not field.readonly)

    def labels(self, locale: str) -> dict[str, str]:
        return {field.key: field.label.in_locale(locale) for field in self.fields}

    def check_draft(self, answers: object) -> list[FieldProblem]:
        """A draft may be incomplete and wrong, but neither oversize nor anything but JSON."""
        return size_problems(answers)

    def check(
        self, answers: Mapping[str, object], *, lookup: Lookup, today: date, calendar: Workdays = WEEKDAYS
    ) -> tuple[dict[str, object], list[FieldProblem]]:
        """The clean answers of all visible fields (None where unset) and what is wrong with them, in the form's order.

        Read-only fields come from `lookup`, totals from their lists. Clean answers are for keeping only when there is
        no problem.
        """
        oversize = size_problems(answers)
        if oversize:
            return {}, oversize
        if self._groups:
            answers = self.flattened(answers)
        values, refused = self._read(answers, lookup, today)
        by_key = self._by_key

        def resolve(name: str) -> object:
            return values[name] if name in by_key else lookup(name)

        cleaned, found = self._place(values, refused, resolve)
        for field in self._ruled:
            if cleaned.get(field.key) not in (None, []) and field.rule is not None and not field.rule.holds(resolve):
                found.append((field.key, field.problem(field.broken_rule)))
        found += self._out_of_days(cleaned, resolve, today, calendar)
        unknown = () if answers.keys() <= by_key.keys() else self._unknown(answers)
        return cleaned, [*self._in_order(found), *unknown]

    def flattened(self, answers: Mapping[str, object]) -> dict[str, object]:
        """Answers with the groups that have a path dissolved into dotted keys."""
        flat = {key: value for key, value in answers.items() if key not in self._groups}
        for group in sorted(self._groups & answers.keys()):
            flat |= _dotted(group, answers[group])
        return flat

    def nested(self, answers: Mapping[str, object]) -> dict[str, Any]:
        """Answers as form-js holds them: dotted keys become objects in objects."""
        found: dict[str, Any] = {}
        for key, value in self.flattened(answers).items():
            *path, last = key.split(".") if key in self._by_key else [key]
            place = found
            for part in path:
                inner = place.setdefault(part, {})
                place = inner if isinstance(inner, dict) else place
            place[last] = value
        return found

    def days_from(self, today: date, calendar: Workdays) -> dict[str, str]:
        """Today and the limits that count from it, as the browser is told them: {"today-3wd": "2026-11-18"}."""
        days = {source: bound.day(None, today, calendar) for source, bound in self.days.items()}
        return {"today": today.isoformat()} | {source: day.isoformat() for source, day in days.items() if day}

    def _out_of_days(
        self, cleaned: Mapping[str, object], resolve: Lookup, today: date, calendar: Workdays
    ) -> list[tuple[str, FieldProblem]]:
        """Dates outside their limits; a limit that counts from an unset date says nothing."""
        found = []
        for field in self._dated:
            value = cleaned.get(field.key)
            for code, bound in (("not_before", field.not_before), ("not_after", field.not_after)):
                if bound is None or not isinstance(value, str):
                    continue
                day = bound.day(resolve(bound.name) if bound.name else None, today, calendar)
                limit = day.isoformat() if day is not None else value
                if value < limit if code == "not_before" else value > limit:
                    found.append((field.key, field.problem(Refusal(code, {"limit": limit}))))
        return found

    def _read(
        self, answers: Mapping[str, object], lookup: Lookup, today: date
    ) -> tuple[dict[str, object], dict[str, tuple[Refusal, ...]]]:
        values: dict[str, object] = {}
        refused: dict[str, tuple[Refusal, ...]] = {}
        for field in self.fields:
            key = field.key
            value: object = lookup(key) if field.readonly else answers.get(key)
            if not field.readonly and value is not None:
                value = None if isinstance(value, str) and not value.strip() else field.read(value, today, lookup)
                if isinstance(value, tuple):
                    refused[key], value = value, None
            values[key] = value
        for field in self._totals:
            self._sum_up(field, values, refused, today, lookup)
        return values, refused

    def _sum_up(
        self,
        field: Field,
        values: dict[str, object],
        refused: dict[str, tuple[Refusal, ...]],
        today: date,
        lookup: Lookup,
    ) -> None:
        """The total of a list that could be read; its bounds are those of any number."""
        total = field.total.of(values.get(field.total.rows)) if field.total else None
        value = None if total is None else field.read(total, today, lookup)
        if isinstance(value, tuple):
            refused[field.key], value = value, None
        values[field.key] = value

    def _place(
        self, values: dict[str, object], refused: dict[str, tuple[Refusal, ...]], resolve: Lookup
    ) -> tuple[dict[str, object], list[tuple[str, FieldProblem]]]:
        """Hides what its condition hides, names what is missing, and keeps the rest."""
        cleaned: dict[str, object] = {}
        found: list[tuple[str, FieldProblem]] = []
        for field in self.fields:
            key = field.key
            if field.conditions and not field.applies(resolve):
                if not field.readonly and (key in refused or not field.unset(values[key])):
                    found.append((key, field.problem(Refusal("not_applicable"))))
                values[key] = None
                continue
            if key in refused:
                found += ((key, field.problem(refusal)) for refusal in refused[key])
            elif field.missing is not None and field.unset(values[key]):
                found.append((key, field.problem(field.missing)))
            cleaned[key] = values[key]
        return cleaned, found

    def _unknown(self, answers: Mapping[str, object]) -> list[FieldProblem]:
        strangers = [key for key in answers if key not in self._by_key][:MAX_UNKNOWN_NAMED]
        return [
            problem(f"/answers/{self._escaped(key)}", Words(key[:100], key[:100]), Refusal("unknown_field"))
            for key in strangers
        ]

    def _escaped(self, key: str) -> str:
        return "/".join(map(escaped, key.split("."))) if key.partition(".")[0] in self._groups else escaped(key)

    def _in_order(self, found: list[tuple[str, FieldProblem]]) -> list[FieldProblem]:
        position = {key: index for index, key in enumerate(self.keys)} if len(found) > 1 else {}
        return [problem for _, problem in sorted(found, key=lambda row: position.get(row[0], 0))]

    def display(self, key: str, value: object, locale: str) -> str:
        """An answer as people read it: option labels, yuan, "—" for nothing. Tables give their number of rows."""
        field = self._by_key.get(key)
        if value is None or value == "" or value == []:
            return "—"
        if field is None:
            return str(value)
        if field.format == "money_fen" and type(value) is int:
            return yuan(value)
        if field.cells and isinstance(value, list):
            return Words(f"{len(value)} 行", f"{len(value)} rows").in_locale(locale)
        if field.kind == "checkbox":
            return (Words("是", "Yes") if value else Words("否", "No")).in_locale(locale)
        chosen = value if isinstance(value, list) else [value]
        shown = (_option_words(field, item).in_locale(locale) for item in chosen)
        return Words("、", ", ").in_locale(locale).join(shown)


def _option_words(field: Field, value: object) -> Words:
    for option, words in field.options:
        if option == value and type(option) is type(value):
            return words
    return Words(str(value), str(value))


def compile_form(schema: Mapping[str, Any]) -> CompiledForm:
    """Raises FormSchemaError, which names the component, for everything that a county's form must not hold."""
    components = [one for one in checked_components(schema) if one["type"] not in STILL_TYPES]
    form = CompiledForm(_field(component, components) for component in components)
    _check_reach(form)
    _check_fills(form)
    return form


def _check_fills(form: CompiledForm) -> None:
    """What a register fills are texts of the form, which a person could have typed."""
    texts = {field.key for field in form.fields if field.kind in ("textfield", "textarea") and not field.readonly}
    for field in form.fields:
        if field.official is not None and not {target for target, _ in field.official.fills} <= texts - {field.key}:
            raise FormSchemaError(field.key, "lookupFills names what is no text of this form")


def _check_reach(form: CompiledForm) -> None:
    """In the browser a name inside a group with a path means the group's own field first, on the server never."""
    for field in form.fields:
        group = field.key.rpartition(".")[0]
        own = {key.rpartition(".")[2] for key in form.keys if group and key.startswith(f"{group}.")}
        if own & _names(field):
            raise FormSchemaError(field.key, "conditions and rules cannot read a field of a group with a path")


@lru_cache(maxsize=512)
def compile_form_document(document: str) -> CompiledForm:
    """The form in a JSON text, compiled once per text."""
    try:
        schema = json.loads(document)
    except (ValueError, RecursionError):
        raise FormSchemaError("form", "expected a JSON document") from None
    return compile_form(schema)


def _dotted(path: str, value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        return {path: value}
    return {key: inner for name, part in value.items() for key, inner in _dotted(f"{path}.{name}", part).items()}


def _field(component: Component, form: list[Component]) -> Field:
    table = component["type"] == "dynamiclist"
    cells = table_cells(component) if table else ()
    readonly = _switch(component, "readonly") or _switch(component, "disabled")
    required = bool(validation(component, "required")) and not readonly  # What the service fills in, no one can miss.
    choices = component["type"] in ("checklist", "radio", "select", "taglist")
    return Field(
        key=component["path" if table else "key"],
        kind=component["type"],
        format=None if table else format_of(component),
        label=label_of(component),
        read=table_reader(component, cells) if table else reader_of(component),
        missing=_missing(component) if required else None,
        readonly=readonly,
        conditions=tuple(one for one in map(checked_condition, (*component.get(GROUPS, ()), component)) if one),
        rule=expression_of(component, "rule"),
        broken_rule=_broken_rule(component),
        options=_options(component) if choices else (),
        cells=cells,
        values_key=component.get("valuesKey") if choices else None,
        not_before=day_bound(component, "notBefore"),
        not_after=day_bound(component, "notAfter"),
        total=total_of(component, form),
        clerical=is_clerical(component),
        official=lookup_of(component),
    )


def _missing(component: Component) -> Refusal:
    if component["type"] == "checkbox":
        return Refusal("must_be_ticked")
    if component["type"] == "dynamiclist":
        return Refusal("rows_required", {"min": whole_property(component, "minRows") or 1})
    chosen = component["type"] in ("radio", "select", "checklist", "taglist", "datetime")
    return Refusal("choose_one" if chosen else "required")


def _switch(component: Component, name: str) -> bool:
    value = component.get(name, False)
    if not isinstance(value, bool):
        raise FormSchemaError(str(component.get("key")), f"expected {name} to be true or false")
    return value


def _broken_rule(component: Component) -> Refusal:
    note = property_of(component, "ruleNote")
    if not note:
        return Refusal("rule")
    return Refusal("rule_note", {"note_zh": str(note), "note_en": str(property_of(component, "ruleNoteEn") or note)})


def _options(component: Component) -> tuple[tuple[object, Words], ...]:
    return tuple(
        (
            option["value"],
            Words(str(option.get("label") or option["value"]), str(option.get("labelEn") or option.get("label"))),
        )
        for option in options_of(component)
    )


def _names(field: Field) -> frozenset[str]:
    expressions = (*field.conditions, field.rule) if field.rule is not None else field.conditions
    anchors = {bound.name for bound in (field.not_before, field.not_after) if bound is not None and bound.name}
    return frozenset(anchors).union(*(expression.names for expression in expressions))
