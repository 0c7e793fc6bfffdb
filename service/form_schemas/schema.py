"""What a form-js schema may hold before anything is compiled: an allow-list, so that uploads bring no surprises.

form-js evaluates FEEL in nearly every text property; here it is refused everywhere but in `conditional.hide`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from service.form_schemas.size import UNSTORABLE

Component = Mapping[str, Any]

MAX_COMPONENTS: Final = 300
MAX_NESTING: Final = 5
MAX_SCHEMA_VERSION: Final = 19

FIELD_TYPES: Final = frozenset(
    {"textfield", "textarea", "number", "datetime", "checkbox", "checklist", "radio", "select", "taglist"}
)
CONTAINER_TYPES: Final = frozenset({"group", "dynamiclist"})
STILL_TYPES: Final = frozenset({"text", "image", "separator", "spacer", "button"})
_REFUSED: Final = {
    "html": "free HTML is not allowed in a county's form",
    "iframe": "a page of another site must not appear inside a form",
    "documentPreview": "documents are shown by the case page, not inside the form",
    "expression": "values are computed by the service, not in the browser",
    "filepicker": "files are handed in as materials of the case, not inside the form",
    "table": "a table to fill in is a dynamic list; a table of FEEL data is not allowed",
}
# Where a flattened component keeps the groups around it.
GROUPS: Final = "groupsAround"
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LOCAL_IMAGE: Final = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*|/(?![/\\])[A-Za-z0-9_./-]*")


class FormSchemaError(ValueError):
    """A form that must not be deployed. `component` is the key, id or type of the part at fault."""

    def __init__(self, component: str, reason: str) -> None:
        super().__init__(f"{component}: {reason}")
        self.component = component
        self.reason = reason


def name_of(component: Component) -> str:
    for attribute in ("key", "path", "id", "type"):
        value = component.get(attribute)
        if isinstance(value, str) and value:
            return value[:100]
    return "form"


def checked_components(schema: object) -> list[Component]:
    """The components in the order of the form, groups dissolved, dynamic lists whole. Raises FormSchemaError."""
    if not isinstance(schema, Mapping) or schema.get("type") != "default":
        raise FormSchemaError("form", "expected a form-js schema of type `default`")
    version = schema.get("schemaVersion")
    if not isinstance(version, int) or not 1 <= version <= MAX_SCHEMA_VERSION:
        raise FormSchemaError("form", f"expected schemaVersion 1 to {MAX_SCHEMA_VERSION}, but found {version!r}")
    components = list(_flat(_children(schema), 1, ()))
    if len(components) > MAX_COMPONENTS:
        raise FormSchemaError("form", f"expected at most {MAX_COMPONENTS} components, but found {len(components)}")
    _check_unique(components)
    return components


def checked_cells(dynamic_list: Component) -> list[Component]:
    """The fields of one row of a dynamic list."""
    cells = [cell for cell in _flat(_children(dynamic_list), 2, ()) if cell["type"] not in STILL_TYPES]
    if not cells:
        raise FormSchemaError(name_of(dynamic_list), "a dynamic list needs at least one field")
    for cell in cells:
        if cell["type"] == "dynamiclist":
            raise FormSchemaError(name_of(cell), "a dynamic list cannot stand inside another")
        if cell.get(GROUPS):
            raise FormSchemaError(name_of(cell), "a group inside a list only arranges: no path, no condition")
    _check_unique(cells)
    return cells


def _children(component: Component) -> list[Component]:
    children = component.get("components", [])
    if not isinstance(children, list) or not all(isinstance(child, Mapping) for child in children):
        raise FormSchemaError(name_of(component), "expected `components` to be a list of components")
    return children


def _flat(components: list[Component], depth: int, groups: tuple[Component, ...]) -> Iterator[Component]:
    """The components inside groups; those with a path or a condition stay known to their fields under GROUPS."""
    for component in components:
        _check_component(component, depth)
        if component["type"] == "group":
            counts = component.get("path") or component.get("conditional") or _has_condition(component)
            yield from _flat(_children(component), depth + 1, (*groups, component) if counts else groups)
        else:
            yield _within(component, groups) if groups else component


def _has_condition(component: Component) -> bool:
    properties = component.get("properties")
    return isinstance(properties, Mapping) and bool(properties.get("condition"))


def _within(component: Component, groups: tuple[Component, ...]) -> Component:
    """The component as the service knows it: its key led by the paths of its groups, joined by dots."""
    paths = [str(group["path"]) for group in groups if group.get("path")]
    if paths and component["type"] == "dynamiclist":
        raise FormSchemaError(name_of(component), "a list cannot stand in a group with a path")
    placed = {**component, GROUPS: groups}
    return {**placed, "key": ".".join([*paths, component["key"]])} if paths and "key" in component else placed


def _check_component(component: Component, depth: int) -> None:
    kind, name = component.get("type"), name_of(component)
    if depth > MAX_NESTING:
        raise FormSchemaError(name, "groups are nested too deeply")
    if not isinstance(kind, str) or kind not in FIELD_TYPES | CONTAINER_TYPES | STILL_TYPES:
        raise FormSchemaError(name, _REFUSED.get(str(kind), f"components of type {str(kind)[:40]!r} are not known"))
    if GROUPS in component:
        raise FormSchemaError(name, f"the name {GROUPS} is the service's own")
    if kind == "group" and component.get("isRepeating"):
        raise FormSchemaError(name, "a group does not repeat; a dynamic list does")
    if kind == "group" and component.get("path"):
        _check_key(name, component["path"])
    if kind in FIELD_TYPES or kind == "dynamiclist":
        _check_key(name, component.get("path" if kind == "dynamiclist" else "key"))
    if kind == "image" and not _LOCAL_IMAGE.fullmatch(str(component.get("source", ""))):
        raise FormSchemaError(name, "an image must come from this service or stand in the form itself")
    if kind == "text" and re.search(r"!\[|<", str(component.get("text", ""))):
        raise FormSchemaError(name, "text may hold neither images nor HTML")
    unread = ("components", "conditional", GROUPS)
    _check_texts(name, {key: part for key, part in component.items() if key not in unread})


def _check_key(name: str, key: object) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise FormSchemaError(name, "expected a key of letters, digits and underscores, not beginning with a digit")


def _check_texts(name: str, part: object, depth: int = 0) -> None:
    """form-js runs `=…` as FEEL and `{{…}}` as a template, in labels too."""
    if depth > 8:
        raise FormSchemaError(name, "its properties are nested too deeply")
    if isinstance(part, str) and UNSTORABLE.search(part):
        raise FormSchemaError(name, "its texts hold characters that cannot be stored")
    if isinstance(part, str) and (part.lstrip().startswith("=") or "{{" in part):
        raise FormSchemaError(name, "FEEL is allowed in `conditional.hide` alone, generated from the condition")
    if isinstance(part, Mapping | list):
        for item in part.values() if isinstance(part, Mapping) else part:
            _check_texts(name, item, depth + 1)


def _check_unique(components: list[Component]) -> None:
    for attribute in ("key", "id"):
        seen: set[str] = set()
        for component in components:
            value = component.get("path") if (attribute, component["type"]) == ("key", "dynamiclist") else None
            value = value or component.get(attribute)
            if not isinstance(value, str):
                continue
            if value in seen:
                raise FormSchemaError(name_of(component), f"the {attribute} {value!r} is used twice")
            seen.add(value)
