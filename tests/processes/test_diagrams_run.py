"""The diagrams run on SpiffWorkflow as the catalogue says: every branch, every end, every ruling, every clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.processes.catalogue_walk import CatalogueWalk, load_items
from tests.processes.driving import CST, MONDAY, Case

ITEMS = load_items()
Answers = dict[str, Any]

# The usual path to a grant, by item; a step not named here needs no answers.
COMMON: dict[str, Answers] = {
    "formal_check": {"check_result": "accept", "needs_view": "no"},
    "section_review": {"review_result": "agree_grant"},
    "decide": {"decision": "grant"},
}
USUAL: dict[str, dict[str, Answers]] = {
    "hazardous_chemicals_licence": {"site_survey": {"survey_result": "pass", "complex_process": False}},
    "social_organisation_registration": {"apply": {"reg_kind": "found"}},
    "environmental_impact_approval": {
        "apply": {"doc_type": "book"},
        "handle_objections": {"objection_result": "settled"},
        "vice_approve": {"vice_opinion": "agree"},
    },
    "real_estate_transfer": {},
    "food_business_licence": {"apply": {"application_kind": "new"}},
    "medical_institution_registration": {"apply": {"beds": 10, "ownership": "clinic"}},
}

CHANGE = {"apply": {"reg_kind": "change", "change_items": ["name"]}}
CANCEL = {"apply": {"reg_kind": "cancel"}}
EXTEND = {"apply": {"application_kind": "extend", "layout_changed": "no"}}
SEND_BACK = {"section_review": {"review_result": "back"}}
DECIDE_BACK = {"decide": {"decision": "back"}}
REFUSE = {"decide": {"decision": "refuse"}}
SHARED_ROWS = {
    "材料齐全、符合法定形式": {},
    "需补正": {"formal_check": {"check_result": "correction"}},
    "不受理": {"formal_check": {"check_result": "not_competent"}},
    "拟准予或拟不予": {},
    "准予": {},
    "不予": REFUSE,
    "退回": DECIDE_BACK,
}
# Answers given the first time a step is met so that the named row of `branches` is taken; then the usual ones again.
ROWS: dict[str, dict[tuple[str, str], dict[str, Answers]]] = {
    "hazardous_chemicals_licence": {
        ("site_survey", "现场符合条件且不涉及复杂工艺"): {},
        ("site_survey", "涉及复杂工艺需专家评审"): {"site_survey": {"survey_result": "pass", "complex_process": True}},
        ("site_survey", "需整改"): {"site_survey": {"survey_result": "rectify"}},
        ("site_survey", "不符合"): {"site_survey": {"survey_result": "fail"}},
        ("section_review", "退回踏勘"): SEND_BACK,
    },
    "social_organisation_registration": {
        ("issue_acceptance", "注销"): CANCEL,
        ("issue_acceptance", "变更事项不涉及住所"): CHANGE,
        ("issue_acceptance", "成立或住所变更"): {"apply": {"reg_kind": "change", "change_items": ["domicile"]}},
        ("section_review", "退回:注销"): CANCEL | SEND_BACK,
        ("section_review", "退回:变更不涉及住所,退材料核对"): CHANGE | SEND_BACK,
        ("section_review", "退回:踏勘"): SEND_BACK,
        ("publish", "成立"): {},
        ("publish", "变更或注销"): CANCEL,
    },
    "environmental_impact_approval": {
        ("section_review", "拟批准或拟不批准"): {"section_review": {"review_result": "agree_refuse"}},
        ("section_review", "退回补充评估"): SEND_BACK,
        ("decision_publicity", "公示期有意见"): {"apply": {"doc_type": "form", "objection_received": True}},
        ("decision_publicity", "无意见"): {},
        ("handle_objections", "意见处理完毕"): {"apply": {"objection_received": True}},
        ("handle_objections", "意见成立,重新审核"): {
            "apply": {"objection_received": True},
            "handle_objections": {"objection_result": "founded"},
        },
        ("vice_approve", "同意"): {},
        ("vice_approve", "退回"): {"vice_approve": {"vice_opinion": "back"}},
    },
    "real_estate_transfer": {
        ("issue_acceptance", "房屋有争议或在建抵押等需实地查看"): {
            "formal_check": {"check_result": "accept", "needs_view": "yes"}
        },
        ("issue_acceptance", "一般"): {},
        ("section_review", "退回"): SEND_BACK,
        ("decide", "准予登簿"): {},
        ("publish", "应缴费"): {},
        ("publish", "免缴"): {"apply": {"fee_exempt": True}},
    },
    "food_business_licence": {
        ("issue_acceptance", "新办或改变设施布局的变更,需现场核查"): {},
        ("issue_acceptance", "免现场核查"): EXTEND,
        ("section_review", "退回核查"): SEND_BACK,
        ("section_review", "退回材料核对"): EXTEND | SEND_BACK,
    },
    "medical_institution_registration": {
        ("site_survey", "床位20张以上或有专科,需专家评审"): {"apply": {"beds": 20}},
        ("site_survey", "其他"): {},
        ("section_review", "退回现场审核"): SEND_BACK,
    },
}


def now() -> datetime:
    return datetime.now(CST)


def record(name: str) -> Any:
    return lambda variables: variables.update({name: now()})


OPERATIONS = {
    "issue_acceptance": record("accepted_on"),
    "deem_acceptance": lambda variables: variables.update(deemed=True),
}


class Walk:
    """A case and the catalogue side by side: after every act both must stand on the same steps."""

    def __init__(self, key: str, first: Mapping[str, Answers] | None = None) -> None:
        self.key = key
        self.first = dict(first or {})
        self.case = Case(key, OPERATIONS)
        self.catalogue = CatalogueWalk(ITEMS[key], self.case.engine.holds)

    def __enter__(self) -> Walk:
        self.case.__enter__()
        self.case.variables["received_on"] = now()
        return self

    def __exit__(self, *exc: object) -> None:
        self.case.__exit__(*exc)

    def answers(self, step_id: str) -> Answers:
        usual = COMMON.get(step_id, {}) | USUAL[self.key].get(step_id, {})
        return usual | self.first.pop(step_id, {})

    def agree(self) -> None:
        assert self.case.open() == self.catalogue.open()
        assert self.case.is_closed() == (self.catalogue.end is not None)

    def step(self, step_id: str) -> None:
        """Do one open step in the usual manner: a person, a message or the timer of a wait."""
        row = self.catalogue.steps[step_id]
        if row["kind"] == "user":
            if step_id == "decide":
                self.case.variables["decided_on"] = now()
            self.case.pass_time(hours=3)
            self.case.complete(step_id, **self.answers(step_id))
        elif row.get("wait_for") == "timer":
            self.case.pass_time(seconds=(self.case.armed()[step_id] - now()).total_seconds() + 1)
        else:
            self.case.receive(step_id)
        self.catalogue.complete(step_id)
        self.agree()

    def until(self, step_id: str) -> None:
        while step_id not in self.catalogue.tokens:
            self.step(self._next_open())

    def to_the_end(self) -> str:
        for _ in range(60):
            if self.catalogue.end is not None:
                ends = [end for end in self.case.ended() if end.startswith("end_")]
                assert self.catalogue.end in ends
                return self.catalogue.end
            self.step(self._next_open())
        raise AssertionError(f"no end in sight: {self.case.open()}")

    def _next_open(self) -> str:
        """People first: a wait that lasts for days must not take the time of a step beside it."""
        return min(self.catalogue.tokens, key=lambda step: (self.catalogue.steps[step]["kind"] != "user", step))


def every_row() -> list[Any]:
    return [
        pytest.param(key, (row["after"], row["when_zh"]), id=f"{key}-{row['after']}-{row['when_zh']}")
        for key, item in ITEMS.items()
        for row in item["branches"]
    ]


def answers_for(key: str, row: tuple[str, str]) -> dict[str, Answers]:
    own = ROWS[key].get(row)
    return own if own is not None else SHARED_ROWS[row[1]]


@pytest.mark.parametrize(("key", "row"), every_row())
def test_every_branch_of_the_catalogue_is_taken_and_the_case_still_ends(key: str, row: tuple[str, str]) -> None:
    with Walk(key, answers_for(key, row)) as walk:
        walk.agree()
        end = walk.to_the_end()
        assert row in walk.catalogue.rows_taken
        not_granted = {"不受理": "end_not_accepted", "不予": "end_refused"}
        assert end == not_granted.get(row[1], "end_granted")


@pytest.mark.parametrize("key", ITEMS)
def test_a_check_that_nobody_does_in_five_working_days_is_deemed_acceptance(key: str) -> None:
    with Walk(key) as walk:
        walk.until("formal_check")
        walk.case.pass_time(days=8)
        walk.catalogue.move("formal_check")
        walk.agree()
        assert walk.case.variables["deemed"] is True
        assert walk.case.engine.operated == ["deem_acceptance", "issue_acceptance"]
        assert walk.to_the_end() == "end_granted"


@pytest.mark.parametrize("key", ITEMS)
def test_a_correction_not_made_in_thirty_days_counts_as_withdrawal(key: str) -> None:
    with Walk(key, {"formal_check": {"check_result": "correction"}}) as walk:
        walk.until("await_correction")
        walk.case.pass_time(days=29)
        assert walk.case.open() == ["await_correction"]
        walk.case.pass_time(days=2)
        walk.catalogue.move("await_correction")
        walk.agree()
        assert walk.to_the_end() == "end_withdrawn"


@pytest.mark.parametrize("key", ITEMS)
def test_materials_checked_again_after_a_correction_get_five_fresh_working_days(key: str) -> None:
    with Walk(key, {"formal_check": {"check_result": "correction"}}) as walk:
        walk.until("await_correction")
        walk.case.pass_time(days=20)
        walk.step("await_correction")
        due = walk.case.armed()
        assert due["formal_check_limit"] == due["formal_check_deemed"] > now() + timedelta(days=5)


def test_an_enterprise_that_does_not_rectify_goes_on_to_the_section() -> None:
    with Walk("hazardous_chemicals_licence", {"site_survey": {"survey_result": "rectify"}}) as walk:
        walk.until("await_rectification")
        walk.case.pass_time(days=32)
        walk.catalogue.move("await_rectification")
        walk.agree()
        assert walk.case.open() == ["section_review"]
        walk.first = dict(REFUSE)
        assert walk.to_the_end() == "end_refused"


def test_a_fee_not_paid_in_thirty_days_is_still_waited_for() -> None:
    with Walk("real_estate_transfer") as walk:
        walk.until("await_payment")
        walk.case.pass_time(days=40)
        assert "payment_limit_passed" in walk.case.ended()
        walk.agree()
        assert walk.to_the_end() == "end_granted"


HALTING = [
    (key, step["id"])
    for key, item in ITEMS.items()
    for step in item["steps"]
    if step["min_duration"] and step["separation_group"] in ("investigate", "hearing")
]
ANSWERS_THAT_LEAD_THERE = {
    "check_settlement": CANCEL,
    "technical_review_again": SEND_BACK,
    "site_view": {"formal_check": {"check_result": "accept", "needs_view": "yes"}},
}


def test_seven_steps_of_the_six_items_halt_a_case_that_is_too_fast() -> None:
    assert sorted({step for _, step in HALTING}) == [
        "check_settlement",
        "site_survey",
        "site_view",
        "technical_review",
        "technical_review_again",
    ]
    assert len(HALTING) == 8


def halted(walk: Walk, step_id: str) -> None:
    walk.until(step_id)
    walk.case.complete_too_early(step_id, **walk.answers(step_id))
    beside = [token for token in walk.catalogue.tokens if token != step_id]
    assert walk.case.open() == sorted([f"{step_id}_ruling", *beside])


@pytest.mark.parametrize(("key", "step_id"), HALTING)
def test_a_redo_opens_the_step_again_with_a_new_minimum(key: str, step_id: str) -> None:
    with Walk(key, ANSWERS_THAT_LEAD_THERE.get(step_id)) as walk:
        halted(walk, step_id)
        walk.case.pass_time(days=1)
        walk.case.complete(f"{step_id}_ruling", halt_ruling="redo")
        walk.agree()
        assert walk.case.armed()[f"{step_id}_minimum"] > now()
        assert walk.to_the_end() == "end_granted"


@pytest.mark.parametrize(("key", "step_id"), HALTING)
def test_a_release_goes_where_the_step_would_have_gone(key: str, step_id: str) -> None:
    with Walk(key, ANSWERS_THAT_LEAD_THERE.get(step_id)) as walk:
        halted(walk, step_id)
        walk.case.complete(f"{step_id}_ruling", halt_ruling="release")
        walk.catalogue.complete(step_id)
        walk.agree()
        assert walk.to_the_end() == "end_granted"


@pytest.mark.parametrize("ruling", ["redo", "release"])
def test_the_join_waits_for_the_publicity_whatever_the_ruling_was(ruling: str) -> None:
    with Walk("environmental_impact_approval") as walk:
        halted(walk, "technical_review")
        walk.case.complete("technical_review_ruling", halt_ruling=ruling)
        if ruling == "redo":
            walk.case.complete("technical_review")
        assert walk.case.open() == ["acceptance_publicity"]
        walk.case.pass_time(days=15)
        assert walk.case.open() == ["section_review"]


@pytest.mark.parametrize("ruling", ["redo", "release"])
def test_the_join_waits_for_the_ruling_when_the_publicity_is_over(ruling: str) -> None:
    with Walk("environmental_impact_approval") as walk:
        halted(walk, "technical_review")
        walk.case.pass_time(days=15)
        assert walk.case.open() == ["technical_review_ruling"]
        walk.case.complete("technical_review_ruling", halt_ruling=ruling)
        if ruling == "redo":
            assert walk.case.open() == ["technical_review"]
            walk.case.complete("technical_review")
        assert walk.case.open() == ["section_review"]


@pytest.mark.parametrize(("doc_type", "days"), [("book", 10), ("form", 5)])
def test_publicity_of_acceptance_lasts_as_long_as_the_document_asks(doc_type: str, days: int) -> None:
    with Walk("environmental_impact_approval", {"apply": {"doc_type": doc_type}}) as walk:
        walk.until("acceptance_publicity")
        expected = {10: datetime(2026, 12, 8, tzinfo=CST), 5: datetime(2026, 12, 1, tzinfo=CST)}
        assert walk.case.armed()["acceptance_publicity"] == expected[days]


@pytest.mark.parametrize(
    ("key", "apply", "statutory_days"),
    [
        ("environmental_impact_approval", {"doc_type": "book"}, 60),
        ("environmental_impact_approval", {"doc_type": "form"}, 30),
        ("social_organisation_registration", {"reg_kind": "found"}, 60),
        ("hazardous_chemicals_licence", {}, 45),
        ("medical_institution_registration", {}, 45),
    ],
)
def test_the_statutory_clock_counts_natural_days_from_its_recorded_day(
    key: str, apply: Answers, statutory_days: int
) -> None:
    with Walk(key, {"apply": apply}) as walk:
        walk.until("decide")
        midnight = MONDAY.replace(hour=0)
        assert walk.case.armed()["handling_statutory"] == midnight + timedelta(days=statutory_days + 1)


def test_a_change_of_registration_has_twenty_working_days_from_acceptance() -> None:
    with Walk("social_organisation_registration", CHANGE) as walk:
        walk.until("decide")
        assert walk.case.armed()["handling_statutory"] == datetime(2026, 12, 22, tzinfo=CST)


def test_a_case_accepted_again_keeps_counting_from_the_acceptance_on_record() -> None:
    with Walk("real_estate_transfer", SEND_BACK) as walk:
        walk.until("section_review")
        first_due = walk.case.armed()["handling_statutory"]
        accepted_on = walk.case.variables["accepted_on"]
        walk.case.engine.operations = {}  # The service records the first acceptance and keeps it.
        walk.step("section_review")
        assert walk.case.open() == ["formal_check"]
        walk.case.pass_time(days=2)
        walk.until("decide")
        assert walk.case.variables["accepted_on"] == accepted_on
        assert walk.case.engine.operated == ["issue_acceptance", "issue_acceptance"]
        assert walk.case.armed()["handling_statutory"] == first_due


@pytest.mark.parametrize("key", ITEMS)
def test_a_limit_that_passes_takes_no_work_away(key: str) -> None:
    with Walk(key) as walk:
        walk.until("section_review")
        walk.case.pass_time(days=120)
        assert {"section_review_limit_passed", "handling_statutory_passed", "handling_promised_passed"} <= set(
            walk.case.ended()
        )
        walk.agree()
        assert walk.to_the_end() == "end_granted"
