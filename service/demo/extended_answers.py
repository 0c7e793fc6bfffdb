"""Answers for work beside the applications: the hotline's orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.demo.answers import Story

Fill = Callable[["Story", date], dict[str, Any]]

# What callers ring about: (kind, title, what they say, department that handles it).
CALLS: tuple[tuple[str, str, str, str], ...] = (
    ("complaint", "小区门口烧烤摊油烟扰民", "每晚七点后摆摊，油烟直接飘进二楼住户家中，持续到深夜。", "SG"),
    ("help", "村医务室周末无人值守", "老人周末血压升高，到村医务室多次无人，希望安排值班。", "WJ"),
    ("report", "化工园区夜间有刺鼻气味", "最近三天夜里十一点以后有刺鼻气味，怀疑有企业偷排。", "HB"),
    ("consult", "不动产过户需要带哪些材料", "房屋买卖后办理转移登记，需要哪些材料，是否可以预约。", "ZR"),
    ("suggest", "建议在人民东路增设过街设施", "学校门口车流大，学生过街危险，建议增设信号灯或天桥。", "ZJ"),
    ("urgent", "燃气管道施工挖断，有燃气味", "港城路施工挖断管道，现场有明显燃气味，请立即处理。", "YJ"),
)


def _call(story: Story, _on: date) -> dict[str, Any]:
    kind, title, text, _ = CALLS[story.number % len(CALLS)]
    name, _, mobile = story.person
    named = {} if story.choose("anonymous", False) else {"caller_name": name}
    return {
        **named,
        "caller_mobile": mobile,
        "order_kind": story.choose("order_kind", kind),
        "order_title": title,
        "order_text": text,
        "place": f"临江县{story.place}",
        "keep_secret": story.choose("keep_secret", "no"),
        "answerable": story.choose("answerable", "no"),
    }


def _signed(story: Story, _on: date) -> dict[str, Any]:
    result = story.choose("sign_result", "sign")
    reason = {"return_reason": "按照职责分工，该路段由其他单位管理，依据县政府三定规定第五条。"}
    return {"sign_result": result, **(reason if result == "return" else {})}


def _follow_up(story: Story, _on: date) -> dict[str, Any]:
    satisfaction = story.choose("satisfaction", "ok")
    more: dict[str, Any] = {}
    if satisfaction == "bad":
        more = {"reason_bad": "问题当天有改善，第二天又出现，没有彻底解决。"}
    if satisfaction == "unreachable":
        more = {"call_attempts": 3}
    return {"satisfaction": satisfaction, **more}


_HOTLINE: Mapping[str, Fill] = {
    "register_call": _call,
    "answer_now": lambda s, on: {"answer_text": "已按知识库告知办理材料、地点和网上预约方式，来电人表示清楚。"},
    "dispatch": lambda s, on: {
        "target_department": s.choose("target_department", CALLS[s.number % len(CALLS)][3]),
        "co_departments": list(s.choose("co_departments", [])),
    },
    "sign": _signed,
    "contact_caller": lambda s, on: {
        "contacted_at": on.isoformat(),
        "contact_note": "已电话联系来电人，了解具体位置和时间，约定现场查看。",
    },
    "handle": lambda s, on: {
        "handle_result": "工作人员到现场核实情况，责令责任人当场整改，整改结果已拍照留存，并向来电人说明后续巡查安排。",
        "resolved": s.choose("resolved", "yes"),
    },
    "dept_review": lambda s, on: {"dept_ok": s.choose("dept_ok", "yes")},
    "reply_caller": lambda s, on: {
        "reply_text": "您反映的问题已经处理，如再次出现请随时拨打 12345。",
        "reply_way": s.choose("reply_way", "sms"),
    },
    "follow_up": _follow_up,
    "centre_ruling": lambda s, on: {
        "ruling": s.choose("ruling", "close"),
        "ruling_reason": "经核查承办单位已依法处理，事实清楚，答复适当。",
    },
}


def _inspected(story: Story, on: date) -> dict[str, Any]:
    result = story.choose("inspect_result", "clean")
    rows = [{"problem": "未明码标价", "demand": "全部商品明码标价", "deadline": "三十日内"}]
    return {
        "inspected_on": on.isoformat(),
        "inspect_record": "两名检查人员出示证件后现场检查证照、进货台账和价格标签，询问负责人并拍照取证。",
        "inspect_result": result,
        **({"rectify_items": rows} if result == "rectify" else {}),
    }


_INSPECTION: Mapping[str, Fill] = {
    "make_plan": lambda s, on: {
        "plan_name": "2026 年价格行为双随机抽查",
        "plan_matter": s.choose("plan_matter", "price"),
        "draw_percent": s.choose("draw_percent", 25),
        "plan_from": (on + timedelta(days=3)).isoformat(),
        "plan_until": (on + timedelta(days=60)).isoformat(),
    },
    "approve_plan": lambda s, on: {"plan_ok": s.choose("plan_ok", "yes")},
    "inspect": _inspected,
    "section_review": lambda s, on: {"inspect_review": s.choose("inspect_review", "pass")},
    "recheck": lambda s, on: {"rechecked_on": on.isoformat(), "recheck_result": s.choose("recheck_result", "ok")},
    "await_rectification": lambda s, on: {"rectification_note": "全部商品已明码标价，照片附后。"},
}


def _milestones(story: Story, on: date) -> list[dict[str, Any]]:
    first = story.choose("first_due_in_days", 30)
    rows = (("施工许可", 0), ("主体封顶", 60), ("竣工验收", 150))
    return [
        {
            "name": name,
            "milestone_due": (on + timedelta(days=first + days)).isoformat(),
            "responsible": "项目部",
            "mark": f"{name}文件",
            "investment": "20000000",
        }
        for name, days in rows
    ]


def _delay_ruling(story: Story, on: date) -> dict[str, Any]:
    ruling = story.choose("delay_ruling", "catch_up")
    later = {"new_due": (on + timedelta(days=20)).isoformat()}
    return {"delay_ruling": ruling, **(later if ruling == "catch_up" else {})}


_MILESTONES: Mapping[str, Fill] = {
    "register_project": lambda s, on: {
        "project_name": "滨江路综合管廊工程",
        "project_code": "2601-329901-04-01-100001",
        "owner_unit": "临江县城建投资有限公司",
        "owner_code": "913299017654321049",
        "lead_department": "ZJ",
        "county_leader_name": "李建华",
        "investment": 6_000_000_000,
        "start_on": on.isoformat(),
        "finish_on": (on + timedelta(days=200)).isoformat(),
    },
    "make_plan": lambda s, on: {"milestones": _milestones(s, on)},
    "approve_plan": lambda s, on: {"plan_ok": s.choose("plan_ok", "yes")},
    "await_report": lambda s, on: {"report_note": "本节点已按计划完成，请核验。"},
    "report_progress": lambda s, on: {
        "done_on": on.isoformat(),
        "progress_text": "完成本节点全部工程量，资料齐全。",
        "spent": 2_000_000_000,
        "percent": s.choose("percent", 35),
    },
    "verify_on_site": lambda s, on: {
        "verified_on": on.isoformat(),
        "officer_a": f"核验人 {s.officers[0]}",
        "officer_b": f"核验人 {s.officers[1]}",
        "verify_record": "两名核验人员到现场核对工程量和照片，与填报的完成情况一致。",
    },
    "section_review": lambda s, on: {
        "milestone_ok": s.choose("milestone_ok", "yes"),
        "review_opinion": "核验材料齐全，情况属实。",
    },
    "explain_delay": lambda s, on: {"delay_cause": "land", "remedy": "增加人员设备，两周内完成剩余拆迁。"},
    "rule_on_delay": _delay_ruling,
    "final_acceptance": lambda s, on: {"acceptance_on": on.isoformat(), "acceptance_result": "pass"},
}

EXTENDED: Mapping[str, Mapping[str, Fill]] = {
    "LJ-RX-EX-001": _HOTLINE,
    "LJ-SG-JC-001": _INSPECTION,
    "LJ-FG-EX-002": _MILESTONES,
}
