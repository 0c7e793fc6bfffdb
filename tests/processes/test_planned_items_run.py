"""The items of other shapes run on SpiffWorkflow as the catalogue says: every branch, every end, every ruling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.processes.catalogue_walk import PLANNED_KEYS, CatalogueWalk, load_items
from tests.processes.driving import CST, MONDAY, Case

ITEMS = load_items(PLANNED_KEYS)
Answers = dict[str, Any]


def now() -> datetime:
    return datetime.now(CST)


def _record(name: str) -> Any:
    return lambda variables: variables.update({name: now()})


OPERATIONS = {
    "issue_acceptance": _record("accepted_on"),
    "next_milestone": lambda variables: variables.update(
        milestones_left=variables.get("milestones_left", 4) - 1,
        planned_due=now() + timedelta(days=200),
        delay_ruling=None,
    ),
    "deem_acceptance": lambda variables: variables.update(deemed=True),
    "file_case": _record("accepted_on"),
}
# The usual path of each item; a step not named here needs no answers.
USUAL: dict[str, dict[str, Answers]] = {
    "temporary_relief": {
        "formal_check": {"check_result": "accept"},
        "urgent_decision": {"urgent_ok": "yes"},
        "urgent_payment": {"urgent_voucher": "JN1", "urgent_decision_recorded": True},
        "town_review": {"town_result": "agree"},
        "county_review": {"review_result": "agree_grant"},
        "decide": {"decision": "grant"},
    },
    "road_excavation_levy": {
        "formal_check": {"check_result": "accept"},
        "section_review": {"review_result": "agree_grant"},
        "decide": {"decision": "grant", "fee_due": 100, "fee_settled": True},
        "restoration_check": {"restored": "yes"},
    },
    "project_milestones": {
        "approve_plan": {"plan_ok": "yes"},
        "section_review": {"milestone_ok": "yes"},
        "rule_on_delay": {"delay_ruling": "stop"},
    },
    "market_inspection": {
        "approve_plan": {"plan_ok": "yes"},
        "inspect": {"inspect_result": "clean"},
        "section_review": {"inspect_review": "pass"},
        "recheck": {"recheck_result": "ok"},
    },
    "hotline_order": {
        "register_call": {"answerable": "no", "order_kind": "help", "return_count": 0, "redo_count": 0},
        "dispatch": {"target_department": "SG"},
        "sign": {"sign_result": "sign"},
        "dept_review": {"dept_ok": "yes"},
        "follow_up": {"satisfaction": "ok"},
        "centre_ruling": {"ruling": "close"},
    },
    "street_occupation_penalty": {
        "filing_decision": {"filing": "file"},
        "section_review": {"proposal": "punish"},
        "legal_review": {"legal_opinion": "pass"},
        "await_statement": {"statement_closed": True},
        "legal_review_hearing": {"legal_opinion": "pass"},
        "decide": {"penalty_decision": "fine"},
    },
    "spot_penalty": {
        "spot_decide": {"penalty_decision": "fine"},
        "serve_decision": {"pay_way": "on_the_spot"},
        "collect_fine": {"collected": "yes"},
    },
}
GRAVE = {"investigate": {"complex": "yes"}}
HEARING = {"legal_review": {"legal_opinion": "pass", "hearing_requested": True}}
STATEMENT = {"legal_review": {"legal_opinion": "pass", "statement_made": True}}
SPOKEN = STATEMENT | {"await_statement": {"statement_closed": False}}
URGENT = {"apply": {"urgency": "urgent"}}
UNPAID = {"decide": {"decision": "grant", "fee_due": 100, "paid": False}}
THIRD_RETURN = {"sign": {"sign_result": "return", "return_count": 2}}
NOT_REACHED = {"section_review": {"milestone_ok": "no"}}
RECTIFY = {"inspect": {"inspect_result": "rectify"}}
STILL_BAD = {"follow_up": {"satisfaction": "bad", "redo_count": 1}}
# Answers given the first time a step is met so that the named row of `branches` is taken; then the usual ones again.
ROWS: dict[str, dict[tuple[str, str], dict[str, Answers]]] = {
    "temporary_relief": {
        ("formal_check", "材料齐全、符合法定形式"): {},
        ("formal_check", "补正"): {"formal_check": {"check_result": "correction"}},
        ("formal_check", "不受理"): {"formal_check": {"check_result": "not_competent"}},
        ("issue_acceptance", "急难型"): URGENT,
        ("issue_acceptance", "支出型"): {},
        ("urgent_decision", "同意先行救助"): URGENT,
        ("urgent_decision", "不符合急难,转一般程序"): URGENT | {"urgent_decision": {"urgent_ok": "no"}},
        ("town_review", "符合"): {},
        ("town_review", "退回"): {"town_review": {"town_result": "back"}},
        ("town_review", "不符合"): {"town_review": {"town_result": "refuse"}},
        ("publicity", "有异议"): {"apply": {"objection_received": True}},
        ("publicity", "无异议"): {},
        ("county_review", "提出意见"): {},
        ("county_review", "退回乡镇"): {"county_review": {"review_result": "back"}},
        ("decide", "准予且尚未发放"): {},
        ("decide", "准予且已先行发放"): URGENT,
        ("decide", "不予"): {"decide": {"decision": "refuse"}},
        ("decide", "退回"): {"decide": {"decision": "back"}},
    },
    "road_excavation_levy": {
        ("formal_check", "材料齐全、符合法定形式"): {},
        ("formal_check", "需补正"): {"formal_check": {"check_result": "correction"}},
        ("formal_check", "不受理"): {"formal_check": {"check_result": "not_needed"}},
        ("section_review", "拟准予且申请减免"): {"apply": {"reduction_asked": "yes"}},
        ("section_review", "拟准予或不予"): {},
        ("section_review", "退回核定"): {"section_review": {"review_result": "back"}},
        ("decide", "准予"): {},
        ("decide", "不予"): {"decide": {"decision": "refuse"}},
        ("decide", "退回"): {"decide": {"decision": "back"}},
        ("publish", "费额大于零"): {},
        ("publish", "全免"): {"decide": {"decision": "grant", "fee_due": 0}},
        ("await_after_urge", "已缴款"): {**UNPAID, "urge": {"paid": True}},
        ("await_after_urge", "仍未缴"): UNPAID,
        ("restoration_check", "修复合格"): {},
        ("restoration_check", "不合格,责令修复"): {"restoration_check": {"restored": "no"}},
    },
    "project_milestones": {
        ("approve_plan", "同意"): {},
        ("approve_plan", "退回"): {"approve_plan": {"plan_ok": "no"}},
        ("next_milestone", "还有节点"): {},
        ("next_milestone", "全部完成"): {},
        ("section_review", "节点完成"): {},
        ("section_review", "未完成"): NOT_REACHED,
        ("rule_on_delay", "调整计划"): NOT_REACHED | {"rule_on_delay": {"delay_ruling": "replan"}},
        ("rule_on_delay", "终止项目"): NOT_REACHED,
        ("rule_on_delay", "限期赶工"): NOT_REACHED | {"rule_on_delay": {"delay_ruling": "catch_up"}},
    },
    "market_inspection": {
        ("approve_plan", "同意"): {"start": {"object_drawn": False}},
        ("approve_plan", "退回"): {"start": {"object_drawn": False}, "approve_plan": {"plan_ok": "no"}},
        ("section_review", "退回"): {"section_review": {"inspect_review": "back"}},
        ("section_review", "通过"): {},
        ("publish", "未发现问题等"): {"inspect": {"inspect_result": "not_found"}},
        ("publish", "责令整改"): RECTIFY,
        ("publish", "涉嫌违法"): {"inspect": {"inspect_result": "violation"}},
        ("recheck", "已整改"): RECTIFY,
        ("recheck", "未整改"): RECTIFY | {"recheck": {"recheck_result": "bad"}},
    },
    "hotline_order": {
        ("register_call", "可当场答复"): {"register_call": {"answerable": "yes"}},
        ("register_call", "不属受理范围"): {"register_call": {"answerable": "out"}},
        ("register_call", "派单办理"): {},
        ("sign", "签收"): {},
        ("sign", "退单(1个工作日内说明依据)"): {"sign": {"sign_result": "return"}},
        ("sign", "第三次退单,裁定"): THIRD_RETURN,
        ("dept_review", "同意"): {},
        ("dept_review", "退回"): {"dept_review": {"dept_ok": "no"}},
        ("follow_up", "满意或无法联系三次"): {"follow_up": {"satisfaction": "unreachable"}},
        ("follow_up", "首次不满意,重办"): {"follow_up": {"satisfaction": "bad"}},
        ("follow_up", "再次不满意,裁定"): STILL_BAD,
        ("centre_ruling", "退回重办"): STILL_BAD | {"centre_ruling": {"ruling": "redo"}},
        ("centre_ruling", "指定承办单位"): THIRD_RETURN | {"centre_ruling": {"ruling": "assign"}},
        ("centre_ruling", "事实清楚,结单"): STILL_BAD,
    },
    "street_occupation_penalty": {
        ("filing_decision", "立案"): {},
        ("filing_decision", "不予立案"): {"filing_decision": {"filing": "no"}},
        ("section_review", "建议处罚"): {},
        ("section_review", "退回补充调查"): {"section_review": {"proposal": "back"}},
        ("section_review", "不予处罚或移送"): {
            "section_review": {"proposal": "none"},
            "decide": {"penalty_decision": "none"},
        },
        ("legal_review", "通过"): {},
        ("legal_review", "退回"): {"legal_review": {"legal_opinion": "back"}},
        ("await_statement", "申请听证"): HEARING,
        ("await_statement", "有陈述申辩,期限未满"): SPOKEN,
        ("await_statement", "有陈述申辩"): STATEMENT,
        ("await_statement", "放弃或逾期,情节复杂或较大罚款"): GRAVE,
        ("await_statement", "放弃或逾期"): {},
        ("statement_review", "情节复杂或较大罚款"): STATEMENT | GRAVE,
        ("statement_review", "其他"): STATEMENT,
        ("legal_review_hearing", "通过"): HEARING,
        ("legal_review_hearing", "退回"): HEARING | {"legal_review_hearing": {"legal_opinion": "back"}},
        ("decide", "罚款"): {},
        ("decide", "警告"): {"decide": {"penalty_decision": "warning"}},
        ("decide", "不予处罚"): {"decide": {"penalty_decision": "none"}},
        ("decide", "移送司法"): {"decide": {"penalty_decision": "transfer"}},
        ("publish", "罚款"): {},
        ("publish", "警告"): {"decide": {"penalty_decision": "warning"}},
        ("await_remedy_period", "已缴清(含加处)"): {"serve_decision": {"paid": True}},
        ("await_remedy_period", "期满未缴"): {},
        ("await_after_urge", "已缴清"): {"urge": {"paid": True}},
        ("await_after_urge", "仍未缴"): {},
        ("close_case", "处罚案件结案"): {},
        ("close_case", "不予处罚"): {"decide": {"penalty_decision": "none"}},
    },
    "spot_penalty": {
        ("spot_decide", "罚款"): {},
        ("spot_decide", "警告"): {"spot_decide": {"penalty_decision": "warning"}},
        ("spot_decide", "转普通程序"): {"spot_decide": {"penalty_decision": "ordinary"}},
        ("spot_decide", "不予处罚"): {"spot_decide": {"penalty_decision": "none"}},
        ("publish", "当场收缴"): {},
        ("publish", "到银行缴款"): {"serve_decision": {"pay_way": "bank"}},
        ("publish", "警告"): {"spot_decide": {"penalty_decision": "warning"}},
        ("collect_fine", "已当场收缴"): {},
        ("collect_fine", "未收缴"): {"collect_fine": {"collected": "no"}},
        ("await_remedy_period", "已缴清(含加处)"): {"serve_decision": {"pay_way": "bank", "paid": True}},
        ("await_remedy_period", "期满未缴"): {"serve_decision": {"pay_way": "bank"}},
        ("await_after_urge", "已缴清"): {"serve_decision": {"pay_way": "bank"}, "urge": {"paid": True}},
        ("await_after_urge", "仍未缴"): {"serve_decision": {"pay_way": "bank"}},
    },
}
# Where the named row asks that a wait runs into its timer instead of its message.
LATE: dict[tuple[str, str], tuple[str, ...]] = {
    ("road_excavation_levy", "已缴款"): ("await_payment",),
    ("road_excavation_levy", "仍未缴"): ("await_payment", "await_after_urge"),
    ("street_occupation_penalty", "已缴清(含加处)"): ("await_payment",),
    ("street_occupation_penalty", "期满未缴"): ("await_payment", "await_remedy_period"),
    ("street_occupation_penalty", "已缴清"): ("await_payment", "await_remedy_period"),
    ("street_occupation_penalty", "仍未缴"): ("await_payment", "await_remedy_period", "await_after_urge"),
    ("spot_penalty", "已缴清(含加处)"): ("await_payment",),
    ("spot_penalty", "期满未缴"): ("await_payment", "await_remedy_period"),
    ("spot_penalty", "已缴清"): ("await_payment", "await_remedy_period"),
    ("spot_penalty", "仍未缴"): ("await_payment", "await_remedy_period", "await_after_urge"),
}
# The end of the rows that do not lead to the usual one, by the row or by its step.
ENDS = {
    ("temporary_relief", "不受理"): "end_not_accepted",
    ("temporary_relief", "不予"): "end_refused",
    ("road_excavation_levy", "不受理"): "end_not_accepted",
    ("road_excavation_levy", "不予"): "end_refused",
    ("road_excavation_levy", "仍未缴"): "end_withdrawn",
    ("hotline_order", "不属受理范围"): "end_not_accepted",
    ("market_inspection", "approve_plan"): "end_drawn",
    ("project_milestones", "终止项目"): "end_stopped",
    ("project_milestones", "未完成"): "end_stopped",
    ("market_inspection", "涉嫌违法"): "end_transferred",
    ("market_inspection", "未整改"): "end_transferred",
    ("street_occupation_penalty", "不予立案"): "end_not_filed",
    ("street_occupation_penalty", "不予处罚或移送"): "end_no_penalty",
    ("street_occupation_penalty", "不予处罚"): "end_no_penalty",
    ("street_occupation_penalty", "移送司法"): "end_transferred",
    ("spot_penalty", "转普通程序"): "end_transferred",
    ("spot_penalty", "不予处罚"): "end_no_penalty",
}
USUAL_END = {
    "temporary_relief": "end_granted",
    "road_excavation_levy": "end_granted",
    "hotline_order": "end_closed",
    "market_inspection": "end_done",
    "project_milestones": "end_done",
    "street_occupation_penalty": "end_closed",
    "spot_penalty": "end_closed",
}
# Days that limits count from, which the service sets when a step is done.
DAYS = {
    "apply": ("received_on", "dig_until"),
    "decide": ("decided_on",),
    "urgent_payment": ("urgent_paid_on",),
    "restoration_check": ("checked_on",),
    "dispatch": ("dispatched_on",),
    "inspect": ("inspected_on",),
    "rule_on_delay": ("new_due",),
    "serve_prior_notice": ("notice_served_on",),
    "serve_decision": ("served_on", "remedies_until"),
    "collect_fine": ("collected_on",),
    "await_hand_over": ("handed_over_on",),
}


class Walk:
    """A case and the catalogue side by side: after every act both must stand on the same steps."""

    def __init__(self, key: str, first: Mapping[str, Answers] | None = None, late: tuple[str, ...] = ()) -> None:
        self.key, self.first, self.late = key, dict(first or {}), list(late)
        self.case = Case(key, OPERATIONS)
        self.case.variables["drawn_on"] = MONDAY
        # An object that was drawn, unless the walk is that of the plan.
        self.case.variables.update({"object_drawn": key == "market_inspection"} | self.first.pop("start", {}))
        self.catalogue = CatalogueWalk(ITEMS[key], self.case.engine.holds)

    def __enter__(self) -> Walk:
        self.case.__enter__()
        self.case.variables["received_on"] = now()
        return self

    def __exit__(self, *exc: object) -> None:
        self.case.__exit__(*exc)

    def answers(self, step_id: str) -> Answers:
        days = {
            name: now() + timedelta(days=200 * (name in ("dig_until", "new_due", "remedies_until")))
            for name in DAYS.get(step_id, ())
        }
        return days | USUAL[self.key].get(step_id, {}) | self.first.pop(step_id, {})

    def agree(self) -> None:
        assert self.case.open() == self.catalogue.open()
        assert self.case.is_closed() == (self.catalogue.end is not None)

    def step(self, step_id: str) -> None:
        """Do one open step: a person, a message, or the timer of a wait."""
        row = self.catalogue.steps[step_id]
        if row["kind"] == "user":
            self.case.pass_time(hours=3)
            self.case.complete(step_id, **self.answers(step_id))
            self.catalogue.complete(step_id)
        elif row.get("wait_for") == "timer":
            self._run_out(step_id)
            self.catalogue.complete(step_id)
        elif step_id in self.late:
            self.late.remove(step_id)
            self._run_out(f"{step_id}_limit")
            self.catalogue.move(step_id)
        else:
            self.case.variables.update(self.answers(step_id))
            self.case.receive(step_id)
            self.catalogue.complete(step_id)
        self.agree()

    def _run_out(self, timer_id: str) -> None:
        self.case.pass_time(seconds=(self.case.armed()[timer_id] - now()).total_seconds() + 1)

    def until(self, step_id: str) -> None:
        while step_id not in self.catalogue.tokens:
            self.step(self.catalogue.tokens[0])

    def to_the_end(self) -> str:
        for _ in range(60):
            if self.catalogue.end is not None:
                assert self.catalogue.end in [end for end in self.case.ended() if end.startswith("end_")]
                return self.catalogue.end
            self.step(self.catalogue.tokens[0])
        raise AssertionError(f"no end in sight: {self.case.open()}")


def every_row() -> list[Any]:
    return [
        pytest.param(key, (row["after"], row["when_zh"]), id=f"{key}-{row['after']}-{row['when_zh']}")
        for key, item in ITEMS.items()
        for row in item["branches"]
    ]


@pytest.mark.parametrize(("key", "row"), every_row())
def test_every_branch_of_the_catalogue_is_taken_and_the_case_still_ends(key: str, row: tuple[str, str]) -> None:
    with Walk(key, ROWS[key][row], LATE.get((key, row[1]), ())) as walk:
        walk.agree()
        end = walk.to_the_end()
        assert row in walk.catalogue.rows_taken
        assert end == ENDS.get((key, row[1]), ENDS.get((key, row[0]), USUAL_END[key]))


HALTING = [
    (key, step["id"])
    for key, item in ITEMS.items()
    for step in item["steps"]
    if step["min_duration"] and step["separation_group"] in ("investigate", "hearing")
]
LEADS_THERE: dict[str, dict[str, Answers]] = {"recheck": RECTIFY, "hold_hearing": HEARING}


@pytest.mark.parametrize("ruling", ["redo", "release"])
@pytest.mark.parametrize(("key", "step_id"), HALTING)
def test_a_ruling_has_the_step_redone_or_goes_where_it_would_have_gone(key: str, step_id: str, ruling: str) -> None:
    with Walk(key, LEADS_THERE.get(step_id)) as walk:
        walk.until(step_id)
        walk.case.complete_too_early(step_id, **walk.answers(step_id))
        assert walk.case.open() == [f"{step_id}_ruling"]
        walk.case.complete(f"{step_id}_ruling", halt_ruling=ruling)
        if ruling == "release":
            walk.catalogue.complete(step_id)
        else:
            assert walk.case.armed()[f"{step_id}_minimum"] > now()
        walk.agree()
        assert walk.to_the_end() == USUAL_END[key]


@pytest.mark.parametrize("key", ["temporary_relief", "road_excavation_levy"])
def test_a_correction_not_made_in_thirty_days_counts_as_withdrawal(key: str) -> None:
    with Walk(key, {"formal_check": {"check_result": "correction"}}) as walk:
        walk.until("await_correction")
        walk.case.pass_time(days=29)
        assert walk.case.open() == ["await_correction"]
        walk.case.pass_time(days=2)
        walk.catalogue.move("await_correction")
        walk.agree()
        assert walk.to_the_end() == "end_withdrawn"


def test_a_check_that_nobody_does_in_five_working_days_is_deemed_acceptance() -> None:
    with Walk("road_excavation_levy") as walk:
        walk.until("formal_check")
        walk.case.pass_time(days=8)
        walk.catalogue.move("formal_check")
        walk.agree()
        assert walk.case.variables["deemed"] is True
        assert walk.to_the_end() == "end_granted"


def test_papers_of_what_was_paid_at_once_have_ten_working_days_from_the_payment() -> None:
    with Walk("temporary_relief", URGENT) as walk:
        walk.until("home_visit")
        paid_on = walk.case.variables["urgent_paid_on"]
        assert walk.case.armed()["handling_statutory"] == paid_on.replace(hour=0) + timedelta(days=15)


@pytest.mark.parametrize("key", ["temporary_relief", "road_excavation_levy", "street_occupation_penalty"])
def test_a_limit_that_passes_takes_no_work_away(key: str) -> None:
    with Walk(key) as walk:
        walk.until("decide")
        walk.case.pass_time(days=120)
        passed = {"decide_limit_passed", "handling_statutory_passed", "handling_promised_passed"}
        assert passed <= set(walk.case.ended())
        walk.agree()
        assert walk.to_the_end() == USUAL_END[key]
