"""Which of a case's papers a step that waits for somebody outside asks him for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from service.catalogue.item import PowerItem


class Asked(Protocol):
    """A material of the checklist."""

    @property
    def provided_by(self) -> str: ...
    @property
    def needed_before_step(self) -> str: ...


One = TypeVar("One", bound=Asked)


def asked_at_wait(item: PowerItem | None, wait_id: str, missing: Iterable[One]) -> list[One]:
    """Those that the one who is waited for brings: not the office's own, nor what a later step of his asks for itself.

    Without a row of the catalogue for the wait, all of them.
    """
    steps = {row["id"]: row for row in (item.content.get("steps") or ())} if item is not None else {}
    wait = steps.get(wait_id)
    if wait is None:
        return list(missing)
    own = [one for one in missing if one.provided_by == wait["post"]]
    between = _before_own_step(wait, steps)
    return own if between is None else [one for one in own if one.needed_before_step in between]


def _before_own_step(wait: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]) -> frozenset[str] | None:
    """The steps from the wait up to the next one of the same person's; None where the way branches before it."""
    passed = [str(wait["id"])]
    step = steps.get(str(wait.get("next")))
    while step is not None and step["id"] not in passed:
        if step["post"] == wait["post"]:
            return frozenset(passed)
        passed.append(str(step["id"]))
        step = steps.get(str(step.get("next")))
    return None
