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
    "reply": ("order_title", "handle_result", "reply_text"),
}
