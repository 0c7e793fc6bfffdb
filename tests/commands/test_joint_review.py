"""并联审批: reviews of several departments side by side; what one of them does is done in its own branch."""

from __future__ import annotations

from functools import cache

from service.commands.special_step import BeginSpecialStep, begin_special_step, end_special_step
from tests.commands.office import Office
from tests.commands.stories import HB
from tests.commands.variants import Variant
from tests.commands.walking import begin

FIRST, SECOND = "technical_review", "second_review"


@cache
def two_reviews() -> bytes:
    diagram = Variant("environmental_impact_approval")
    diagram.set(FIRST, "separationGroup", "review")
    diagram.set(FIRST, "stopsClock", None)  # What the diagram draws to stop the clock is begun by nobody.
    diagram.double(FIRST, SECOND)
    diagram.set(SECOND, "department", "YJ")
    return diagram.xml


def test_a_special_procedure_stops_the_review_of_who_begins_it_and_no_other(office: Office) -> None:
    office.deploy(two_reviews())
    number = begin(office, HB, FIRST)
    office.claim(office.task(FIRST).post, FIRST)
    office.claim(f"yj_{office.task(SECOND).post}", SECOND)
    mine, others = office.task(SECOND), office.task(FIRST)
    assert mine.assignee != others.assignee
    name = next(name for name, one in office.ids.items() if one == mine.assignee)
    actor = office.actor(name, number)
    before = office.due_rows()
    command = BeginSpecialStep(number, "expert_review", 5, "请专家评审")
    office.perform(lambda c: begin_special_step(c, office.services, actor, command, office.now), actor, number)
    assert [one["element_id"] for one in office.history(kind="special_step_begun")] == [SECOND]
    limit = (f"{FIRST}_limit", "step_limit")
    assert office.due_rows()[limit] == before[limit], "the other department's clock runs on"
    first = next(name for name, one in office.ids.items() if one == others.assignee)
    stranger = office.actor(first, number)
    with office.refused("move_refused"):
        office.perform(lambda c: end_special_step(c, office.services, stranger, number, office.now), stranger, number)
    office.perform(lambda c: end_special_step(c, office.services, actor, number, office.now), actor, number)
    assert [one["element_id"] for one in office.history(kind="special_step_ended")] == [SECOND]
    office.expect_a_sound_record()
