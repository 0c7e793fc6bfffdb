"""Plausible answers for the items that are no plain licence: relief and the levy for digging up roads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from service.demo.penalty_answers import PENALTY
from service.demo.spot_answers import SPOT_PENALTY

if TYPE_CHECKING:
    from service.demo.answers import Story

Fill = Callable[["Story", date], dict[str, Any]]
_LAW = "依据社会救助暂行办法第四十七条，家庭情况不符合救助条件。"


def _two(story: Story) -> dict[str, Any]:
    return {"officer_a": story.officers[0], "officer_b": story.officers[1]}


# Relief --------------------------------------------------------------------------------------------------------------


def _relief(story: Story, _on: date) -> dict[str, Any]:
    person, id_number, mobile = story.person
    return {
        "applicant_name": person,
        "applicant_id": id_number,
        "address": f"临江县{story.place}",
        "contact_name": person,
        "contact_mobile": mobile,
        "household_size": 3,
        "members": [
            {"name": person, "id_number": id_number, "relation": "本人", "monthly_income_yuan": "1200"},
            {"name": "家属", "id_number": "", "relation": "配偶", "monthly_income_yuan": "900"},
            {"name": "子女", "id_number": "", "relation": "子女", "monthly_income_yuan": "0"},
        ],
        "relief_kind": ("fire", "traffic", "illness", "expense")[story.number % 4],
        "urgency": story.choose("urgency", "ordinary"),
        "difficulty": "家庭突遭变故，医疗和生活支出超出承受能力，基本生活暂时陷入困难。",
        "monthly_income": 700_00,
        "bank_account": f"6228480{story.number:012d}",
        "consent": ["yes"],
    }


def _urgent(story: Story, _on: date) -> dict[str, Any]:
    agreed = story.choose("urgent_ok", "yes")
    return {"urgent_ok": agreed, **({"urgent_amount": 1000_00} if agreed == "yes" else {})}


def _town_review(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("town_result", "agree")
    return {"town_result": result, **({"proposed_amount": 3000_00} if result == "agree" else {})}


def _county_review(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("review_result", "agree_grant")
    given = {"review_result": result, "review_opinion": "家庭困难情况属实，乡镇审核程序完整。"}
    return given | ({"back_reason": "入户调查表缺第二名调查人签字，请补充调查。"} if result == "back" else {})


def _relief_decision(story: Story, _on: date) -> dict[str, Any]:
    decision = story.choose("decision", "grant")
    return {"decision": decision, **({"amount": 3000_00} if decision == "grant" else {"decision_reason": _LAW})}


def _not_accepted(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("check_result", "accept")
    if result == "correction":
        missing = {"material": "授权书", "problem": "缺配偶签字", "basis": "社会救助暂行办法 第五十八条"}
        return {"check_result": result, "correction_items": [missing]}
    if result == "accept":
        return {"check_result": result}
    return {"check_result": "not_competent", "not_accepted_reason": "户籍和居住地均不在本县。"}


_RELIEF: Mapping[str, Fill] = {
    "apply": _relief,
    "formal_check": _not_accepted,
    "urgent_decision": _urgent,
    "urgent_payment": lambda s, on: {"urgent_paid_on": on.isoformat(), "urgent_voucher": f"JN{s.number:06d}"},
    "home_visit": lambda s, on: {
        **_two(s),
        "visit_on": on.isoformat(),
        "visit_record": "入户查看住房、家电和医疗票据，走访邻居两户，申请人所述收入和支出情况与实际一致。",
    },
    "town_review": _town_review,
    "objection_check": lambda s, on: {"objection_finding": "经走访核实，异议不属实。", "objection_founded": "no"},
    "county_review": _county_review,
    "decide": _relief_decision,
    "pay_out": lambda s, on: {"paid_on": on.isoformat(), "voucher_no": f"JZ{s.number:06d}"},
}


# The levy ------------------------------------------------------------------------------------------------------------


def _levy(story: Story, on: date) -> dict[str, Any]:
    name, code = story.company
    person, id_number, mobile = story.person
    asked = story.choose("reduction_asked", "no")
    return {
        "applicant_name": name,
        "applicant_code": code,
        "legal_rep_name": person,
        "legal_rep_id": id_number,
        "address": f"临江县{story.place}",
        "contact_name": person,
        "contact_mobile": mobile,
        "road_name": ("人民东路", "港城路", "振兴街")[story.number % 3],
        "dig_place": f"{story.place}门前人行道及快车道",
        "pavement": story.choose("pavement", ("asphalt", "concrete", "brick")[story.number % 3]),
        "dig_length": 12,
        "dig_width": 2,
        "dig_from": (on + timedelta(days=20)).isoformat(),
        "dig_until": (on + timedelta(days=30)).isoformat(),
        "reduction_asked": asked,
        **({"reduction_basis": "县重点民生供热管网工程，县政府专题会议纪要第 12 号。"} if asked == "yes" else {}),
    }


def _reduction(story: Story, _on: date) -> dict[str, Any]:
    decided = story.choose("reduction_decision", "part")
    part = {"reduction_fen": 2000_00} if decided == "part" else {}
    return {"reduction_decision": decided, **part, "reduction_reason": "民生工程，依据县政府专题会议纪要第 12 号。"}


def _levy_decision(story: Story, _on: date) -> dict[str, Any]:
    decision = story.choose("decision", "grant")
    reason = {"decision_reason": "施工期与道路大修年份冲突，依据城市道路管理条例第三十三条不予批准。"}
    return {"decision": decision, **(reason if decision != "grant" else {})}


_LEVY: Mapping[str, Fill] = {
    "apply": _levy,
    "site_survey": lambda s, on: {
        **_two(s),
        "survey_date": on.isoformat(),
        "survey_record": "会同申请单位实地丈量，拟挖掘长 12 米、宽 2 米，路面类型与申请一致，周边有学校需错峰施工。",
        "measured_m2": s.choose("measured_m2", 24.5),
    },
    "assess_fee": lambda s, on: {},
    "reduction_review": _reduction,
    "decide": _levy_decision,
    "urge": lambda s, on: {"urged_on": on.isoformat(), "urge_way": "letter"},
    "restoration_check": lambda s, on: {
        **_two(s),
        "checked_on": on.isoformat(),
        "restored": s.choose("restored", "yes"),
    },
    "await_completion": lambda s, on: {"completion_note": "挖掘和回填已完成，路面已恢复，请验收。"},
}

FURTHER: Mapping[str, Mapping[str, Fill]] = {
    "LJ-MZ-JF-001": _RELIEF,
    "LJ-ZJ-ZS-001": _LEVY,
    "LJ-CG-CF-001": PENALTY,
    "LJ-CG-CF-002": SPOT_PENALTY,
}
