"""The milestones of a key project (重点工程节点): a plan, then one after the other, each with its own due day."""

from __future__ import annotations

from service.modelling.draft.planned import DrawnTimer, Plan
from service.modelling.draft.wording import Words

MILESTONES = Plan(
    key="project_milestones",
    start=Words("重点工程立项", "Key project approved"),
    messages={"await_report": "milestone_report"},
    # A ruling that gives more time overwrites the plan's day until the next milestone is taken.
    variables={"due_on": "new_due if delay_ruling == 'catch_up' else planned_due"},
    timers=(
        DrawnTimer(
            "await_report_early",
            "await_report",
            "reminder",
            "natural_days(15, before=due_on)",
            Words("节点前 15 日提醒", "15 days before due"),
            "top-left",
            alarm="blue",
        ),
        DrawnTimer(
            "await_report_soon",
            "await_report",
            "reminder",
            "natural_days(5, before=due_on)",
            Words("节点前 5 日预警", "5 days before due"),
            "top-right",
            alarm="yellow",
        ),
        DrawnTimer(
            "await_report_limit",
            "await_report",
            "move",
            "natural_days(0, since=due_on)",
            Words("节点到期", "Due"),
            "bottom-left",
            "explain_delay",
            alarm="red",
        ),
    ),
    cells={
        "start": (0, 0),
        "register_project": (1, 0),
        "make_plan": (2, 0),
        "approve_plan": (3, 0),
        "approve_plan_gateway": (4, 0),
        "next_milestone": (0, 0),
        "next_milestone_gateway": (1, 0),
        "await_report": (2, 0),
        "report_progress": (3, 0),
        "verify_on_site": (4, 0),
        "section_review": (6, 0),
        "section_review_gateway": (7, 0),
        "explain_delay": (2, 2),
        "rule_on_delay": (4, 2),
        "rule_on_delay_gateway": (5, 2),
        "end_stopped": (6, 2),
        "final_acceptance": (0, 0),
        "archive": (2, 0),
        "end_done": (3, 0),
    },
    phases={
        **dict.fromkeys(
            "next_milestone next_milestone_gateway await_report report_progress verify_on_site verify_on_site_ruling "
            "verify_on_site_ruling_gateway section_review section_review_gateway explain_delay rule_on_delay "
            "rule_on_delay_gateway end_stopped".split(),
            1,
        ),
        **dict.fromkeys(
            "final_acceptance final_acceptance_ruling final_acceptance_ruling_gateway archive end_done".split(), 2
        ),
    },
)
