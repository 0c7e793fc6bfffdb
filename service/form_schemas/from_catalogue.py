"""A first form for every step of a catalogue row: `python -m service.form_schemas.from_catalogue ITEMS_YAML FORMS_DIR`.

Designers go on from there in the form editor; running it again overwrites what they changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from service.form_schemas.form import compile_form
from service.form_schemas.hides import with_generated_hides
from service.form_schemas.identity import BROWSER_PATTERNS
from service.form_schemas.office_forms import OFFICE_FORMS
from service.form_schemas.standard_fields import (
    AWAIT_COMPLETION,
    AWAIT_CORRECTION,
    AWAIT_RECTIFICATION,
    AWAIT_REPORT,
    HALT_RULING,
    OBJECTION,
    RULE_NOTES,
    SUPERVISION_ORDER,
)

Row = Mapping[str, Any]
Component = dict[str, Any]

DEFINITIONS: Final = {
    "LJ-YJ-XK-001": "hazardous_chemicals_licence",
    "LJ-MZ-XK-001": "social_organisation_registration",
    "LJ-HB-XK-001": "environmental_impact_approval",
    "LJ-ZR-QR-001": "real_estate_transfer",
    "LJ-SG-XK-001": "food_business_licence",
    "LJ-WJ-XK-001": "medical_institution_registration",
    "LJ-MZ-JF-001": "temporary_relief",
    "LJ-ZJ-ZS-001": "road_excavation_levy",
    "LJ-RX-EX-001": "hotline_order",
    "LJ-SG-JC-001": "market_inspection",
    "LJ-FG-EX-002": "project_milestones",
    "LJ-CG-CF-001": "street_occupation_penalty",
    "LJ-CG-CF-002": "spot_penalty",
}
_TYPES: Final = {
    "text": "textfield",
    "textarea": "textarea",
    "number": "number",
    "money_fen": "number",
    "date": "datetime",
    "select": "select",
    "radio": "radio",
    "checklist": "checklist",
    "checkbox": "checkbox",
    "id_number": "textfield",
    "credit_code": "textfield",
    "mobile": "textfield",
    "table": "dynamiclist",
}
_FORMATS: Final = frozenset({"id_number", "credit_code", "mobile", "money_fen"})
_PATTERN_WORDS: Final = {
    "id_number": ("应为 18 位居民身份证号码", "18 characters, the last a digit or X"),
    "credit_code": ("应为 18 位统一社会信用代码", "18 digits and letters"),
    "mobile": ("应为 11 位手机号码", "a mobile number of 11 digits"),
}
_MAX_LENGTH: Final = {"text": 200, "textarea": 5000}
_MEASURES: Final = ("_m2", "_tonnes", "_km", "_percent")  # Keys that end in a unit take decimals, counts do not.
_FULL_WIDTH, _HALF_WIDTH = 16, 8
_LONGEST_SHORT_LABEL: Final = 14
# The hotline itself, the commission and the control centre.
_HANDLING_NOTHING: Final = frozenset({"RX", "JW", "KZ"})


def form_from_fields(definition: str, step: str, fields: Sequence[Row]) -> dict[str, Any]:
    """The form-js schema of one step, from rows of the catalogue's `forms`; FormSchemaError if it does not compile."""
    components = [_component(field) for field in fields]
    for component, layout in zip(components, _layouts(fields), strict=True):
        component["layout"] = layout
    schema = {"schemaVersion": 19, "type": "default", "id": f"{definition}_{step}", "components": components}
    generated = with_generated_hides(schema)
    compile_form(generated)
    return generated


def _component(field: Row) -> Component:
    kind = _TYPES[field["type"]]
    component: Component = {"type": kind, "id": f"Field_{field['key']}"}
    if kind == "dynamiclist":
        component |= _table(field)
    else:
        component["key"] = field["key"]
    component |= (
        {"dateLabel": field["label_zh"], "subtype": "date"} if kind == "datetime" else {"label": field["label_zh"]}
    )
    component |= _choices(field) | _number(field)
    if field.get("readonly"):
        component["readonly"] = True
    component["properties"] = _properties(field)
    rules = _validation(field)
    if rules:
        component["validate"] = rules
    return component


def _properties(field: Row) -> dict[str, str]:
    note = RULE_NOTES.get(field.get("rule", ""), (field.get("rule_note"), None))
    found = {
        "labelEn": field.get("label_en"),
        "format": field["type"] if field["type"] in _FORMATS else None,
        "condition": field.get("condition"),
        "rule": field.get("rule"),
        "ruleNote": note[0] if field.get("rule") else None,
        "ruleNoteEn": note[1] if field.get("rule") else None,
        "codePrefix": field.get("code_prefix"),
        "length": field.get("length"),
        "minRows": field.get("min_rows"),
        "lookup": field.get("lookup"),
        "lookupFills": ",".join(f"{key}={part}" for key, part in (field.get("lookup_fills") or {}).items()) or None,
        "clerical": "true" if field.get("clerical") else None,
        "notBefore": field.get("not_before"),
        "notAfter": field.get("not_after"),
        "patternErrorMessageEn": _PATTERN_WORDS.get(field["type"], (None, None))[1],
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _validation(field: Row) -> dict[str, Any]:
    money = field["type"] == "money_fen"
    found = {
        "required": True if field["required"] else None,
        "minLength": field.get("length", field.get("min_length")),
        "maxLength": field.get("length", _MAX_LENGTH.get(field["type"])),
        "min": _yuan(field["min"]) if money and "min" in field else field.get("min"),
        "max": _yuan(field["max"]) if money and "max" in field else field.get("max"),
        "pattern": BROWSER_PATTERNS.get(field["type"]),
        "patternErrorMessage": _PATTERN_WORDS.get(field["type"], (None, None))[0],
    }
    if field["type"] == "number" and found["min"] is None:
        found["min"] = 0
    return {name: value for name, value in found.items() if value is not None}


def _yuan(fen: int) -> int | float:
    return fen // 100 if fen % 100 == 0 else fen / 100


def _number(field: Row) -> Component:
    if field["type"] == "money_fen":
        return {"decimalDigits": 2, "appearance": {"prefixAdorner": "¥"}}
    if field["type"] == "number":
        return {"decimalDigits": 2 if field["key"].endswith(_MEASURES) else 0}
    return {}


def _choices(field: Row) -> Component:
    if "options_from" in field:
        return {"valuesKey": field["options_from"]}
    if "options" not in field:
        return {}
    return {"values": [{"label": o["zh"], "labelEn": o["en"], "value": o["value"]} for o in field["options"]]}


def _table(field: Row) -> Component:
    """One row per entry; its first cell names it and is required, so that no row stands without a name."""
    width = _FULL_WIDTH // len(field["columns"])
    columns = zip(field["column_keys"], field["columns"], strict=True)
    cells = [_cell(field["key"], key, label, index == 0, width) for index, (key, label) in enumerate(columns)]
    return {
        "path": field["key"],
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 1,
        "showOutline": True,
        "components": cells,
    }


def _cell(table: str, key: str, label: str, first: bool, width: int) -> Component:
    """A cell is a line of text; one whose key ends in a due day is a date, and no row stands without it."""
    dated = key.endswith("_due")
    kind = {"type": "datetime", "subtype": "date", "dateLabel": label} if dated else {"type": "textfield"}
    validation = {"required": True} if dated else {"required": True, "maxLength": 200} if first else {"maxLength": 200}
    return {
        **kind,
        "id": f"Field_{table}_{key}",
        "key": key,
        **({} if dated else {"label": label}),
        "properties": {"labelEn": key.replace("_", " ").capitalize()},
        "validate": validation,
        "layout": {"row": f"Row_{table}", "columns": width},
    }


# Layout ---------------------------------------------------------------------------------------------------------------


def _layouts(fields: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Two short fields that appear under the same condition share a row of form-js's 16 columns."""
    open_row: tuple[str, str | None] | None = None
    for number, field in enumerate(fields, 1):
        if not _is_short(field):
            open_row = None
            yield {"row": f"Row_{number}", "columns": _FULL_WIDTH}
        elif open_row is not None and open_row[1] == field.get("condition"):
            yield {"row": open_row[0], "columns": _HALF_WIDTH}
            open_row = None
        else:
            open_row = (f"Row_{number}", field.get("condition"))
            yield {"row": open_row[0], "columns": _HALF_WIDTH}


def _is_short(field: Row) -> bool:
    if field["type"] in ("textarea", "checklist", "table") or len(field["label_zh"]) > _LONGEST_SHORT_LABEL:
        return False
    options = "".join(option["zh"] for option in field.get("options", ()))
    return field["type"] != "radio" or len(options) <= _LONGEST_SHORT_LABEL


# The forms of the catalogue -------------------------------------------------------------------------------------------


def catalogue_forms(catalogue: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(definition, form key, schema) for every item that has a definition, and for the office's own cases."""
    for item in catalogue["items"]:
        definition = DEFINITIONS.get(item["code"])
        if definition is not None:
            for step, fields in item_fields(item).items():
                chosen = [with_departments(field, catalogue["meta"]["departments"]) for field in fields]
                yield definition, step, form_from_fields(definition, step, chosen)
    for step, fields in SUPERVISION_ORDER.items():
        yield "supervision_order", step, form_from_fields("supervision_order", step, fields)
    for definition, forms in OFFICE_FORMS.items():
        for step, fields in forms.items():
            yield definition, step, form_from_fields(definition, step, fields)


def with_departments(field: Row, departments: Sequence[Row]) -> Row:
    """A choice of a department lists those that handle what others bring; the server then knows each by its code."""
    if field.get("options_from") != "departments":
        return field
    chosen = [one for one in departments if one["code"] not in _HANDLING_NOTHING]
    options = [{"value": one["code"], "zh": one["name_zh"], "en": one["name_en"]} for one in chosen]
    return {**{key: value for key, value in field.items() if key != "options_from"}, "options": options}


def item_fields(item: Mapping[str, Any]) -> dict[str, Sequence[Row]]:
    """The rows of every form of an item: its own, and the standard ones that its steps call for."""
    steps: Iterable[Mapping[str, Any]] = item["steps"]
    ids = {step["id"] for step in steps}
    forms: dict[str, Sequence[Row]] = dict(item["forms"])
    if any(step["kind"] == "user" and step["separation_group"] == "investigate" for step in steps):
        forms["halt_ruling"] = HALT_RULING
    if "await_correction" in ids:
        forms["await_correction"] = AWAIT_CORRECTION
    if "await_rectification" in ids:
        forms["await_rectification"] = AWAIT_RECTIFICATION
    if "await_completion" in ids:
        forms["await_completion"] = AWAIT_COMPLETION
    if "await_report" in ids:
        forms["await_report"] = AWAIT_REPORT
    if {"handle_objections", "objection_check"} & ids:
        forms["objection"] = OBJECTION
    return forms


def write_forms(catalogue: Mapping[str, Any], folder: Path) -> list[Path]:
    written = []
    for definition, step, schema in catalogue_forms(catalogue):
        path = folder / definition / f"{step}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m service.form_schemas.from_catalogue ITEMS_YAML FORMS_DIR\n")
        return 2
    catalogue = yaml.safe_load(Path(arguments[0]).read_text(encoding="utf-8"))
    for path in write_forms(catalogue, Path(arguments[1])):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
