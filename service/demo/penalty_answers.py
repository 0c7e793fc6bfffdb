"""Plausible answers for the penalty: a stall, a pile or a structure in the street, from the lead to the closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.demo.answers import Story

Fill = Callable[["Story", date], dict[str, Any]]
_FINES = {"stall": 500_00, "pile": 1200_00, "structure": 6000_00}
_FACTS = (
    "经现场检查并询问当事人，当事人未经批准占用人行道，影响市容和通行，经责令改正后仍未自行清理，"
    "有照片和笔录为证，事实清楚。"
)
_LAW = "依据《城市市容和环境卫生管理条例》第三十六条第二项"


def _lead(story: Story, on: date) -> dict[str, Any]:
    person, id_number, mobile = story.person
    name, code = story.company
    kind = story.choose("party_kind", "person")
    party = {"party_name": person, "party_id": id_number}
    if kind == "organisation":
        party = {"party_name": name, "party_code": code}
    return {
        "lead_source": story.choose("lead_source", ("patrol", "hotline", "complaint")[story.number % 3]),
        "found_on": on.isoformat(),
        "place": story.place,
        "party_kind": kind,
        **party,
        "contact_mobile": mobile,
        "facts_brief": "巡查发现人行道上摆放货架和物料，占用约六平方米，当场劝告后仍未清理。",
    }


def _filing(story: Story, _on: date) -> dict[str, Any]:
    filing = story.choose("filing", "file")
    return {"filing": filing, **({} if filing == "file" else {"filing_reason": "情节轻微并已当场改正，不予立案。"})}


def _investigation(story: Story, _on: date) -> dict[str, Any]:
    violation = story.choose("violation", ("stall", "pile", "structure")[story.number % 3])
    return {
        "officer_a": story.officers[0],
        "officer_b": story.officers[1],
        "party_address": f"临江县{story.place}",
        "violation": violation,
        "area_m2": 6.5,
        "facts": _FACTS,
        "preserved": "no",
        "proposed_fine": story.choose("proposed_fine", _FINES[violation]),
        "complex": story.choose("complex", "no"),
    }


def _statement(story: Story, _on: date) -> dict[str, Any]:
    asked = story.choose("answer", "waive")
    if asked == "hearing":
        return {"statement_made": False, "hearing_requested": True, "rights_waived": False}
    if asked == "statement":
        told = "摊位是为处理自家积压货物临时摆放，已于次日清理，请求从轻处罚。"
        return {"statement_made": True, "statement_text": told, "hearing_requested": False, "rights_waived": False}
    return {"statement_made": False, "hearing_requested": False, "rights_waived": True}


def _hearing_notice(story: Story, on: date) -> dict[str, Any]:
    # Seven whole working days lie between the notice and the hearing; no holidays are longer than a week.
    return {
        "hearing_on": (on + timedelta(days=story.choose("hearing_in_days", 20))).isoformat(),
        "hearing_place": "县城市管理局二楼听证室",
        "hearing_chair_name": "听证主持人",
        "hearing_public": "yes",
    }


def _decision(story: Story, _on: date) -> dict[str, Any]:
    decision = story.choose("penalty_decision", "fine")
    violation = story.choose("violation", ("stall", "pile", "structure")[story.number % 3])
    fine = {"fine_amount": story.choose("fine_amount", story.choose("proposed_fine", _FINES[violation]))}
    return {
        "penalty_decision": decision,
        **(fine if decision == "fine" else {}),
        "decision_reason": f"违法事实清楚，证据确凿，{_LAW}，作出本决定。",
    }


def _closing(story: Story, _on: date) -> dict[str, Any]:
    kind = "no_penalty" if story.choose("penalty_decision", "fine") == "none" else story.choose("closing_kind", "paid")
    return {"closing_kind": kind, **({"closing_paper": "终结执行审批表"} if kind == "written_off" else {})}


PENALTY: Mapping[str, Fill] = {
    "register_lead": _lead,
    "filing_decision": _filing,
    "investigate": _investigation,
    "section_review": lambda s, on: {
        "proposal": s.choose("proposal", "punish"),
        "review_opinion": "违法事实清楚，证据充分，适用法律正确，裁量适当。",
    },
    "legal_review": lambda s, on: {
        "legal_opinion": s.choose("legal_opinion", "pass"),
        "legal_note": "主体、权限、程序、证据和裁量均合法。",
    },
    "serve_prior_notice": lambda s, on: {"notice_served_on": on.isoformat(), "notice_way": "direct"},
    "await_statement": _statement,
    "notify_hearing": _hearing_notice,
    "hold_hearing": lambda s, on: {
        "hearing_held_on": on.isoformat(),
        "hearing_attended": "yes",
        "hearing_opinion": "听取了当事人的申辩和质证，建议维持拟处罚意见。",
    },
    "statement_review": lambda s, on: {"statement_opinion": "当事人所述已清理属实，建议从轻。", "adopted": "part"},
    "legal_review_hearing": lambda s, on: {
        "legal_opinion": s.choose("hearing_legal_opinion", "pass"),
        "legal_note": "听证程序合法，同意提请集体讨论。",
    },
    "collective_discussion": lambda s, on: {
        "participants": [
            {"name": "局长", "position": "主要负责人", "opinion": "同意"},
            {"name": "副局长", "position": "分管负责人", "opinion": "同意"},
            {"name": "法制科长", "position": "法制科", "opinion": "同意"},
        ],
        "resolution": "一致同意按拟处罚意见作出决定。",
    },
    "decide": _decision,
    "serve_decision": lambda s, on: {"served_on": on.isoformat(), "serve_way": "direct"},
    "urge": lambda s, on: {"urge_served_on": on.isoformat()},
    "court_application": lambda s, on: {"court_filed_on": on.isoformat(), "court_case_no": "（2026）苏9901行审18号"},
    "close_case": _closing,
}
