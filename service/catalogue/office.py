"""Materials of cases that the office opens about its own papers: they follow no item of the catalogue. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.catalogue.item import Material, PowerItem

CERTIFICATE_CHANGE: Final = "certificate_change"
FEE_REDUCTION: Final = "fee_reduction"
FEE_REFUND: Final = "fee_refund"
_NONE: Final[Mapping[str, Material]] = MappingProxyType({})


def _paper(key: str, name_zh: str, name_en: str, step: str, basis: str, *, required: bool = True) -> Material:
    return Material(
        key=key,
        name_zh=name_zh,
        name_en=name_en,
        kind="copy",
        provided_by="organ",
        required=required,
        needed_before_step=step,
        min_files=1,
        when=None,
        source=None,
        basis=basis,
        also_accepts=frozenset(),
    )


_LISTS: Final[Mapping[str, Mapping[str, Material]]] = MappingProxyType(
    {
        CERTIFICATE_CHANGE: MappingProxyType(
            {
                "change_paper": _paper(
                    "change_paper",
                    "变动依据材料",
                    "Paper that the change stands on",
                    "decide",
                    "《中华人民共和国行政许可法》第六十九条、第七十条",
                ),
                "other_paper": _paper("other_paper", "其他材料", "Other papers", "serve", "", required=False),
            }
        ),
        FEE_REDUCTION: MappingProxyType(
            {"fee_paper": _paper("fee_paper", "减免依据材料", "Proof for the reduction", "decide", "")}
        ),
        FEE_REFUND: MappingProxyType(
            {"fee_paper": _paper("fee_paper", "退付依据材料", "Proof for the refund", "decide", "")}
        ),
    }
)


def materials_of(item: PowerItem | None, definition_key: str) -> Mapping[str, Material]:
    """The checklist of a case: its item's, or that of its diagram where it follows no item."""
    return item.materials if item is not None else _LISTS.get(definition_key, _NONE)
