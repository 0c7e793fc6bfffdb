"""The bridge from our `condition` to form-js: `conditional.hide` is always generated, never written by hand."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from service.expressions import Expression, ExpressionError, compile_expression, to_feel
from service.form_schemas.schema import Component, FormSchemaError, name_of


def property_of(component: Component, name: str) -> Any:
    properties = component.get("properties")
    return properties.get(name) if isinstance(properties, Mapping) else None


def expression_of(component: Component, name: str) -> Expression | None:
    """The compiled `condition` or `rule` of a component; an empty one counts as none."""
    source = property_of(component, name)
    if source in (None, ""):
        return None
    if not isinstance(source, str):
        raise FormSchemaError(name_of(component), f"expected the {name} to be a text")
    try:
        return compile_expression(source)
    except ExpressionError as error:
        raise FormSchemaError(name_of(component), f"the {name} is not allowed: {error}") from None


def hide_of(component: Component, condition: Expression) -> str:
    """The FEEL that hides the component: the condition's opposite."""
    try:
        return "=" + to_feel(condition, negated=True)
    except ExpressionError as error:
        raise FormSchemaError(name_of(component), f"the browser cannot check the condition: {error}") from None


def checked_condition(component: Component) -> Expression | None:
    """The condition, after checking that `conditional.hide` says the same. Raises FormSchemaError."""
    condition = expression_of(component, "condition")
    conditional = component.get("conditional") or {}
    hide = conditional.get("hide") if isinstance(conditional, Mapping) else conditional
    expected = hide_of(component, condition) if condition is not None else None
    if (hide or None) != expected:
        raise FormSchemaError(
            name_of(component),
            f"expected `conditional.hide` to be {expected!r}, generated from the property `condition`",
        )
    return condition


def with_generated_hides(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the schema in which every `conditional.hide` is generated anew, as it is before a form is deployed."""
    try:
        copied: dict[str, Any] = copy.deepcopy(dict(schema))
        _generate(copied)
    except RecursionError:
        raise FormSchemaError("form", "its parts are nested too deeply") from None
    return copied


def _generate(container: dict[str, Any]) -> None:
    components = container.get("components")
    for component in components if isinstance(components, list) else []:
        if not isinstance(component, dict):
            continue
        component.pop("conditional", None)
        condition = expression_of(component, "condition")
        if condition is not None:
            component["conditional"] = {"hide": hide_of(component, condition)}
        _generate(component)
