"""The county's own words of a document: paragraphs with placeholders from a closed list, checked before they are kept.

A placeholder is `{name}` and nothing else: no attribute, no call, no format, no condition. What fills it is plain text
that the renderer reads as text alone. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from service.certificates.wording import words_for

Sections = Mapping[str, tuple[str, ...]]
MOST_PARAGRAPHS: Final = 12
LONGEST_PARAGRAPH: Final = 2000
# name: what the editor calls it, in both languages
PLACEHOLDERS: Final[Mapping[str, tuple[str, str]]] = {
    "item": ("事项名称", "item"),
    "holder": ("当事人", "holder"),
    "organ": ("机关名称", "organ"),
    "case_number": ("办件编号", "case number"),
    "number": ("文书编号", "number of the document"),
    "made_on": ("制作日期", "day on which it is made"),
    "basis": ("法律依据", "legal basis"),
    "reason": ("理由", "reason"),
    "received_on": ("收件日期", "day of receipt"),
    "accepted_on": ("受理日期", "day of acceptance"),
    "due_on": ("期限", "due day"),
    "competent_organ": ("有权机关", "competent organ"),
    "reconsideration_organ": ("复议机关", "organ of reconsideration"),
    "court": ("诉讼法院", "court"),
    "refused_as": ("不予的决定，如“不予许可”", "what is refused, such as 不予许可"),
    "facts": ("违法事实", "facts"),
    "violated": ("违反的规定", "what was violated"),
    "decision_no": ("处罚决定书文号", "number of the decision"),
    "decided_on": ("处罚决定日期", "day of the decision"),
    "notice_served_on": ("告知书送达日期", "day on which the prior notice was served"),
    "served_on": ("决定书送达日期", "day on which the decision was served"),
    "heard": ("陈述、申辩和听证情况", "what the party was heard on"),
}
# Known of every document; the others are where the built-in words of the kind have them.
_ALWAYS: Final = frozenset({"item", "holder", "organ", "case_number", "number", "made_on"})
# Without these a decision is unlawful: where the built-in words state them, the county's words do as well.
_NEVER_LEFT_OUT: Final = frozenset({"basis", "reason", "due_on", "reconsideration_organ", "court", "competent_organ"})
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]{1,40})\}")
_SECTION: Final = re.compile(r"(opening|closing)(_[a-z_]+)?")


class TemplateError(ValueError):
    """Words that must not be kept. `section` is where; both texts say why."""

    def __init__(self, section: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.section, self.zh, self.en = section, zh, en


def editable_kinds() -> tuple[str, ...]:
    """The kinds of documents whose words may be the county's own, in the order of the built-in ones."""
    return tuple(kind for kind in words_for("zh-CN") if built_in(kind))


def built_in(kind: str) -> dict[str, tuple[str, ...]]:
    """The built-in sections of a kind; empty for what has none."""
    own = words_for("zh-CN").get(kind)
    if not isinstance(own, Mapping):
        return {}
    return {name: tuple(texts) for name, texts in own.items() if _SECTION.fullmatch(name) and isinstance(texts, list)}


def allowed_in(kind: str) -> tuple[str, ...]:
    """The placeholders that the words of a kind may have, in the order of the list."""
    used = {name for texts in built_in(kind).values() for text in texts for name in _PLACEHOLDER.findall(text)}
    return tuple(name for name in PLACEHOLDERS if name in _ALWAYS | used)


def checked_sections(kind: str, given: object) -> dict[str, tuple[str, ...]]:
    """The sections as they are kept. Raises TemplateError, which names the section."""
    standard = built_in(kind)
    if not standard or not isinstance(given, Mapping) or set(given) != set(standard):
        raise TemplateError("", "没有这种文书的这些段落", "Expected every section of a known kind of document")
    return {name: _checked(kind, name, given[name], standard[name]) for name in standard}


def _checked(kind: str, section: str, given: object, standard: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise TemplateError(section, "段落应为文字", "Expected paragraphs of text")
    texts = tuple(text.strip() for text in given if text.strip())
    if not 1 <= len(texts) <= MOST_PARAGRAPHS or any(len(text) > LONGEST_PARAGRAPH for text in texts):
        zh = f"每部分 1 至 {MOST_PARAGRAPHS} 段，每段不超过 {LONGEST_PARAGRAPH} 字"
        raise TemplateError(section, zh, f"Expected 1 to {MOST_PARAGRAPHS} paragraphs of {LONGEST_PARAGRAPH} at most")
    for text in texts:
        _check_text(kind, section, text)
    _check_kept(section, texts, standard)
    return texts


def _check_text(kind: str, section: str, text: str) -> None:
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in text):
        raise TemplateError(section, "含有不能打印的字符", "Expected characters that can be printed")
    rest = _PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        raise TemplateError(
            section, "花括号只用于占位符，如 {item}", "Expected braces around names of placeholders alone"
        )
    allowed = allowed_in(kind)
    for name in _PLACEHOLDER.findall(text):
        if name not in allowed:
            known = "、".join(f"{{{one}}}" for one in allowed)
            raise TemplateError(
                section, f"没有占位符 {{{name}}}，可用：{known}", f"Expected one of {known}, not {name}"
            )


def _check_kept(section: str, texts: Sequence[str], standard: Sequence[str]) -> None:
    asked = {name for text in standard for name in _PLACEHOLDER.findall(text)} & _NEVER_LEFT_OUT
    left_out = asked - {name for text in texts for name in _PLACEHOLDER.findall(text)}
    if left_out:
        names = "、".join(f"{{{one}}}（{PLACEHOLDERS[one][0]}）" for one in sorted(left_out))
        english = ", ".join(f"{{{one}}}" for one in sorted(left_out))
        raise TemplateError(section, f"不能缺少{names}", f"Expected the words to state {english}")
