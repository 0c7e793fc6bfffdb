"""One step of the catalogue as BPMN: its task or event, its clocks, and the supervisor's ruling on an act too early."""

from __future__ import annotations

from dataclasses import replace

from service.modelling.draft import timers
from service.modelling.draft.catalogue_reading import DraftError, Item, Step, StepTimer
from service.modelling.draft.sketch import Kind, Message, Node, Sketch, Timer, TooEarly
from service.modelling.draft.wording import Words, minimum_words, span_words

RED_ALARM = Words("红色报警", "Red alarm")
WARNINGS = {
    "blue": Words("蓝色预警", "Blue alarm"),
    "yellow": Words("黄色预警", "Yellow alarm"),
    "red": RED_ALARM,
    "reminder": Words("已提醒", "Reminded"),
}
MINIMUM_REACHED = Words("已满最短时限", "Minimum reached")
TOO_EARLY = Words("过早办结", "Completed too early")
RULING = Words("监察员处置", "Supervisor's ruling")
RULING_QUESTION = Words("如何处置？", "Which ruling?")
REDO = Words("重办", "Redo")
RELEASE = Words("认可", "Release")


def add_step(sketch: Sketch, item: Item, step: Step, scope: str | None, phase: int = 0) -> None:
    """The step's own element with its clocks; its flows are the caller's."""
    node = Node(step.id, _kind(step), step.name_zh, step.name_en, _properties(item, step), scope, phase=phase)
    sketch.add(replace(node, trigger=_trigger(step)))
    moving = item.timer_of(step.id)
    if step.limit is not None and _has_own_limit(step, moving):
        add_limit(sketch, step.id, timers.step_limit(step), span_words(step.limit))
    if step.min_duration is not None:
        _add_minimum(sketch, step.id, step.min_duration)


def _kind(step: Step) -> Kind:
    if step.kind == "wait":
        return Kind.CATCH if step.wait_for_timer else Kind.RECEIVE
    kinds = {"user": Kind.USER, "service": Kind.SERVICE}
    if step.kind not in kinds:
        raise DraftError(f"Expected {step.id} to be a user, service or wait step, but found {step.kind}")
    return kinds[step.kind]


def _trigger(step: Step) -> Timer | Message | None:
    if step.kind != "wait":
        return None
    # Rectification comes in as a correction does: one message for both (docs/architecture.md).
    return Timer(timers.wait(step)) if step.wait_for_timer else Message("correction")


def _has_own_limit(step: Step, moving: StepTimer | None) -> bool:
    """Waits carry their limit themselves: as their own timer, or as the timer that moves the case."""
    return step.kind != "wait" or (not step.wait_for_timer and not (moving and moving.interrupting))


def _properties(item: Item, step: Step) -> tuple[tuple[str, str], ...]:
    materials = [m for m in item.materials if m.needed_before == step.id and m.required]
    is_user = step.kind == "user"
    values = {
        "formKey": step.id if is_user else "",
        "post": "" if step.post == "system" else step.post,
        "operation": step.id if step.kind == "service" else "",
        "separationGroup": step.separation_group or "",
        "officers": str(step.officers) if step.officers > 1 else "",
        "requiredMaterials": "|".join(m.key for m in materials if m.provided_by != "system"),
        "producedMaterials": "|".join(m.key for m in materials if m.provided_by == "system"),
        "gate": " and ".join(step.gate),
        "printsDocument": _documents_printed(item, step),
        "stopsClock": "true" if step.stops_clock else "",
        "stopBasis": (step.stop_basis or "") if step.stops_clock else "",
        "sendBackTo": "|".join(step.send_back_to),
        "departmentFrom": step.department_from,
        "recordsDay": step.records_day,
        "personsFrom": step.persons_from,
    }
    return tuple((name, value) for name, value in values.items() if value)


def _documents_printed(item: Item, step: Step) -> str:
    """Only the step that hands a document to the printer is held by the fee gate."""
    return "|".join(item.documents.get(step.id, ())) if step.separation_group == "print" else ""


def add_limit(sketch: Sketch, step_id: str, expression: str, words: Words, passed: Words = RED_ALARM) -> None:
    """A limit that warns: it ends in an alarm and takes no work away."""
    timer = add_timer(sketch, step_id, f"{step_id}_limit", "step_limit", expression, words, "top-right")
    _add_small_end(sketch, timer, f"{step_id}_limit_passed", passed)


def add_case_limit(sketch: Sketch, scope: str, kind: str, expression: str, words: Words, slot: str) -> None:
    """The statutory or promised limit of a sub-process; `kind` is `statutory` or `promised`."""
    timer = add_timer(sketch, scope, f"{scope}_{kind}", f"{kind}_limit", expression, words, slot)
    _add_small_end(sketch, timer, f"{scope}_{kind}_passed", RED_ALARM)


def _add_minimum(sketch: Sketch, step_id: str, duration: str) -> None:
    words = minimum_words(duration)
    timer = add_timer(sketch, step_id, f"{step_id}_minimum", "minimum", f"'{duration}'", words, "bottom-left")
    _add_small_end(sketch, timer, f"{step_id}_minimum_reached", MINIMUM_REACHED)


def add_warning(
    sketch: Sketch, step_id: str, timer_id: str, role: str, expression: str, words: Words, slot: str
) -> None:
    """A timer that raises an alarm of the colour that its role names, and takes no work away."""
    timer = add_timer(sketch, step_id, timer_id, role, expression, words, slot)
    _add_small_end(sketch, timer, f"{timer_id}_passed", WARNINGS.get(role, RED_ALARM))


def add_move(sketch: Sketch, step_id: str, timer_id: str, row: StepTimer, slot: str, step: Step | None = None) -> str:
    """An interrupting timer that moves the case; the caller draws where to. It counts as the step's limit does."""
    if row.span is None:
        raise DraftError(f"Expected a length of time for the timer of {step_id}, but found none")
    expression = timers.call(row.span, step.limit_since if step else None)
    node = add_timer(sketch, step_id, timer_id, "move", expression, Words(row.name_zh, row.name_en), slot)
    sketch.nodes[node.id] = replace(node, interrupting=True)
    return node.id


def add_timer(sketch: Sketch, host: str, timer_id: str, role: str, expression: str, words: Words, slot: str) -> Node:
    """A non-interrupting boundary timer; an expression in quotes is a duration."""
    return sketch.add(
        Node(
            timer_id,
            Kind.BOUNDARY,
            *words,
            (("role", role),),
            sketch.nodes[host].scope,
            attached_to=host,
            interrupting=False,
            trigger=Timer(expression, is_duration=expression.startswith("'")),
            phase=sketch.nodes[host].phase,
            slot=slot,
        )
    )


def _add_small_end(sketch: Sketch, timer: Node, end_id: str, words: Words) -> None:
    sketch.add(Node(end_id, Kind.END, *words, scope=timer.scope, phase=timer.phase, slot="stub"))
    sketch.connect(timer.id, end_id)


def add_ruling(sketch: Sketch, step: Step, release_to: str) -> None:
    """The way out of an act too early: the level-1 supervisor has it redone, or releases it into `release_to`."""
    too_early, ruling, gateway = f"{step.id}_too_early", f"{step.id}_ruling", f"{step.id}_ruling_gateway"
    scope, phase = sketch.nodes[step.id].scope, sketch.nodes[step.id].phase
    boundary = Node(too_early, Kind.BOUNDARY, *TOO_EARLY, (("role", "too_early"),), scope, attached_to=step.id)
    sketch.add(replace(boundary, trigger=TooEarly(), phase=phase, slot="bottom-right"))
    properties = {"formKey": "halt_ruling", "post": "sup1", "separationGroup": "supervise", "halts": "case"}
    if step.department_from:  # The supervisor of the department that has acted.
        properties["departmentFrom"] = step.department_from
    sketch.add(Node(ruling, Kind.USER, *RULING, tuple(properties.items()), scope, phase=phase))
    sketch.add(Node(gateway, Kind.EXCLUSIVE, *RULING_QUESTION, scope=scope, phase=phase))
    sketch.connect(too_early, ruling)
    sketch.connect(ruling, gateway)
    sketch.connect(gateway, release_to, name=RELEASE.zh, name_en=RELEASE.en, condition="halt_ruling == 'release'")
    sketch.connect(gateway, step.id, name=REDO.zh, name_en=REDO.en, is_default=True)
