"""Which cases may be linked (关联) or handled together behind a leading one (并案). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import Refused

KINDS: Mapping[str, tuple[str, str]] = {
    "related": ("关联", "Related"),
    "merged": ("并案", "Handled together"),
}


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Of the case at hand and the other: whether each leads or follows a third in links that stand."""

    same_item: bool
    linked_already: bool
    follows: bool
    leads: bool
    other_follows: bool


def require_linkable(kind: str, facts: LinkFacts) -> None:
    """One link between two cases; a leading case follows none, so that everybody finds it. Raises move_refused."""
    if facts.linked_already:
        raise _refused("两件已经关联", "Expected cases that are not linked yet")
    if kind != "merged":
        return
    if not facts.same_item:
        raise _refused("只有同一事项的办件可以并案", "Expected cases of one power item")
    if facts.follows or facts.leads:
        raise _refused("本件已与他件并案", "Expected a case that is not handled together with another")
    if facts.other_follows:
        raise _refused("该件已并入他件，请填写牵头办件的编号", "Expected a leading case, but it follows another")


def _refused(zh: str, en: str) -> Refused:
    return Refused("move_refused", zh, en)
