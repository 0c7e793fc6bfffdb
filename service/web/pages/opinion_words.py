"""Ways, rules, answers and results of opinions in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.user_tasks.opinions import ANSWERS, RESULTS, RULES, WAYS
from service.web.pages import words


def _named(table: Mapping[str, tuple[str, str]], key: Any) -> str:
    names = table.get(str(key))
    return names[words.in_english()] if names is not None else str(key or "—")


def named_way(key: Any) -> str:
    return _named(WAYS, key)


def named_rule(key: Any) -> str:
    return _named(RULES, key)


def named_answer(key: Any) -> str:
    return _named(ANSWERS, key)


def named_result(key: Any) -> str:
    return _named(RESULTS, key)
