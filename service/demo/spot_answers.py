"""Plausible answers for a penalty on the spot: a stall or a pile in the street, told, decided and paid there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.demo.answers import Story

Fill = Callable[["Story", date], dict[str, Any]]
_FACTS = "当事人未经批准在人行道上摆摊经营，占用约两平方米，影响通行，有现场照片为证，事实清楚。"


def _check(story: Story, _on: date) -> dict[str, Any]:
    person, id_number, mobile = story.person
    name, code = story.company
    kind = story.choose("party_kind", "person")
    party = {"party_name": person, "party_id": id_number}
    if kind == "organisation":
        party = {"party_name": name, "party_code": code}
    said = story.choose("statement", "none")
    told = {} if said == "none" else {"statement_text": "称家庭困难；经复核，违法事实成立，已从轻。"}
    return {
        "place": story.place,
        "party_kind": kind,
        **party,
        "contact_mobile": mobile,
        "party_address": f"临江县{story.place}",
        "officer_a": story.officers[0],
        "officer_b": story.officers[1],
        "certificates_shown": True,
        "violation": story.choose("violation", "stall"),
        "facts": _FACTS,
        "facts_clear": story.choose("facts_clear", "yes"),
        "rights_told": True,
        "statement": said,
        **told,
    }


def _decision(story: Story, _on: date) -> dict[str, Any]:
    decision = story.choose("penalty_decision", "fine")
    fine = {"fine_amount": story.choose("fine_amount", 50_00)} if decision == "fine" else {}
    law = "依据《城市市容和环境卫生管理条例》第三十六条第二项，当场作出本决定。"
    return {"penalty_decision": decision, **fine, "decision_reason": f"违法事实确凿，{law}"}


def _service(story: Story, on: date) -> dict[str, Any]:
    fined = story.choose("penalty_decision", "fine") == "fine"
    way = story.choose("pay_way", "on_the_spot") if fined else "none"
    given: dict[str, Any] = {"served_on": on.isoformat(), "party_signature": "signed", "pay_way": way}
    if way != "on_the_spot":
        return given
    ground = story.choose("spot_ground", "small")
    given["spot_ground"] = ground
    if ground != "small":
        given["spot_ground_facts"] = "当事人系外地流动摊贩，在本县无固定住所，事后难以执行。"
    if ground == "remote":
        given |= {"spot_ground_facts": "江心沙洲无银行网点，通信信号不稳。", "party_asked": True}
    return given


def _collection(story: Story, _on: date) -> dict[str, Any]:
    if story.choose("collected", "yes") == "no":
        return {"collected": "no"}
    return {"collected": "yes", "ticket_number": story.choose("ticket_number", "")}


SPOT_PENALTY: Mapping[str, Fill] = {
    "spot_check": _check,
    "spot_decide": _decision,
    "serve_decision": _service,
    "collect_fine": _collection,
    "urge": lambda s, on: {"urge_served_on": on.isoformat()},
    "court_application": lambda s, on: {"court_filed_on": on.isoformat(), "court_case_no": "（2026）苏9901行审26号"},
    "close_case": lambda s, on: {
        "filing_opinion": "备案材料齐全，程序合法，处罚适当，同意结案。",
        "closing_kind": s.choose("closing_kind", "paid"),
    },
}
