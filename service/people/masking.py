"""Masks of personal data for those who need not see it (DOMAIN: 9; 个人信息保护法 Art. 28, 34, 51). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Two-character family names of the county's register; after them a name keeps both (欧阳建国 is 欧阳**).
_DOUBLE_NAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 轩辕 端木 百里 东郭 南宫 独孤 淳于 "
    "单于 太史 申屠 公羊 澹台 濮阳 呼延 闻人 钟离 赫连 宗政 万俟 拓跋 西门 "
    "第五 左丘 梁丘 公冶 仲孙 鲜于 闾丘 亓官".split()
)
# Up to and with the township, sub-district or, where none is named, the county.
_PLACE = "[^省市县区镇乡路街号]{1,8}"
_TOWNSHIP = re.compile(
    f"(?:{_PLACE}(?:省|自治区))?(?:{_PLACE}市)?(?:{_PLACE}(?:县|区|旗|市))?(?:[^省市县区镇乡路街号]{{1,10}}(?:街道|镇|乡|苏木))?"
)


def mask_name(name: str) -> str:
    """张伟 is 张*, 欧阳建国 is 欧阳**; a foreign name keeps its first letter."""
    kept = 2 if name[:2] in _DOUBLE_NAMES and len(name) > 2 else 1
    return name[:kept] + "*" * max(len(name) - kept, 1) if name else ""


def mask_penalised(name: str) -> str:
    """张伟 is 张某, 欧阳建国 is 欧阳某: how a decision on a penalty names a person to the public, whatever his name's
    length; of a foreign name the first letter stays."""
    kept = 2 if name[:2] in _DOUBLE_NAMES and len(name) > 2 else 1
    return name[:kept] + "某" if name else ""


def mask_party(name: str, applicant: Mapping[str, Any], *, penalised: bool = False) -> str:
    """An organisation, which has a credit code and no ID number, is shown in full; a person is not."""
    if applicant.get("credit_code") and not applicant.get("id_number"):
        return name
    return mask_penalised(name) if penalised else mask_name(name)


def mask_id_number(number: str) -> str:
    """329901198506072015 is 329901********2015; what is no ID number shows its first two characters alone."""
    return f"{number[:6]}********{number[-4:]}" if len(number) == 18 else number[:2] + "*" * max(len(number) - 2, 4)


def mask_mobile(number: str) -> str:
    """13800138001 is 138****8001."""
    return f"{number[:3]}****{number[-4:]}" if len(number) == 11 else "*" * max(len(number), 4)


def mask_address(address: str) -> str:
    """Down to the township, or to the county where none is named; a number in a street is never shown."""
    found = _TOWNSHIP.match(address)
    shown = found[0] if found else ""
    return shown + "****"


def mask_account(number: str) -> str:
    """The last four characters of a bank account."""
    return "*" * max(len(number) - 4, 4) + number[-4:]
