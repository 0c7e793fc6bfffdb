"""An act that came from the terminal of one that separation keeps apart from it is held until level 1 has ruled.

No diagram draws this halt. The case stands still with what was handed in (`HELD` in the state's memory); the ruling
lets the act count, or voids it: then whoever has the task does it anew, at a terminal of his own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from service.cases.happened import TerminalShared
from service.commands.act import CaseAct
from service.commands.writing import settle
from service.engine import HELD
from service.errors import Refused
from service.people.queries import person_names
from service.user_tasks.terminals import Seat, too_close, window

CODE = "terminal_shared"


class ActHeld(Refused):
    """An act that counts for separation and is held. It changes nothing but that the case stands still: `hold`."""

    def __init__(self, act: CaseAct, earlier: Seat, group: str) -> None:
        super().__init__(
            CODE,
            "五分钟内另一账号已在本终端办理了与此互斥的环节：本次操作未生效，办件中止，等一级监察员处置",
            "Expected a terminal of one's own: another account has just done a step here that excludes this one. "
            "The act does not count; the case is halted until the level-1 supervisor has ruled",
        )
        self._act, self._earlier, self._group = act, earlier, group

    def hold(self) -> list[dict[str, Any]]:
        """Write the halt, in the transaction of the act; the alarms raised."""
        act = self._act
        return hold(fresh(act), self._earlier, self._group, getattr(act.row, "task_element_id", None) or "", {})


def require_own_terminal(act: CaseAct, group: str | None) -> None:
    """Raises ActHeld where the act would be the second of two that are kept apart, at one terminal."""
    earlier = shared(act, group)
    if earlier is not None and group is not None:
        raise ActHeld(act, earlier, group)


def shared(act: CaseAct, group: str | None) -> Seat | None:
    """The earlier act that this one is too close to."""
    seat = act.seat(group) if group is not None else None
    return too_close(act.seats, seat, window(act.row.presence)) if seat is not None else None


def fresh(act: CaseAct) -> CaseAct:
    """The same act before it has done anything."""
    begun = CaseAct(act.connection, act.services, act.row, act.now, act.actor)
    begun.holding = act.holding
    begun.load()
    return begun


def hold(act: CaseAct, earlier: Seat, group: str, element_id: str, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The case stands still; `kept` is what a release does then. The alarms raised."""
    fact = _fact(act, earlier, group, element_id)
    both = [earlier.person_id, fact.person_id]
    act.run.memory[HELD] = {"key": fact.key, "element": element_id, "both": both, **kept}
    act.record(
        "act_held",
        element_id or None,
        group=group,
        earlier_group=earlier.group,
        earlier_person=earlier.person_id,
        earlier_person_name=fact.earlier_person_name,
        seconds=int((act.now - earlier.at).total_seconds()),
        answers=kept.get("digest"),
    )
    act.happened.append(fact)
    return settle(act, act.run.outcome())


def _fact(act: CaseAct, earlier: Seat, group: str, element_id: str) -> TerminalShared:
    actor, element = act.actor, act.bundle.model.find(element_id)
    assert actor is not None and actor.presence is not None  # noqa: S101 - a seat is somebody's
    names = person_names(act.connection, {earlier.person_id})
    return TerminalShared(
        uuid.uuid4().hex,
        element_id,
        element.name_zh if element is not None else act.row.number,
        element.name_en if element is not None else act.row.number,
        group,
        actor.person_id,
        actor.name,
        act.now,
        earlier.group,
        earlier.person_id,
        names.get(earlier.person_id, "—"),
        earlier.at,
        earlier.terminal,
        actor.presence.address or "",
    )
