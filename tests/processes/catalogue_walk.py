"""What the catalogue alone says a case does: tokens on steps, moved by `next`, `branches` and `parallels`.

Held against the diagrams in `test_diagrams_run.py`; it knows nothing of BPMN nor of the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Holds = Callable[[str], bool]
CATALOGUE = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
PROCESS_KEYS = {
    "LJ-YJ-XK-001": "hazardous_chemicals_licence",
    "LJ-MZ-XK-001": "social_organisation_registration",
    "LJ-HB-XK-001": "environmental_impact_approval",
    "LJ-ZR-QR-001": "real_estate_transfer",
    "LJ-SG-XK-001": "food_business_licence",
    "LJ-WJ-XK-001": "medical_institution_registration",
}
"""The items that run like an application."""
PLANNED_KEYS = {
    "LJ-MZ-JF-001": "temporary_relief",
    "LJ-ZJ-ZS-001": "road_excavation_levy",
    "LJ-RX-EX-001": "hotline_order",
    "LJ-SG-JC-001": "market_inspection",
    "LJ-FG-EX-002": "project_milestones",
    "LJ-CG-CF-001": "street_occupation_penalty",
    "LJ-CG-CF-002": "spot_penalty",
}
"""Those of another shape, each with a plan of its own."""


def load_items(keys: Mapping[str, str] = PROCESS_KEYS) -> dict[str, Mapping[str, Any]]:
    """Rows of the items that are drawn, by process key."""
    rows = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["items"]
    return {keys[row["code"]]: row for row in rows if row["code"] in keys}


class CatalogueWalk:
    """Where a case stands by the catalogue. `holds` evaluates a condition over the case's variables."""

    def __init__(self, item: Mapping[str, Any], holds: Holds) -> None:
        self.item = item
        self.holds = holds
        self.steps = {step["id"]: step for step in item["steps"]}
        entries = [row["to"] for row in item.get("entries") or () if holds(row["condition"])]
        self.tokens = [*entries, item["steps"][0]["id"]][:1]
        self.at_join: list[str] = []
        self.end: str | None = None
        self.rows_taken: list[tuple[str, str]] = []

    def open(self) -> list[str]:
        return sorted(self.tokens)

    def complete(self, step_id: str) -> None:
        """A step is done; services that follow run at once."""
        self.tokens.remove(step_id)
        self._leave(step_id)

    def move(self, step_id: str) -> None:
        """The interrupting timer of a step moves the case."""
        row = next(timer for timer in self.item["timers"] if timer["step"] == step_id and timer["interrupting"])
        self.tokens.remove(step_id)
        if row["to"] is None:
            self._enter(self._choose(step_id), step_id)
        else:
            self._enter(row["to"], step_id)

    def _leave(self, step_id: str) -> None:
        following = self.steps[step_id]["next"]
        if following == "branches":
            following = self._choose(step_id)
        if following == "parallel":
            fork = next(row for row in self.item["parallels"] if row["fork_after"] == step_id)
            for branch in fork["branches"]:
                self._enter(branch[0], step_id)
        else:
            self._enter(following, step_id)

    def _choose(self, step_id: str) -> str:
        rows = [row for row in self.item["branches"] if row["after"] == step_id]
        chosen = next((row for row in rows if row["condition"] and self.holds(row["condition"])), None)
        chosen = chosen or next(row for row in rows if row["default"])
        self.rows_taken.append((step_id, chosen["when_zh"]))
        return str(chosen["to"])

    def _enter(self, target: str, origin: str) -> None:
        if target.startswith("end_"):
            self.end = target
        elif target.startswith("join:"):
            self._join(target.removeprefix("join:"), origin)
        elif self.steps[target]["kind"] == "service":
            self._leave(target)
        else:
            self.tokens.append(target)

    def _join(self, target: str, origin: str) -> None:
        self.at_join.append(origin)
        row = next(row for row in self.item["parallels"] if row["join_before"] == target)
        if sorted(self.at_join) == sorted(branch[-1] for branch in row["branches"]):
            self.at_join.clear()
            self.tokens.append(target)
