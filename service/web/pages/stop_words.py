"""Grounds on which a clock stops, as the reader's language writes them, and those that a suspension may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from service.catalogue.item import PowerItem
from service.catalogue.suspension import LICENSING_45, grounds_of
from service.web.pages import words

_ON_SITE: Final = (
    "实施办法: time for on-site verification not counted (article to be checked by counsel); "
    "written notice 特别程序告知书"
)
# The catalogue and the diagrams note their grounds in English; events that stand in the history keep them so.
STOP_GROUNDS: Final[Mapping[str, str]] = {
    "before acceptance: the decision clock has not started (行政许可法 Art. 32)": "受理之前，办理时限尚未起算"
    "（《中华人民共和国行政许可法》第三十二条）",
    "after the decision: no limit of the office runs": "决定作出之后，机关的办理时限不再计算",
    "applicant's turn": "由申请人办理的时间，不计入办理时限",
    "applicant's turn: decision already made": "决定已作出，由申请人办理的时间不计入办理时限",
    "publicity not counted: to be checked by counsel": "公示时间不计入办理时限（依据待法制审核）",
    _ON_SITE: "现场核查时间不计入办理时限（实施办法，条款待法制审核），以《特别程序告知书》书面告知",
    "行政许可法 Art. 45, told in writing": f"{LICENSING_45.zh}，已书面告知",
    "行政许可法 Art. 45, told in writing again": f"{LICENSING_45.zh}，已再次书面告知",
    "行政许可法 Art. 45; 条例 Art. 9: the bureau pays": f"{LICENSING_45.zh}，条例第九条：费用由本机关承担",
}
# A note of another diagram, older or of the county's own, of which the Chinese page keeps the law.
_IN_ENGLISH: Final = re.compile("[A-Za-z]{2,}")


def stop_ground(source: str | None) -> str:
    """What a diagram notes, in words of the page's language; what a person cited, as it was written."""
    if not source or words.in_english():
        return source or ""
    found = STOP_GROUNDS.get(source)
    if found is not None or not _IN_ENGLISH.search(source):
        return found or source
    return words.law_words(source) or source


def suspension_choices(item: PowerItem | None) -> list[tuple[str, str]]:
    """(key, words) of the grounds on which a case of the item may be suspended, beside `other`."""
    return [(one.key, (one.zh, one.en)[words.in_english()]) for one in grounds_of(item.category if item else None)]
