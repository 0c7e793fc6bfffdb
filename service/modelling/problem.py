"""What is wrong with a diagram, said in both languages; the words of a problem stand with its rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning"]

LONGEST_SHOWN: Final = 200
"""Characters of a diagram's own text that a problem repeats; a hostile name of a megabyte is not multiplied."""


class Words(NamedTuple):
    """The same words in Chinese and English; what they repeat of a diagram is cut already."""

    zh: str
    en: str


def shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of the linter. `path` is a counterexample: element ids in the order in which a case meets them."""

    code: str
    severity: Severity
    element_id: str | None
    line: int | None
    message_zh: str
    message_en: str
    path: tuple[str, ...] = ()

    def message(self, locale: str) -> str:
        """The words for a locale such as `zh_CN`, `zh-CN` or `en`."""
        return self.message_zh if locale.lower().startswith("zh") else self.message_en


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of problem: its words as templates over named values, and why it is one (English, for the handbook)."""

    code: str
    severity: Severity
    zh: str
    en: str
    why: str

    def problem(
        self,
        values: Mapping[str, Words | str],
        *,
        element_id: str | None = None,
        line: int | None = None,
        path: Iterable[str] = (),
    ) -> Problem:
        chinese = {key: value.zh if isinstance(value, Words) else shown(value) for key, value in values.items()}
        english = {key: value.en if isinstance(value, Words) else shown(value) for key, value in values.items()}
        return Problem(
            self.code,
            self.severity,
            None if element_id is None else shown(element_id),
            line,
            self.zh.format_map(chinese),
            self.en.format_map(english),
            tuple(shown(step) for step in path),
        )


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, then by line; problems without a line lead their group."""
    return sorted(problems, key=lambda found: (found.severity != "error", found.line or 0, found.code))
