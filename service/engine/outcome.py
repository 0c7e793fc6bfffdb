"""What a run did, as frozen values. No engine object leaves the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.engine.model import Element

# Roles of timers that warn and never move the token.
CASE_LIMIT_ROLES = frozenset({"statutory_limit", "promised_limit"})
LIMIT_ROLES = CASE_LIMIT_ROLES | {"step_limit"}


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """An armed timer. `step` is the element whose time it measures; `scope_task_id` the token that it guards."""

    id: str
    element: Element
    step: Element
    scope_task_id: str
    due_at: datetime
    counted_from: datetime
    limit_value: int | None
    limit_unit: str | None

    @property
    def role(self) -> str:
        return self.element.role


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """A limit of a scope, running (`due_at`) or paused (`remaining`, the plain values it was paused with)."""

    timer_id: str
    role: str
    due_at: datetime | None
    remaining: dict[str, Any] | None
    counted_from: datetime
    limit_value: int
    limit_unit: str


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that a token has entered and not left: a user task, a wait for a message or an instant, a scope."""

    id: str
    element: Element
    earliest_at: datetime | None = None
    due_at: datetime | None = None
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that the engine did by itself: `operation`, `timer`, `ended`, `passed`."""

    kind: str
    element: Element


@dataclass(frozen=True, slots=True)
class Outcome:
    """The difference between before and after, in order; `tasks_left` are the user tasks in `left`.

    `elements_left` names the step of each of those.
    """

    entered: tuple[OpenStep, ...]
    left: tuple[str, ...]
    tasks_left: tuple[str, ...]
    armed: tuple[ArmedTimer, ...]
    disarmed: tuple[str, ...]
    happenings: tuple[Happening, ...]
    halted: bool
    completed: bool
    ended_with: str | None
    elements_left: Mapping[str, str] = field(default_factory=dict)

    @property
    def elements_entered(self) -> tuple[Element, ...]:
        """Every element that a token reached: those that ran at once, then those that are open."""
        return tuple(h.element for h in self.happenings) + tuple(s.element for s in self.entered)
