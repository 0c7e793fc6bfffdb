"""Which answers a slip of the pen may be put right in (笔误更正), and what still is a slip. Pure.

The form says it: by the property `clerical` of a text, or by a format that nothing is decided by. What a condition, a
rule or a fee reads is never one of them, whatever the form says.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from service.form_schemas.hides import property_of
from service.form_schemas.schema import Component, FormSchemaError, name_of

if TYPE_CHECKING:
    from service.form_schemas.form import CompiledForm, Field

# A number that one is called under or a district of the post: whole numbers are mistaken here, not letters.
CLERICAL_FORMATS: Final = frozenset({"mobile", "postcode"})
_TEXTS: Final = frozenset({"textfield", "textarea"})
# How alike the words before and after must be: what says something else was no slip.
_ALIKE: Final = 0.5


def is_clerical(component: Component) -> bool:
    """The property of a component; only texts may have it. Raises FormSchemaError."""
    marked = property_of(component, "clerical")
    if marked in (None, "", False, "false"):
        return False
    if marked not in (True, "true") or component["type"] not in _TEXTS or property_of(component, "format"):
        raise FormSchemaError(name_of(component), "only a plain text may be marked as clerical")
    return True


def clerical_fields(form: CompiledForm, read_by_rules: AbstractSet[str]) -> tuple[Field, ...]:
    """The fields of a form whose answers may be put right, in the form's order."""
    return tuple(field for field in form.fields if _may_be_corrected(field, read_by_rules))


def is_slip(field: Field, before: str, after: str) -> bool:
    """Whether the new words still say what the old ones meant to say."""
    if field.format in CLERICAL_FORMATS:
        return True
    return SequenceMatcher(None, before, after, autojunk=False).ratio() >= _ALIKE


def _may_be_corrected(field: Field, read_by_rules: AbstractSet[str]) -> bool:
    if field.kind not in _TEXTS or field.readonly or field.key in read_by_rules:
        return False
    return field.clerical or field.format in CLERICAL_FORMATS
