"""What the parts of a document are called where their words are edited and approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.web.pages import words
from service.web.pages.words import N_

_SECTIONS = {"opening": N_("正文（表格之前）"), "closing": N_("正文（表格之后）")}
_VARIANTS = {
    "deemed": N_("视为受理"),
    "not_competent": N_("不属于职权范围"),
    "not_needed": N_("不需要取得许可"),
    "extension": N_("延期"),
    "open": N_("期限尚不能确定"),
    "revoke": N_("撤销"),
    "cancel": N_("注销"),
    "correct": N_("更正换发"),
}


def section_word(name: str) -> str:
    """What the editor calls a part of a document."""
    part, _, variant = name.partition("_")
    word = words.word(_SECTIONS, part)
    return f"{word} · {words.word(_VARIANTS, variant)}" if variant else word


def section_texts(kept: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a version in words; empty for what goes back to the built-in ones."""
    sections = kept.get("sections") or {}
    return {section_word(name): " ¶ ".join(texts) for name, texts in sections.items()}
