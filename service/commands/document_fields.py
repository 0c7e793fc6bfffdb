"""Which answers stand on the papers that are neither certificate nor letter of decision, by kind of document."""

from __future__ import annotations

from collections.abc import Mapping

PAPERS: Mapping[str, tuple[str, ...]] = {
    "work_order": (
        "order_title",
        "order_kind",
        "order_text",
        "place",
        "caller_name",
        "caller_mobile",
        "target_department",
        "co_departments",
    ),
    "task_paper": ("plan_name", "plan_matter", "draw_percent", "draw_count", "plan_from", "plan_until"),
    "record": (
        "party_name",
        "party_code",
        "party_address",
        "officer_a",
        "officer_b",
        "inspected_on",
        "inspect_record",
        "inspect_result",
        "rectify_items",
    ),
    "result": ("party_name", "party_code", "plan_matter", "inspected_on", "inspect_result"),
    "plan": ("project_name", "project_code", "owner_unit", "lead_department", "county_leader_name", "milestones"),
    "delay_notice": ("project_name", "owner_unit", "milestone_name", "delay_cause", "remedy"),
    "acceptance": ("project_name", "owner_unit", "acceptance_on", "acceptance_result", "final_cost"),
    "reply": ("order_title", "handle_result", "reply_text"),
}
