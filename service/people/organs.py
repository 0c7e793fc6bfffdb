"""How papers name the county's organs: in full, with the county before what the catalogue calls 县……局."""

from __future__ import annotations

from typing import Final

COUNTY: Final = "临江"
COUNTY_EN: Final = "Linjiang County"


def organ_in_full(name: str) -> str:
    """A department's name as papers say it: 临江县应急管理局."""
    return f"{COUNTY}{name}" if name.startswith("县") else name
