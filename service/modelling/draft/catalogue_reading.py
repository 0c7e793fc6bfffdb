"""Rows of the catalogue (`items.yaml`) as frozen values: what a diagram is drawn from, and nothing else of the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service.errors import MingjingError
from service.expressions import ExpressionError, compile_expression

# What a limit counts from, as the catalogue says it, and the recorded day of that name.
_SINCE = {
    "decision": "decided_on",
    "service of the decision": "served_on",
    "inspect done": "inspected_on",
    "taking the money": "collected_on",
    "hand-over to the organ": "handed_over_on",
}


class DraftError(MingjingError):
    """A catalogue row from which no diagram can be drawn."""

    code = "invalid_diagram"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `unit` is working_days, natural_days, office_hours, hours or minutes."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class WaitRow:
    """How long a timed wait lasts when `condition` holds."""

    condition: str
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    name_zh: str
    name_en: str
    post: str
    kind: str
    next: str
    separation_group: str | None
    min_duration: str | None
    limit: Span | None
    limit_when: tuple[WaitRow, ...]
    limit_since: str | None
    stops_clock: bool
    stop_basis: str | None
    officers: int
    send_back_to: tuple[str, ...]
    gate: tuple[str, ...]
    wait_for_timer: bool
    wait_when: tuple[WaitRow, ...]
    department_from: str = ""
    records_day: str = ""
    persons_from: str = ""

    @property
    def halts_when_too_early(self) -> bool:
        """Field work, expert steps and hearings cannot be instant; elsewhere too early is a yellow alarm only."""
        return self.min_duration is not None and self.separation_group in ("investigate", "hearing")


@dataclass(frozen=True, slots=True)
class Branch:
    after: str
    to: str
    when_zh: str
    when_en: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class StepTimer:
    """A timer row: what happens when a step's time has run out; `interrupting` ones move the case to `to`.

    `span` is None where the row says its time in words; who draws such a row knows its expression. `to` is empty
    where the case goes on by the branches of the step.
    """

    step: str
    name_zh: str
    name_en: str
    span: Span | None
    interrupting: bool
    to: str


@dataclass(frozen=True, slots=True)
class Parallel:
    fork_after: str
    branches: tuple[tuple[str, ...], ...]
    join_before: str


@dataclass(frozen=True, slots=True)
class End:
    id: str
    name_zh: str
    name_en: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Material:
    key: str
    needed_before: str
    provided_by: str
    required: bool


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """A limit of the whole case; `condition` chooses it, None always."""

    span: Span
    since: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """What a gateway's question needs to know of a form field."""

    label_zh: str
    label_en: str
    is_choice: bool


@dataclass(frozen=True)
class Item:
    """A power item as its diagram sees it. `steps` keep the catalogue's order, which is that of the usual path."""

    code: str
    name_zh: str
    name_en: str
    steps: tuple[Step, ...]
    branches: tuple[Branch, ...]
    timers: tuple[StepTimer, ...]
    parallels: tuple[Parallel, ...]
    ends: tuple[End, ...]
    materials: tuple[Material, ...]
    statutory: tuple[CaseLimit, ...]
    promised: tuple[CaseLimit, ...]
    variables: Mapping[str, str]
    fields: Mapping[str, Field]
    documents: Mapping[str, tuple[str, ...]]
    entries: tuple[Branch, ...] = ()
    """Where a case may begin beside the first step; `after` is `start`."""

    def step(self, step_id: str) -> Step:
        for step in self.steps:
            if step.id == step_id:
                return step
        raise DraftError(f"Expected a step {step_id} in {self.code}, but found none")

    def has_step(self, step_id: str) -> bool:
        return any(step.id == step_id for step in self.steps)

    def position(self, step_id: str) -> int:
        return [step.id for step in self.steps].index(step_id)

    def branches_after(self, step_id: str) -> tuple[Branch, ...]:
        return tuple(branch for branch in self.branches if branch.after == step_id)

    def timer_of(self, step_id: str) -> StepTimer | None:
        return next((timer for timer in self.timers if timer.step == step_id), None)


def catalogue_rows(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of a catalogue file, in its order."""
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8"))["items"])


def read_item(row: Mapping[str, Any]) -> Item:
    """One row of the catalogue, as YAML gives it. Raises DraftError naming the item."""
    try:
        return _item(row)
    except (KeyError, TypeError, ValueError) as error:
        raise DraftError(f"Expected a complete catalogue row, but {row.get('code')} fails at {error!r}") from error


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        steps=tuple(_step(step) for step in row["steps"]),
        branches=tuple(_branch(branch) for branch in row.get("branches") or ()),
        timers=tuple(_timer(timer) for timer in row.get("timers") or ()),
        parallels=tuple(_parallel(parallel) for parallel in row.get("parallels") or ()),
        ends=tuple(End(end["id"], end["name_zh"], end["name_en"], end["outcome"]) for end in row["ends"]),
        materials=tuple(_material(material) for material in row.get("materials") or ()),
        statutory=_case_limits(row["limits"], "statutory"),
        promised=_case_limits(row["limits"], "promised"),
        variables=_derived_variables(row.get("variables") or {}),
        fields=_fields(row.get("forms") or {}),
        documents=_printed_documents(row.get("documents") or ()),
        entries=tuple(_branch({**entry, "after": "start", "default": False}) for entry in row.get("entries") or ()),
    )


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        id=row["id"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        post=row["post"],
        kind=row["kind"],
        next=row["next"],
        separation_group=row["separation_group"],
        min_duration=row["min_duration"],
        limit=_span(row["limit"]),
        limit_when=tuple(_wait_row(wait) for wait in row.get("limit_when") or ()),
        limit_since=_SINCE.get(row.get("limit_counts_from", "")),
        stops_clock=row["stops_clock"],
        stop_basis=row.get("stop_basis"),
        officers=row.get("officers", 1),
        send_back_to=tuple(row.get("send_back_to") or ()),
        gate=tuple(row.get("gate") or ()),
        wait_for_timer=row.get("wait_for") == "timer",
        wait_when=tuple(_wait_row(wait) for wait in row.get("wait_when") or ()),
        department_from=row.get("department_from", ""),
        records_day=row.get("records_day", ""),
        persons_from=row.get("persons_from", ""),
    )


def _wait_row(row: Mapping[str, Any]) -> WaitRow:
    return WaitRow(row["condition"], Span(row["value"], row["unit"]))


def _span(row: Mapping[str, Any] | None) -> Span | None:
    return None if row is None else Span(row["value"], row["unit"])


def _branch(row: Mapping[str, Any]) -> Branch:
    return Branch(row["after"], row["to"], row["when_zh"], row["when_en"], None if row["default"] else row["condition"])


def _timer(row: Mapping[str, Any]) -> StepTimer:
    value, _, unit = row["at"].partition(" ")
    span = Span(int(value), unit) if value.isdigit() and " " not in unit else None
    return StepTimer(row["step"], row["name_zh"], row["name_en"], span, row["interrupting"], row["to"] or "")


def _parallel(row: Mapping[str, Any]) -> Parallel:
    return Parallel(row["fork_after"], tuple(tuple(branch) for branch in row["branches"]), row["join_before"])


def _material(row: Mapping[str, Any]) -> Material:
    return Material(row["key"], row["needed_before_step"], row["provided_by"], row["required"])


def _case_limits(limits: Mapping[str, Any], kind: str) -> tuple[CaseLimit, ...]:
    """The limit and its conditional sibling (`statutory`, `statutory_other`); receipt precedes acceptance."""
    rows = [limits[key] for key in (kind, f"{kind}_other") if limits.get(key) and limits[key].get("value")]
    return tuple(
        CaseLimit(
            span=Span(row["value"], row["unit"]),
            since="received_on" if row["counts_from"].startswith("receipt") else "accepted_on",
            condition=row.get("condition"),
        )
        for row in rows
    )


def _derived_variables(rows: Mapping[str, str]) -> Mapping[str, str]:
    """Variables that are expressions over answers; all others are facts that the service answers, not drawn."""
    derived = {}
    for name, meaning in rows.items():
        source = meaning.removeprefix("service: ")
        if source != meaning and _is_expression(source):
            derived[name] = source
    return derived


def _is_expression(source: str) -> bool:
    try:
        compile_expression(source)
    except ExpressionError:
        return False
    return True


def _fields(forms: Mapping[str, Any]) -> Mapping[str, Field]:
    return {
        field["key"]: Field(field["label_zh"], field["label_en"], field["type"] in ("radio", "select"))
        for form in forms.values()
        for field in form
    }


def _printed_documents(rows: Any) -> Mapping[str, tuple[str, ...]]:
    """Document keys by the step that makes them."""
    made: dict[str, tuple[str, ...]] = {}
    for row in rows:
        made[row["made_at_step"]] = (*made.get(row["made_at_step"], ()), row["key"])
    return made
