"""For every rule on timers: a diagram that breaks it and one that does not."""

from __future__ import annotations

from tests.unit.lint.drawing import Case, boundary, element, ends, flows, line, service, timer, user


def waiting(text: str, kind: str = "timeDate") -> bytes:
    return line(element("intermediateCatchEvent", "w", timer(text, kind)))


GOOD = waiting("working_days(5, since=accepted_on)")
HALF_AN_HOUR = waiting("'PT30M'", "timeDuration")
TWO_TIMES = (
    "<timerEventDefinition><timeDate>hours(1)</timeDate><timeDuration>'PT1H'</timeDuration></timerEventDefinition>"
)


def reminding(cycle: str, role: str = "reminder") -> bytes:
    again = boundary("w", "a", timer(cycle, "timeCycle"), role)
    return line(user("a"), beside=again + ends("e") + flows("w -> e"))


TIMER_CASES: dict[str, Case] = {
    "timer_empty": Case(waiting(" "), GOOD, "w"),
    "timer_several_times": Case(line(element("intermediateCatchEvent", "w", TWO_TIMES)), GOOD, "w"),
    "timer_unquoted": Case(waiting("P5D", "timeDuration"), waiting("'P5D'", "timeDuration"), "w"),
    "timer_bad_expression": Case(waiting("working_days(5"), GOOD, "w"),
    "timer_not_a_time": Case(waiting("'5 days'", "timeDuration"), HALF_AN_HOUR, "w"),
    "timer_wrong_field": Case(waiting("working_days(5)", "timeDuration"), GOOD, "w"),
    "timer_instant_without_offset": Case(waiting("'2026-11-23T09:30:00'"), waiting("'2026-11-23T09:30:00+08:00'"), "w"),
    "timer_negative": Case(waiting("'-P5D'", "timeDuration"), waiting("'P5D'", "timeDuration"), "w"),
    "timer_call_arguments": Case(waiting("working_days(5, 6)"), GOOD, "w"),
    "timer_cycle": Case(reminding("'R3/PT1H'", "step_limit"), reminding("'R3/PT1H'"), "w"),
    "timer_cycle_zero": Case(reminding("'R0/PT1H'"), reminding("'R3/PT1H'"), "w"),
    "timer_cycle_mixed": Case(reminding("'R3/2026-11-23T09:30:00+08:00/PT1H'"), reminding("'R/P1D'"), "w"),
    "since_never_set": Case(
        GOOD,
        line(
            service("accept", "issue_acceptance"),
            element("intermediateCatchEvent", "w", timer("working_days(5, since=accepted_on)")),
        ),
        "w",
    ),
    "limit_restarts": Case(
        line(
            user("a"),
            beside=boundary("a_statutory", "a", timer("working_days(20)"), "statutory_limit")
            + boundary("a_back", "a", timer("working_days(9)"), "move", interrupting=True)
            + user("b")
            + ends("e")
            + flows("a_statutory -> e", "a_back -> b", "b -> a"),
        ),
        line(
            user("a"),
            beside=boundary("a_statutory", "a", timer("working_days(20, since=accepted_on)"), "statutory_limit")
            + boundary("a_back", "a", timer("working_days(9)"), "move", interrupting=True)
            + user("b")
            + ends("e")
            + flows("a_statutory -> e", "a_back -> b", "b -> a"),
        ),
        "a_statutory",
    ),
}
