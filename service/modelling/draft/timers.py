"""Timer expressions of the closed evaluator, from the catalogue's spans."""

from __future__ import annotations

from service.modelling.draft.catalogue_reading import CaseLimit, DraftError, Span, Step


def call(span: Span, since: str | None = None) -> str:
    """`working_days(10, since=decided_on)`."""
    return f"{span.unit}({span.value}{f', since={since}' if since else ''})"


def step_limit(step: Step) -> str:
    if step.limit is None:
        raise DraftError(f"Expected a limit on {step.id}, but found none")
    chosen = "".join(f"{call(row.span, step.limit_since)} if {row.condition} else " for row in step.limit_when)
    return chosen + call(step.limit, step.limit_since)


def case_limit(limits: tuple[CaseLimit, ...]) -> str:
    """One expression for a limit and its conditional sibling.

    The condition stands inside the call where the two differ in number alone.
    """
    first, *others = limits
    if not others:
        return call(first.span, first.since)
    other = others[0]
    if (first.span.unit, first.since) == (other.span.unit, other.since):
        return (
            f"{first.span.unit}({first.span.value} if {first.condition} else {other.span.value}, since={first.since})"
        )
    return f"{call(first.span, first.since)} if {first.condition} else {call(other.span, other.since)}"


def wait(step: Step) -> str:
    """When a timed wait ends; the last of its conditional rows is the default."""
    if not step.wait_when:
        return step_limit(step)
    *conditional, last = step.wait_when
    if {row.span.unit for row in step.wait_when} != {last.span.unit}:
        raise DraftError(f"Expected one unit in the waits of {step.id}, but found several")
    choice = "".join(f"{row.span.value} if {row.condition} else " for row in conditional)
    return f"{last.span.unit}({choice}{last.span.value})"
