"""The words of a form: labels in both languages, and the schema as one language sees it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from service.form_schemas.hides import property_of
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
    """A copy of the schema with its texts in the locale; what has no English twin stays Chinese."""
    copied: dict[str, Any] = copy.deepcopy(dict(schema))
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
    for option in component.get("values") or ():
        if isinstance(option, dict) and option.get("labelEn"):
            option["label"] = option["labelEn"]
    for child in component.get("components") or ():
        if isinstance(child, dict):
            _to_english(child)
