"""Plausible answers for the forms of the six items, so that the demo county's cases read like cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from service.demo.extended_answers import EXTENDED
from service.demo.further_answers import FURTHER

PERSONS: tuple[tuple[str, str, str], ...] = (
    ("张伟明", "329901198506072015", "13800138001"),
    ("李秀兰", "32990119921103004X", "13800138002"),
    ("欧阳建国", "329901197802153376", "13800138003"),
    ("王晓燕", "329901198909124465", "13800138004"),
    ("陈志强", "329901197103251196", "13800138005"),
    ("赵小雨", "329901200107088829", "13800138006"),
)
COMPANIES: tuple[tuple[str, str], ...] = (
    ("临江县恒晟化工有限公司", "91329901MA1K2T3X6K"),
    ("临江县新港机械有限公司", "91329901MA1Q7R2W9J"),
    ("临江县口岸餐饮有限公司", "91329901MA1T5U6Y0K"),
    ("临江县康宁门诊部有限公司", "91329901MA1W3X4BXJ"),
    ("临江县江海热力管网有限公司", "91329901MA1B8C9D93"),
    ("临江县家常小吃店", "92329901MA1H6P8Q95"),
    ("临江县城建投资有限公司", "913299017654321049"),
)
BY_PERSONS = frozenset({"LJ-ZR-QR-001", "LJ-MZ-JF-001"})
ASSOCIATION = ("临江县书画爱好者协会", "5132990150990001X3")
PLACES = (
    "滨江新区港城路 18 号",
    "城关镇人民东路 206 号",
    "沿江化工园区纬三路 7 号",
    "石桥镇振兴街 52 号",
    "南湖街道望江里 3 幢",
)


@dataclass(frozen=True, slots=True)
class Story:
    """What distinguishes one demo case: who applies, what for, and what the office will find."""

    power_item: str
    number: int
    on: date
    officers: tuple[str, str] = ("", "")
    choices: Mapping[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> tuple[str, str, str]:
        return PERSONS[self.number % len(PERSONS)]

    @property
    def company(self) -> tuple[str, str]:
        return ASSOCIATION if self.power_item == "LJ-MZ-XK-001" else COMPANIES[self.number % len(COMPANIES)]

    @property
    def by_person(self) -> bool:
        """Whether a natural person stands as the applicant."""
        return self.power_item in BY_PERSONS

    @property
    def place(self) -> str:
        return PLACES[self.number % len(PLACES)]

    def choose(self, key: str, default: Any) -> Any:
        return self.choices.get(key, default)


def answers(story: Story, form_key: str, on: date) -> dict[str, Any]:
    """Complete answers for a form, on a day; the story's choices win."""
    own = (FURTHER.get(story.power_item) or EXTENDED.get(story.power_item, {})).get(form_key)
    fill = own or (_APPLY.get(story.power_item) if form_key == "apply" else _FORMS.get(form_key))
    return fill(story, on) if fill is not None else {}


def _organisation(story: Story) -> dict[str, Any]:
    name, code = story.company
    person, id_number, mobile = story.person
    return {
        "applicant_name": name,
        "applicant_code": code,
        "legal_rep_name": person,
        "legal_rep_id": id_number,
        "address": f"临江县{story.place}",
        "contact_name": person,
        "contact_mobile": mobile,
    }


def _chemicals(story: Story, _on: date) -> dict[str, Any]:
    kind = story.choose("application_kind", "new")
    extra = {} if kind == "new" else {"old_cert_no": "苏 WH安许证字〔2023〕00017"}
    return {
        **_organisation(story),
        "chemicals": [
            {"product": "工业乙醇", "cas_number": "64-17-5", "annual_tonnes": "1200"},
            {"product": "乙酸乙酯", "cas_number": "141-78-6", "annual_tonnes": str(300 + story.number)},
        ],
        "beyond_county": story.choose("beyond_county", "no"),
        "site_address": f"临江县{story.place}",
        "staff_count": 40 + story.number % 60,
        "application_kind": kind,
        **extra,
    }


def _association(story: Story, on: date) -> dict[str, Any]:
    kind = story.choose("reg_kind", "change")
    name, code = story.company
    person, id_number, mobile = story.person
    given: dict[str, Any] = {
        "reg_kind": kind,
        "applicant_name": name,
        "legal_rep_name": person,
        "legal_rep_id": id_number,
        "contact_mobile": mobile,
        "address": f"临江县{story.place}",
        "supervisor_unit": "临江县文化广电和旅游局",
        "consent_date": (on - timedelta(days=12)).isoformat(),
    }
    if kind == "found":
        given |= {
            "purpose": "普及书画艺术，开展交流和公益展览。",
            "members_person": 56,
            "members_unit": 4,
            "funds": 5_000_000,
        }
    else:
        given["org_code"] = code
    if kind == "change":
        given |= {"change_items": list(story.choose("change_items", ["domicile"]))}
    if kind == "cancel":
        given |= {"cancel_reason": "dissolved"}
    return given


def _impact(story: Story, _on: date) -> dict[str, Any]:
    return {
        **_organisation(story),
        "project_name": f"{story.company[0].removeprefix('临江县')[:8]}年产 {story.number % 9 + 1} 万吨技改项目",
        "doc_type": story.choose("doc_type", "form"),
        "industry": ("chem", "mach", "food", "other")[story.number % 4],
        "investment": 2_500_000_00,
        "env_investment": 180_000_00,
        "eia_unit": "江苏清源环境咨询有限公司",
        "eia_unit_code": "91329901MA1Q7R2W9J",
    }


def _real_estate(story: Story, _on: date) -> dict[str, Any]:
    seller, buyer = PERSONS[(story.number + 1) % len(PERSONS)], story.person
    return {
        "seller_name": seller[0],
        "seller_kind": "person",
        "seller_id": seller[1],
        "buyer_name": buyer[0],
        "buyer_kind": "person",
        "buyer_id": buyer[1],
        "contact_mobile": buyer[2],
        "old_cert_no": f"苏(2015)临江县不动产权第{story.number:07d}号",
        "unit_no": f"329901001001GB00001F{story.number:08d}",
        "property_use": story.choose("property_use", "dwelling"),
        "area_m2": 89.5 + story.number % 60,
        "price": 980_000_00 + story.number * 1_000_00,
        "transfer_kind": "sale",
        "extra_copies": story.choose("extra_copies", 0),
    }


def _food(story: Story, _on: date) -> dict[str, Any]:
    kind = story.choose("application_kind", "new")
    extra = {} if kind == "new" else {"old_cert_no": "JY23299000012345", "layout_changed": story.choose("layout", "no")}
    return {
        **_organisation(story),
        "application_kind": kind,
        **extra,
        "business_form": ("shop", "catering", "canteen")[story.number % 3],
        "business_items": ["hot", "drink"] if story.number % 2 else ["prepacked"],
        "premises": f"临江县{story.place}",
        "area_m2": 60 + story.number % 200,
        "safety_manager": story.person[0],
    }


def _medical(story: Story, _on: date) -> dict[str, Any]:
    return {
        **_organisation(story),
        "institution_name": story.company[0].removesuffix("有限公司"),
        "setup_approval_no": f"临卫设〔2026〕{story.number % 90 + 1} 号",
        "ownership": story.choose("ownership", "clinic"),
        "departments": ["internal", "dental"],
        "beds": story.choose("beds", 10),
        "capital": 200_000_000,
        "principal": story.person[0],
        "principal_id": story.person[1],
        "staff_table": [
            {"name": "陆静", "practice_licence": "110329900012345", "section": "内科", "title": "主治医师"},
            {"name": "石磊", "practice_licence": "110329900012346", "section": "口腔科", "title": "医师"},
        ],
    }


_APPLY: Mapping[str, Callable[[Story, date], dict[str, Any]]] = {
    "LJ-YJ-XK-001": _chemicals,
    "LJ-MZ-XK-001": _association,
    "LJ-HB-XK-001": _impact,
    "LJ-ZR-QR-001": _real_estate,
    "LJ-SG-XK-001": _food,
    "LJ-WJ-XK-001": _medical,
}


def _formal_check(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("check_result", "accept")
    given: dict[str, Any] = {"check_result": result}
    if result == "correction":
        given["correction_items"] = [
            {"material": "申请书", "problem": "第 3 页法定代表人未签字", "basis": "行政许可法 第三十二条"}
        ]
    if result in ("not_competent", "not_needed"):
        given["not_accepted_reason"] = "该事项由上级机关办理。"
    if result == "not_competent":
        given["competent_organ"] = "省应急管理厅"
    if story.power_item == "LJ-ZR-QR-001" and result == "accept":
        given["needs_view"] = story.choose("needs_view", "no")
    return given


def _survey(story: Story, on: date) -> dict[str, Any]:
    return {
        "survey_date": on.isoformat(),
        "officer_a": story.officers[0],
        "officer_b": story.officers[1],
        "survey_record": "当日上午到达现场，查看生产、储存和安全设施，"
        "核对人员证件和台账，企业负责人全程陪同，未发现重大隐患。",
        **_SURVEYS[story.power_item](story),
    }


_SURVEYS: Mapping[str, Callable[[Story], dict[str, Any]]] = {
    "LJ-YJ-XK-001": lambda s: {
        "checklist": ["system", "staff", "equipment", "plan", "training"],
        "complex_process": s.choose("complex_process", False),
        "survey_result": s.choose("survey_result", "pass"),
        **(
            {"rectify_items": [{"problem": "消防通道堆物", "demand": "立即清理", "deadline": "15 日内"}]}
            if s.choose("survey_result", "pass") == "rectify"
            else {}
        ),
    },
    "LJ-MZ-XK-001": lambda s: {"domicile_ok": "yes"},
    "LJ-SG-XK-001": lambda s: {
        "survey_checklist": ["layout", "clean", "cold", "water", "waste", "pest"],
        "survey_result": s.choose("survey_result", "pass"),
    },
    "LJ-WJ-XK-001": lambda s: {
        "standard_checklist": ["rooms", "staff", "equipment", "rules", "waste"],
        "survey_result": s.choose("survey_result", "pass"),
    },
    "LJ-ZR-QR-001": lambda s: {},
}


def _experts(story: Story, _on: date) -> dict[str, Any]:
    return {
        "experts": [
            {"name": "高远", "organisation": "江海大学", "speciality": "化学工程"},
            {"name": "沈静", "organisation": "市安全生产科学研究院", "speciality": "安全评价"},
        ],
        "expert_opinion": "工艺路线成熟，风险可控，建议按意见完善联锁后通过。",
        "review_days": 8,
    }


def _technical(story: Story, _on: date) -> dict[str, Any]:
    return {
        "experts": [{"name": "高远", "organisation": "江海大学", "speciality": "环境工程"}],
        "tech_result": "feasible",
        "tech_opinion": "报告编制依据充分，工程分析清楚，污染防治措施可行，环境风险可接受，"
        "结论总体可信；建议补充非正常工况分析，细化危险废物暂存要求，完善监测计划。",
        "officer_a": story.officers[0],
        "officer_b": story.officers[1],
    }


def _review(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("review_result", "agree_grant")
    given: dict[str, Any] = {"review_result": result, "review_opinion": "材料齐全，现场情况属实，符合法定条件。"}
    if result == "back":
        given["back_reason"] = "现场记录与照片不一致，请重新核实。"
    if result == "agree_refuse" and story.power_item == "LJ-HB-XK-001":
        given["refuse_ground"] = "measure"
    return given


def _decide(story: Story, on: date) -> dict[str, Any]:
    decision = story.choose("decision", "grant")
    given: dict[str, Any] = {"decision": decision}
    if decision == "grant" and story.power_item != "LJ-ZR-QR-001":
        # The last day follows from the item's term; a change keeps that of a licence from before the system.
        until = (on + timedelta(days=700)).isoformat() if story.choose("application_kind", "") == "change" else None
        given["valid_from"] = story.choose("valid_from", (on + timedelta(days=1)).isoformat())
        if last := story.choose("valid_until", until):
            given["valid_until"] = last
    if decision != "grant":
        given["decision_reason"] = "现场条件不符合规定，依据许可条件第三项不予许可。"
    return given


def _deliver(story: Story, on: date) -> dict[str, Any]:
    way = ("window", "courier", "electronic")[story.number % 3]
    extra = {"courier_no": f"SF{story.number:010d}"} if way == "courier" else {}
    return {"delivery_way": way, "receiver_name": story.person[0], "delivered_on": on.isoformat(), **extra}


_FORMS: Mapping[str, Callable[[Story, date], dict[str, Any]]] = {
    "formal_check": _formal_check,
    "site_survey": _survey,
    "site_view": _survey,
    "check_settlement": lambda s, on: {
        "officer_a": s.officers[0],
        "officer_b": s.officers[1],
        "settlement_end": (on - timedelta(days=5)).isoformat(),
        "settlement_ok": "yes",
    },
    "expert_review": _experts,
    "technical_review": _technical,
    "technical_review_again": _technical,
    "section_review": _review,
    "handle_objections": lambda s, on: {
        "objection_summary": "已约谈并书面答复，来信人无异议。",
        "objection_result": "settled",
    },
    "vice_approve": lambda s, on: {"vice_opinion": "agree"},
    "decide": _decide,
    "collect_old": lambda s, on: {"collected": ["cert", "seal"]},
    "print_certificate": lambda s, on: {"print_copies": 1, "seal_checked": ["yes"]},
    "deliver": _deliver,
    "serve_refusal": lambda s, on: {"refusal_served_on": on.isoformat(), "refusal_way": "window"},
    "halt_ruling": lambda s, on: {
        "halt_ruling": s.choose("halt_ruling", "redo"),
        "ruling_reason": "现场踏勘未满最短时限，记录与实际不符，责令重新踏勘。",
        **(
            {"ruling_ground": "已调取执法记录仪，两名人员确在现场"}
            if s.choose("halt_ruling", "redo") == "release"
            else {}
        ),
    },
    "await_correction": lambda s, on: {"correction_note": "已按一次性补正告知书补齐全部材料。"},
    "await_rectification": lambda s, on: {"rectification_note": "隐患已整改完毕，请复查。"},
    "order_sign": lambda s, on: {},
    "order_answer": lambda s, on: {
        "cause": "clerk",
        "explanation": "经查，经办人员因外出核查未能按时办理，属工作安排不当。",
        "measure": "已约谈经办人员并补办，科室每日晨会核对到期件。",
        "evidence": "约谈记录、补办时间记录",
    },
    "order_handler_sign": lambda s, on: {"sign_note": "已签收，立即核对。"},
    "order_handler_answer": lambda s, on: {
        "cause": "clerk",
        "explanation": "经查，经办人员因外出核查未能按时办理，属工作安排不当。",
        "measure": "已约谈经办人员并补办，科室每日晨会核对到期件。",
        "evidence": "约谈记录、补办时间记录",
    },
    "order_judge": lambda s, on: {"judge_result": "accepted", "judge_opinion": "原因属实，已整改到位，同意销号。"},
    "order_urge": lambda s, on: {"urge_note": "请于一个工作日内查明原因并答复。"},
    "order_confirm": lambda s, on: {"confirm_result": "accepted", "confirm_opinion": "原因清楚，措施到位，同意销号。"},
    "order_centre": lambda s, on: {"centre_demand": "责成主要负责人当面说明情况并限期整改。", "proposal": "none"},
}
