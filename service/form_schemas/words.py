"""The words of a form: labels in both languages, and the schema as one language sees it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from service.expressions import ExpressionError, to_feel
from service.form_schemas.hides import expression_of, property_of
from service.form_schemas.problems import Words
from service.form_schemas.schema import Component, name_of

# Attribute of the component -> the property that holds its English twin.
_ENGLISH: Final = {
    "label": "labelEn",
    "dateLabel": "labelEn",
    "description": "descriptionEn",
    "text": "textEn",
    "alt": "altEn",
}


def label_of(component: Component) -> Words:
    chinese = component.get("label") or component.get("dateLabel") or name_of(component)
    return Words(str(chinese), str(property_of(component, "labelEn") or chinese))


def localised(schema: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """A copy of the schema with its texts in the locale; what has no English twin stays Chinese.

    Rules that FEEL can say stand beside their twin (`ruleFeel`, `ruleNames`), so that the browser checks them too.
    """
    copied: dict[str, Any] = copy.deepcopy(dict(schema))
    _add_rules(copied)
    if locale.startswith("en"):
        _to_english(copied)
    return copied


def _to_english(component: dict[str, Any]) -> None:
    for attribute, english in _ENGLISH.items():
        text = property_of(component, english)
        if attribute in component and text:
            component[attribute] = text
    pattern_message = property_of(component, "patternErrorMessageEn")
    rules = component.get("validate")
    if isinstance(rules, dict) and pattern_message:
        rules["patternErrorMessage"] = pattern_message
    if property_of(component, "ruleNoteEn"):
        component["properties"]["ruleNote"] = component["properties"]["ruleNoteEn"]
    for option in component.get("values") or ():
        if isinstance(option, dict) and option.get("labelEn"):
            option["label"] = option["labelEn"]
    for child in component.get("components") or ():
        if isinstance(child, dict):
            _to_english(child)


def _add_rules(component: dict[str, Any]) -> None:
    rule = expression_of(component, "rule")
    if rule is not None:
        with suppress(ExpressionError):  # a rule without a twin is the server's alone
            component["properties"] |= {"ruleFeel": "=" + to_feel(rule), "ruleNames": " ".join(sorted(rule.names))}
    for child in component.get("components") or ():
        if isinstance(child, dict):
            _add_rules(child)
