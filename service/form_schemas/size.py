"""Bounds on the answers as a whole: plain JSON, no deeper than a table, no larger than a person could type."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from service.form_schemas.problems import FieldProblem, Refusal, Words, escaped, problem

MAX_STRING_CHARACTERS: Final = 10_000
MAX_ROWS: Final = 200
MAX_TOTAL_BYTES: Final = 512 * 1024
MAX_KEYS: Final = 500
MAX_DEPTH: Final = 4  # answers, table, row, list in a cell
MAX_INTEGER: Final = 10**15

UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # PostgreSQL and PDF refuse these.
_WHOLE: Final = Words("表单", "The form")
_TEXT: Final = {"limit_zh": "10000 个字", "limit_en": "10,000 characters"}
_ROWS: Final = {"limit_zh": "200 行", "limit_en": "200 rows"}
_TOTAL: Final = {"limit_zh": "512 KB", "limit_en": "512 KB"}
_NUMBER: Final = {"limit_zh": "15 位数字", "limit_en": "15 digits"}


def size_problems(answers: object) -> list[FieldProblem]:
    """Everything that is too large or no JSON; empty for answers that may be looked at field by field."""
    if not isinstance(answers, Mapping):
        return [problem("/answers", _WHOLE, Refusal("wrong_type"))]
    if len(answers) > MAX_KEYS:
        return [problem("/answers", _WHOLE, Refusal("too_large", _TOTAL))]
    found: list[FieldProblem] = []
    total = 0
    for key, value in answers.items():
        if not _storable_key(key):
            return [problem("/answers", _WHOLE, Refusal("wrong_type"))]
        size, refusal = _measure(value, 1)
        total += size + len(key) + 6
        if refusal is not None:
            found.append(problem(f"/answers/{escaped(key)}", Words(key[:100], key[:100]), refusal))
    if total > MAX_TOTAL_BYTES:
        found.append(problem("/answers", _WHOLE, Refusal("too_large", _TOTAL)))
    return found


def _measure(value: object, depth: int) -> tuple[int, Refusal | None]:
    """Bytes of the value as JSON, nearly, and why it is refused."""
    if isinstance(value, str):
        return _measure_text(value)
    if value is None or isinstance(value, bool):
        return 5, None
    if isinstance(value, int | float):
        return 16, _number_refusal(value)
    if depth < MAX_DEPTH and isinstance(value, list | Mapping):
        return _measure_container(value, depth)
    return 0, Refusal("wrong_type")


def _storable_key(key: object) -> bool:
    return isinstance(key, str) and (key.isprintable() or UNSTORABLE.search(key) is None)


def _measure_text(value: str) -> tuple[int, Refusal | None]:
    if len(value) > MAX_STRING_CHARACTERS:
        return len(value), Refusal("too_large", _TEXT)
    if not value.isprintable() and UNSTORABLE.search(value):
        return len(value), Refusal("characters")
    return (len(value) if value.isascii() else len(value.encode())), None


def _number_refusal(value: int | float) -> Refusal | None:
    if isinstance(value, float) and not math.isfinite(value):
        return Refusal("wrong_type")
    return Refusal("too_large", _NUMBER) if abs(value) > MAX_INTEGER else None


def _measure_container(value: list[object] | Mapping[object, object], depth: int) -> tuple[int, Refusal | None]:
    if len(value) > MAX_ROWS:
        return 0, Refusal("too_large", _ROWS)
    total = 2
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for name, item in items:
        if isinstance(value, Mapping) and not _storable_key(name):
            return 0, Refusal("wrong_type")
        size, refusal = _measure(item, depth + 1)
        if refusal is not None:
            return total, refusal
        total += size + 4 + (len(name) if isinstance(name, str) else 0)
    return total, None
