"""On which grounds of law a case is suspended (中止): a list by the kind of item, or another provision, cited. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OTHER: Final = "other"
# A text in book marks or one that is called a law, and an article of it.
_PROVISION: Final = re.compile(
    r"(《[^》]{2,80}》|民法典|[\u4e00-\u9fff]{2,60}(法|条例|规定|办法|细则|规则|规程|解释|决定))[^。；]{0,30}?"
    r"第\s*[0-9０-９零一二两三四五六七八九十百千〇]+\s*条"
)
# The law of one kind of case is no ground in another (行政许可法 Art. 45, 行政处罚法 Art. 60, 行政强制法 Art. 25).
_LAWS: Final[Mapping[str, str]] = {"行政许可法": "XK", "行政处罚法": "CF", "行政强制法": "QZ"}
# Who seizes for a penalty goes by both laws.
_TOGETHER: Final = frozenset({frozenset({"CF", "QZ"})})


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground that can be chosen; `zh` is what stands on papers and in the history."""

    key: str
    zh: str
    en: str


LICENSING_45 = Ground("licensing_45", "《中华人民共和国行政许可法》第四十五条", "Administrative Licensing Law, Art. 45")
_PENALTY_60 = Ground("penalty_60", "《中华人民共和国行政处罚法》第六十条", "Administrative Penalty Law, Art. 60")
_COERCION_25 = Ground("coercion_25", "《中华人民共和国行政强制法》第二十五条", "Administrative Coercion Law, Art. 25")
_COERCION_39 = Ground("coercion_39", "《中华人民共和国行政强制法》第三十九条", "Administrative Coercion Law, Art. 39")
_BY_CATEGORY: Final[Mapping[str, tuple[Ground, ...]]] = {
    "XK": (LICENSING_45,),
    "CF": (_PENALTY_60, _COERCION_25),
    "QZ": (_COERCION_25, _COERCION_39),
}


def grounds_of(category: str | None) -> tuple[Ground, ...]:
    """The grounds to choose from in a case of this kind, beside `other`; none where each item's own law says it."""
    return _BY_CATEGORY.get(category or "", ())


def cites_provision(text: str) -> bool:
    """Whether it names a law, regulation or rule and an article of it: 行政许可法 第四十五条."""
    return _PROVISION.search(text) is not None


def law_of_another_kind(text: str, category: str | None) -> str | None:
    """The law of another kind of case that the text cites, if it does."""
    if category not in _LAWS.values():
        return None
    for law, kind in _LAWS.items():
        if law in text and kind != category and frozenset({kind, category}) not in _TOGETHER:
            return law
    return None
