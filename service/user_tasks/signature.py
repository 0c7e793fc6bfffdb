"""What a second officer's signature is bound to (pure): the answers as the form takes them.

What the service fills in itself, such as a total or a name that the case knows, is no part of it: no officer says it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from service.form_schemas import CompiledForm
from service.form_schemas.days import Workdays
from service.form_schemas.readers import Lookup

# How a signature stands to the draft: given before anything was written, to what lies there, or to what did before.
Standing = Literal["blank", "standing", "outdated"]
_SETS = frozenset({"checklist", "taglist"})


def answers_digest(answers: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical answers: the chain binds them without carrying personal data."""
    text = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def draft_digest(
    form: CompiledForm, draft: Mapping[str, Any] | None, lookup: Lookup, today: date, calendar: Workdays
) -> str | None:
    """Of what lies before the signer; None where nothing does."""
    if draft is None:
        return None
    cleaned, _ = form.check(draft, lookup=lookup, today=today, calendar=calendar)
    return content_digest(form, draft, cleaned)


def content_digest(form: CompiledForm, given: Mapping[str, Any], cleaned: Mapping[str, Any]) -> str:
    """Of answers and what the form makes of them: the order, blanks, and what is absent or null, make no difference.

    A value that the form does not take counts as it was given: nobody who signs it has signed an empty field.
    """
    raw, said = form.flattened(given), {}
    for field in form.fields:
        if field.readonly or field.key not in cleaned:
            continue
        value = cleaned[field.key]
        if value is None and raw.get(field.key) is not None:
            value = {"not_taken": raw[field.key]} if str(raw[field.key]).strip() else None
        if not field.unset(value):
            said[field.key] = sorted(value, key=str) if field.kind in _SETS and isinstance(value, list) else _set(value)
    return answers_digest(said)


def standing(signed_by: int | None, signed_digest: str | None, digest: str | None) -> Standing | None:
    """How a signature stands to the draft of this digest; None where nobody has signed."""
    if signed_by is None:
        return None
    if signed_digest is None:
        return "blank"
    return "standing" if digest == signed_digest else "outdated"


def _set(value: Any) -> Any:
    """Rows without the cells that nobody filled in."""
    if isinstance(value, list):
        return [_set(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _set(one) for key, one in value.items() if one is not None}
    return value
