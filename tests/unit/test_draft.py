"""Drafting: what a catalogue row must say, and what its first diagram then looks like."""

from __future__ import annotations

import copy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from service.modelling.draft import DraftError, catalogue_rows, draft_item, read_item
from service.modelling.draft.canvas import Canvas
from service.modelling.draft.catalogue_reading import CaseLimit, Span, Step, WaitRow
from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.labelling import name_size
from service.modelling.draft.ports import DOWN, LEFT, RIGHT, Port
from service.modelling.draft.searching import find_line, straight_line
from service.modelling.draft.shared_processes import shared_processes
from service.modelling.draft.timers import case_limit, wait
from service.modelling.draft.wording import minimum_words, question, span_words
from service.modelling.lint import lint

CATALOGUE = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
ROWS = {row["code"]: row for row in catalogue_rows(CATALOGUE)}
SIMPLEST = "LJ-ZR-QR-001"
SHARED = {path.stem: path.read_bytes() for path in (CATALOGUE.parents[1] / "shared").glob("*.bpmn")}


def row(code: str = SIMPLEST) -> dict[str, Any]:
    return copy.deepcopy(dict(ROWS[code]))


def node_ids(xml: bytes) -> set[str]:
    return {element.get("id") for element in etree.fromstring(xml).iter() if element.get("id")}


def test_a_penalty_is_refused_with_the_steps_that_it_lacks() -> None:
    row_of_penalty = row("LJ-CG-CF-001")
    row_of_penalty["timers"] = []
    with pytest.raises(
        DraftError, match="LJ-CG-CF-001 to run like an application, but it has no apply, no formal_check"
    ):
        draft_item(read_item(row_of_penalty), "penalty")


def test_a_row_without_limits_is_refused_by_its_code() -> None:
    broken = row()
    del broken["limits"]
    with pytest.raises(DraftError, match="LJ-ZR-QR-001 fails at KeyError"):
        read_item(broken)


@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("ends", "no end_not_accepted, no end_withdrawn"),
        ("timers", "no timer that moves the case on from formal_check"),
        ("branches", "no branches after formal_check, no grant and refusal after decide"),
    ],
)
def test_a_row_that_lacks_a_part_of_the_skeleton_is_refused_with_its_name(part: str, missing: str) -> None:
    broken = row()
    broken[part] = []
    with pytest.raises(DraftError, match=missing):
        draft_item(read_item(broken), "broken")


def test_a_row_whose_steps_never_reach_a_decision_is_refused() -> None:
    broken = row()
    broken["branches"] = [b for b in broken["branches"] if not (b["after"] == "section_review" and b["to"] == "decide")]
    with pytest.raises(DraftError, match="to lead from issue_acceptance to decide"):
        draft_item(read_item(broken), "broken")


def test_a_step_added_to_a_row_is_drawn_and_passes_the_linter() -> None:
    longer = row()
    review = next(step for step in longer["steps"] if step["id"] == "section_review")
    position = longer["steps"].index(review)
    extra = review | {"id": "legal_review", "name_zh": "法制审核", "name_en": "Legal review", "next": "decide"}
    longer["steps"].insert(position + 1, extra | {"post": "legal", "separation_group": "legal"})
    for branch in longer["branches"]:
        if branch["after"] == "section_review" and branch["to"] == "decide":
            branch["to"] = "legal_review"
    xml = draft_item(read_item(longer), "longer")
    assert {"legal_review", "legal_review_limit", "legal_review_minimum"} <= node_ids(xml)
    assert [problem.code for problem in lint(xml, called=SHARED) if problem.severity == "error"] == []


def test_a_row_without_field_work_has_no_ruling() -> None:
    paper_only = row()
    paper_only["steps"] = [step for step in paper_only["steps"] if step["id"] != "site_view"]
    paper_only["branches"] = [branch for branch in paper_only["branches"] if branch["after"] != "issue_acceptance"]
    acceptance = next(step for step in paper_only["steps"] if step["id"] == "issue_acceptance")
    acceptance["next"] = "section_review"
    ids = node_ids(draft_item(read_item(paper_only), "paper_only"))
    assert "section_review" in ids
    assert not [name for name in ids if "ruling" in name or "too_early" in name]


def test_the_same_row_gives_the_same_bytes() -> None:
    assert draft_item(read_item(row()), "twice") == draft_item(read_item(row()), "twice")


def test_shared_processes_have_no_limits_of_their_own() -> None:
    for sketch in shared_processes():
        assert not [node for node in sketch.nodes.values() if node.attached_to]


# Words and timers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration", "zh", "en"),
    [
        ("PT30M", "最短 30 分钟", "At least 30 minutes"),
        ("PT1H", "最短 1 小时", "At least 1 hour"),
        ("P1DT2H", "最短 1 天 2 小时", "At least 1 day 2 hours"),
    ],
)
def test_a_minimum_is_written_out(duration: str, zh: str, en: str) -> None:
    assert minimum_words(duration) == (zh, en)


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (Span(1, "working_days"), "1 个工作日", "1 working day"),
        (Span(30, "natural_days"), "30 个自然日", "30 calendar days"),
        (Span(4, "office_hours"), "4 个工作小时", "4 office hours"),
    ],
)
def test_a_span_is_written_out(span: Span, zh: str, en: str) -> None:
    assert span_words(span) == (zh, en)


@pytest.mark.parametrize(
    ("code", "after", "zh", "en"),
    [
        ("LJ-YJ-XK-001", "formal_check", "核对结论？", "Result of the check?"),
        ("LJ-SG-XK-001", "issue_acceptance", "需现场核查？", "On-site check?"),
        ("LJ-WJ-XK-001", "site_survey", "需专家评审？", "Experts?"),
        ("LJ-HB-XK-001", "decision_publicity", "公示期有意见？", "Objections received?"),
    ],
)
def test_a_gateway_asks_for_the_choice_or_for_the_gist_of_its_first_row(
    code: str, after: str, zh: str, en: str
) -> None:
    item = read_item(row(code))
    assert question(item, item.branches_after(after)) == (zh, en)


def test_two_limits_of_one_unit_and_day_become_one_call() -> None:
    book = CaseLimit(Span(60, "natural_days"), "received_on", "doc_type == 'book'")
    form = CaseLimit(Span(30, "natural_days"), "received_on", "doc_type == 'form'")
    assert case_limit((book, form)) == "natural_days(60 if doc_type == 'book' else 30, since=received_on)"


def test_two_limits_that_count_from_different_days_stay_two_calls() -> None:
    found = CaseLimit(Span(60, "natural_days"), "received_on", "reg_kind == 'found'")
    other = CaseLimit(Span(20, "working_days"), "accepted_on", "reg_kind != 'found'")
    expected = "natural_days(60, since=received_on) if reg_kind == 'found' else working_days(20, since=accepted_on)"
    assert case_limit((found, other)) == expected


def test_a_wait_in_two_units_is_refused() -> None:
    step = read_item(row("LJ-HB-XK-001")).step("acceptance_publicity")
    rows = (WaitRow("doc_type == 'book'", Span(2, "hours")), WaitRow("doc_type == 'form'", Span(5, "working_days")))
    values = {name: getattr(step, name) for name in Step.__slots__} | {"wait_when": rows}
    with pytest.raises(DraftError, match="one unit in the waits of acceptance_publicity"):
        wait(Step(**values))


# Names and lines on the canvas ---------------------------------------------------------------------------------------


def test_a_short_name_stays_on_one_line() -> None:
    assert name_size("拟准予") == (41, 14)


@pytest.mark.parametrize(
    "name", ["材料齐全、符合法定形式", "床位20张以上或有专科,需专家评审", "房屋有争议或在建抵押等需实地查看"]
)
def test_a_long_name_is_broken_into_lines_that_fit(name: str) -> None:
    width, height = name_size(name)
    assert width <= 130
    assert height in (28, 42)


def test_rectangles_that_only_touch_do_not_overlap() -> None:
    assert Rect(0, 0, 10, 10).overlap(Rect(10, 0, 10, 10)) == 0
    assert Rect(0, 0, 10, 10).overlap(Rect(5, 5, 10, 10)) == 25


def _canvas() -> Canvas:
    return Canvas(Rect(0, 0, 400, 300))


def port(x: int, y: int, outward: tuple[int, int]) -> Port:
    return Port(Point(x, y), outward, 0)


def test_a_line_goes_around_a_shape_in_its_way() -> None:
    canvas = _canvas()
    obstacle = Rect(150, 50, 100, 80)
    for shape in (Rect(0, 50, 100, 80), obstacle, Rect(300, 50, 90, 80)):
        canvas.block(shape)
    source, target = port(100, 90, RIGHT), port(300, 90, LEFT)
    assert straight_line(canvas, [source], [target]) is None
    line = find_line(canvas, [source], [target])
    assert line is not None
    points = canvas.waypoints(line)
    assert (points[0], points[-1]) == (source.point, target.point)
    assert not any(obstacle.touches_line(a, b) for a, b in pairwise(points))
    assert len(points) == 6


def test_a_line_prefers_a_bend_to_a_crossing() -> None:
    canvas = _canvas()
    wall = find_line(canvas, [port(200, 20, DOWN)], [port(200, 150, (0, -1))])
    assert wall is not None
    canvas.lay(wall)
    line = find_line(canvas, [port(100, 100, RIGHT)], [port(300, 100, LEFT)])
    assert line is not None
    assert not canvas.crosses(line, [wall])


def test_a_target_that_is_walled_in_cannot_be_reached() -> None:
    canvas = _canvas()
    for wall in (Rect(250, 40, 100, 10), Rect(250, 150, 100, 10), Rect(240, 40, 10, 120), Rect(350, 40, 10, 120)):
        canvas.block(wall)
    assert find_line(canvas, [port(100, 100, RIGHT)], [port(300, 100, LEFT)]) is None
