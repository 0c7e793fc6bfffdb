"""Conditions over answers in the words of the forms that ask for them: labels for keys, options for their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import Connection

from service.catalogue.item import PowerItem
from service.definitions.bundle import Bundle
from service.reads.case_values import Caches

Both = tuple[str, str]
# Names that the service itself answers where fees are computed.
_OWN: Final[Mapping[str, Both]] = {
    "reduction": ("减免件", "reduction case"),
    "reduction_decision": ("本件减免决定", "reduction decided"),
    "reduction_fen": ("本件减免金额（分）", "reduction decided (fen)"),
    "fine_amount": ("罚款数额", "fine"),
}
_OPERATORS: Final[Mapping[str, Both]] = {
    "==": ("为", "is"),
    "!=": ("不为", "is not"),
    "is": ("为", "is"),
    "is not": ("不为", "is not"),
    "<=": ("≤", "≤"),
    ">=": ("≥", "≥"),
    "*": ("×", "×"),
    "and": ("且", "and"),
    "or": ("或", "or"),
    "not": ("不满足", "not"),
    "in": ("属于", "is one of"),
    "not in": ("不属于", "is none of"),
    "None": ("未填", "empty"),
    "True": ("是", "yes"),
    "False": ("否", "no"),
}
_TOKEN: Final = re.compile(r"""'[^']*'|"[^"]*"|is\s+not\b|not\s+in\b|[^\W\d]\w*|\d+(?:\.\d+)?|==|!=|<=|>=|//|[^\s\w]""")
_BETWEEN_CHINESE: Final = re.compile(r"(?<=[\u3000-\u9fff）“”]) (?=[\u3000-\u9fff（“”])|(?<=[(（]) | (?=[)）,，])")


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """What the forms of a definition call their answers, Chinese and English."""

    labels: Mapping[str, Both]
    options: Mapping[str, Mapping[str, Both]]

    @classmethod
    def of(cls, bundle: Bundle) -> Self:
        """The first form that asks for a key names it."""
        labels: dict[str, Both] = {}
        options: dict[str, Mapping[str, Both]] = {}
        for schema in bundle.schemas.values():
            for component in _fields(schema):
                key = str(component["key"])
                labels.setdefault(key, _both(component))
                given = {str(one.get("value")): _both(one) for one in component.get("values") or ()}
                options.setdefault(key, given)
        return cls(labels, options)

    def label(self, key: str) -> Both:
        """What the answer is called; the key itself where no form asks for it."""
        return self.labels.get(key) or _OWN.get(key) or (key, key)

    def value(self, key: str, value: object) -> Both:
        """An answer as its form shows it; a dash for none."""
        if value is None or value == "":
            return "—", "—"
        if isinstance(value, bool):
            return _OPERATORS[str(value)]
        return self.options.get(key, {}).get(str(value), (str(value),) * 2)

    def said(self, source: str) -> Both:
        """An expression of our grammar in words; empty for one that always holds."""
        if source.strip() == "True":
            return "", ""
        tokens = [re.sub(r"\s+", " ", token) for token in _TOKEN.findall(source)]
        choices = {value: words for name in tokens for value, words in self.options.get(name, {}).items()}
        words = [self._word(token, choices) for token in tokens]
        return _BETWEEN_CHINESE.sub("", " ".join(zh for zh, _ in words)), _joined(en for _, en in words)

    def _word(self, token: str, choices: Mapping[str, Both]) -> Both:
        if token in _OPERATORS:
            return _OPERATORS[token]
        if token[0] in "'\"":
            zh, en = choices.get(token[1:-1], (token[1:-1],) * 2)
            return f"“{zh}”", f"“{en}”"
        return self.label(token) if token[0].isalpha() else (token, token)


NO_WORDS: Final = AnswerWords({}, {})


def words_of_item(connection: Connection, caches: Caches, item: PowerItem) -> AnswerWords:
    """Of the definition that new cases of the item go by."""
    bundle = caches.bundles.current(connection, item.definition_key)
    return AnswerWords.of(bundle) if bundle is not None else NO_WORDS


def _joined(words: Iterator[str]) -> str:
    return re.sub(r"(?<=\() | (?=[),])", "", " ".join(words))


def _fields(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in schema.get("components") or ():
        if component.get("key"):
            yield component
        if component.get("type") == "group":
            yield from _fields(component)


def _both(component: Mapping[str, Any]) -> Both:
    zh = str(component.get("label") or component.get("dateLabel") or component.get("key") or "")
    english = component.get("labelEn") or (component.get("properties") or {}).get("labelEn")
    return zh, str(english or zh)
