"""How papers name the county's organs: in full, with the county before what the catalogue calls 县……局."""

from __future__ import annotations

import re
from typing import Final

COUNTY: Final = "临江"
COUNTY_EN: Final = "Linjiang County"


def organ_in_full(name: str) -> str:
    """A department's name as papers say it: 临江县应急管理局."""
    return f"{COUNTY}{name}" if name.startswith("县") else name


# What the catalogue's English name leaves to the Chinese one: 县应急管理局, Emergency Management.
_KINDS: Final = {"局": "Bureau", "委员会": "Commission", "办公室": "Office"}
_NAMED_ALREADY: Final = re.compile(r"(?i)\b(bureau|commission|committee|office|centre|center|station|team|government)$")
_REMARK: Final = re.compile(r"\s*\([^()]*\)")


def organ_in_english(name_zh: str, name_en: str) -> str:
    """The same on courtesy translations: the Emergency Management Bureau of Linjiang County, without its remarks."""
    name = _REMARK.sub("", name_en).strip()
    kind = next((said for ending, said in _KINDS.items() if name_zh.endswith(ending)), "")
    named = name if not kind or _NAMED_ALREADY.search(name) else f"{name} {kind}"
    return f"{named} of {COUNTY_EN}" if name_zh.startswith("县") else named
