"""A licence or a registration: application, check, acceptance, handling, decision, publication, printing, delivery."""

from __future__ import annotations

from collections.abc import Iterator

from service.modelling.draft import timers
from service.modelling.draft.catalogue_reading import Branch, DraftError, Item, Step
from service.modelling.draft.handling import (
    ACCEPTANCE,
    DECISION,
    HANDLING,
    Handling,
    add_handling,
    read_handling,
)
from service.modelling.draft.sketch import Kind, Node, Sketch
from service.modelling.draft.steps import RED_ALARM, add_limit, add_move, add_step
from service.modelling.draft.wording import Words, question, span_words

CHECK = "formal_check"
DEEMED = "deem_acceptance"
CHECK_GATEWAY = "formal_check_gateway"
DECIDED = "handling_gateway"
INTAKE, CORE, OUTCOME = 0, 1, 2
"""The three rows of the page: up to acceptance, the sub-process, after the decision."""

# Steps that stand in shared processes, with the call activity that runs them.
CALLS = {
    "await_correction": ("correction", Words("补正", "Correction")),
    "payment_notice": ("payment", Words("缴费", "Payment")),
    "await_payment": ("payment", Words("缴费", "Payment")),
    "deliver": ("delivery", Words("送达", "Delivery")),
}
REQUIRED_STEPS = ("apply", CHECK, "await_correction", ACCEPTANCE, DECISION, "publish", "serve_refusal", "deliver")
REQUIRED_ENDS = ("end_not_accepted", "end_withdrawn", "end_granted", "end_refused")
MOVED_STEPS = (CHECK, "await_correction")


def draft_application(item: Item, key: str) -> Sketch:
    """The diagram of an item that begins with an application; `key` is the process id."""
    missing = list(_missing(item))
    if missing:
        raise DraftError(f"Expected {item.code} to run like an application, but it has no {', no '.join(missing)}")
    derived = tuple((f"variable:{name}", source) for name, source in item.variables.items())
    sketch = Sketch(key, item.name_zh, item.name_en, derived)
    handling = read_handling(item)
    _add_intake(sketch, item)
    add_handling(sketch, item, handling, CORE)
    _add_outcome(sketch, item, handling)
    _connect_intake(sketch, item)
    _connect_outcome(sketch, item, handling)
    return sketch


def _missing(item: Item) -> Iterator[str]:
    """What a row lacks of the skeleton that every application shares."""
    yield from (step_id for step_id in REQUIRED_STEPS if not item.has_step(step_id))
    yield from (end_id for end_id in REQUIRED_ENDS if end_id not in {end.id for end in item.ends})
    moved = {timer.step for timer in item.timers if timer.interrupting}
    yield from (f"timer that moves the case on from {step_id}" for step_id in MOVED_STEPS if step_id not in moved)
    if not item.branches_after(CHECK):
        yield f"branches after {CHECK}"
    if len(item.branches_after(DECISION)) < 2:
        yield f"grant and refusal after {DECISION}"


# Up to acceptance ----------------------------------------------------------------------------------------------------


def _add_intake(sketch: Sketch, item: Item) -> None:
    sketch.add(Node("start", Kind.START, "收到申请", "Application received", phase=INTAKE))
    add_step(sketch, item, item.step("apply"), None, INTAKE)
    add_step(sketch, item, item.step(CHECK), None, INTAKE)
    sketch.add(Node(CHECK_GATEWAY, Kind.EXCLUSIVE, *question(item, item.branches_after(CHECK)), phase=INTAKE))
    _add_call(sketch, item, item.step("await_correction"), INTAKE)
    words = Words("视为受理", "Deemed accepted")
    sketch.add(Node(DEEMED, Kind.SERVICE, *words, (("operation", DEEMED),), phase=INTAKE))
    add_step(sketch, item, item.step(ACCEPTANCE), None, INTAKE)
    for end_id in ("end_not_accepted", "end_withdrawn"):
        _add_end(sketch, item, end_id, INTAKE)


def _add_end(sketch: Sketch, item: Item, end_id: str, phase: int) -> None:
    end = next(end for end in item.ends if end.id == end_id)
    sketch.add(Node(end.id, Kind.END, end.name_zh, end.name_en, (("outcome", end.outcome),), phase=phase))


def _add_call(sketch: Sketch, item: Item, step: Step, phase: int) -> None:
    """A shared process; the limit of the step inside stands here, on the call."""
    called, words = CALLS[step.id]
    sketch.add(Node(called, Kind.CALL, *words, phase=phase, called=called))
    timer = item.timer_of(step.id)
    if step.limit is not None and not (timer and timer.interrupting):
        passed = Words(timer.name_zh, timer.name_en) if timer else RED_ALARM
        add_limit(sketch, called, timers.step_limit(step), span_words(step.limit), passed)


def _connect_intake(sketch: Sketch, item: Item) -> None:
    for source, target in (("start", "apply"), ("apply", CHECK), (CHECK, CHECK_GATEWAY), ("correction", CHECK)):
        sketch.connect(source, target)
    for branch in item.branches_after(CHECK):
        _connect_branch(sketch, CHECK_GATEWAY, branch)
    moves = {timer.step: timer for timer in item.timers if timer.interrupting}
    sketch.connect(add_move(sketch, CHECK, f"{CHECK}_deemed", moves[CHECK], "top-right"), DEEMED)
    sketch.connect(DEEMED, ACCEPTANCE)
    withdrawn = moves["await_correction"]
    sketch.connect(add_move(sketch, "correction", "correction_limit", withdrawn, "right"), withdrawn.to)
    sketch.connect(ACCEPTANCE, HANDLING)


def _connect_branch(sketch: Sketch, gateway: str, branch: Branch, *, is_default: bool | None = None) -> None:
    by_default = branch.condition is None if is_default is None else is_default
    sketch.connect(
        gateway,
        CALLS[branch.to][0] if branch.to in CALLS else branch.to,
        name=branch.when_zh,
        name_en=branch.when_en,
        condition=None if by_default else branch.condition,
        is_default=by_default,
    )


# After the decision --------------------------------------------------------------------------------------------------


def _outcome_steps(item: Item) -> list[Step]:
    return [step for step in item.steps if item.position(step.id) > item.position(DECISION)]


def _add_outcome(sketch: Sketch, item: Item, handling: Handling) -> None:
    words = question(item, item.branches_after(DECISION))
    sketch.add(Node(DECIDED, Kind.EXCLUSIVE, *words, phase=OUTCOME))
    for step in _outcome_steps(item):
        if step.id not in CALLS:
            add_step(sketch, item, step, None, OUTCOME)
        elif step.limit is not None:
            _add_call(sketch, item, step, OUTCOME)
        branches = item.branches_after(step.id)
        if branches:
            sketch.add(Node(f"{step.id}_gateway", Kind.EXCLUSIVE, *question(item, branches), phase=OUTCOME))
    for end_id in ("end_granted", "end_refused"):
        _add_end(sketch, item, end_id, OUTCOME)


def _connect_outcome(sketch: Sketch, item: Item, handling: Handling) -> None:
    """Which end of `handling` was reached is read off `decision`, asked in the order of the catalogue's own rows.

    A way back to the check of materials leaves `handling` by an end of its own, and the gateway after it takes the
    default. That cannot go wrong with a value of an earlier round: a decision to grant or to refuse ends `handling`
    for good, for both lead on to publication or service and never back into it. So whenever the way back is taken,
    `decision` is still unset or holds the 'back' of an earlier round, and neither condition holds; and whenever
    `decide` was left with a decision, `decision` is what it just set.
    """
    grant, refuse = item.branches_after(DECISION)[:2]
    sketch.connect(HANDLING, DECIDED)
    _connect_branch(sketch, DECIDED, grant)
    _connect_branch(sketch, DECIDED, refuse, is_default=handling.way_back is None)
    if handling.way_back:
        _connect_branch(sketch, DECIDED, handling.way_back, is_default=True)
    for step in _outcome_steps(item):
        _connect_outcome_step(sketch, item, step)


def _connect_outcome_step(sketch: Sketch, item: Item, step: Step) -> None:
    source = CALLS[step.id][0] if step.id in CALLS else step.id
    branches = item.branches_after(step.id)
    if branches:
        sketch.connect(source, f"{step.id}_gateway")
    for branch in branches:
        _connect_branch(sketch, f"{step.id}_gateway", branch)
    target = CALLS[step.next][0] if step.next in CALLS else step.next
    if not branches and target != source:
        sketch.connect(source, target)
