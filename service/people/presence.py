"""How surely the person at the keyboard is the one signed in (本人操作), and which acts want to be sure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.errors import Refused

# The county's own choice stands in the setting of this name: {"second_step": [kinds of acts]}.
PRESENCE = "presence"
# A supervisor's ruling on a halt is the one act of its group that asks by default.
HALT_RULING = "halt_ruling"
# Kinds of acts that ask for the second step where the county has chosen nothing.
# Beside groups of steps: ways to move a case, by their names in the table of moves.
DEFAULT_MOVES = frozenset({"send_back", "take_back", "terminate", "extend", "suspend"})
DEFAULT_KINDS = frozenset({"review", "approve", "decide", "legal", "print", HALT_RULING}) | DEFAULT_MOVES


@dataclass(frozen=True, slots=True)
class Presence:
    """What a shell knows of who sits there. `second_step`: the session's second step is open now.

    `terminal` is the id of the browser or program that signed in, `address` where it called from.
    """

    second_step: bool
    terminal: str | None = None
    address: str | None = None


def kind_of_act(group: str | None, *, halts: bool) -> str | None:
    """The kind under which the county chooses: the group of the step, but for rulings on halts."""
    return HALT_RULING if halts else group


def require_presence(presence: Presence | None, kind: str | None, chosen: Mapping[str, Any] | None) -> None:
    """The second step is open where this kind of act asks for it. Raises Refused second_factor_required.

    `presence` is None for acts of the installation itself: nobody sits there.
    """
    if presence is None or presence.second_step or kind not in asking_kinds(chosen):
        return
    raise Refused(
        "second_factor_required",
        "这一步须本人操作：请输入动态口令",
        "Expected the second step of the sign-in: this act asks for a code of the authenticator",
    )


def asking_kinds(chosen: Mapping[str, Any] | None) -> frozenset[str]:
    """The kinds of acts that ask, as the county has chosen."""
    return frozenset(chosen["second_step"]) if chosen and "second_step" in chosen else DEFAULT_KINDS
