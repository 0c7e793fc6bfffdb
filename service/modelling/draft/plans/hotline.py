"""The hotline's work order (12345 工单): answered at once, or dispatched to a department that replies."""

from __future__ import annotations

from service.modelling.draft.planned import Clock, Plan, Scope
from service.modelling.draft.wording import Words

# Where the limit of the step alone is ten days, so is the promise (items.yaml, limits.promised).
_PROMISED = Clock(
    "promised",
    "top-outer",
    "working_days(10 if order_kind in ('report', 'suggest') else 5, since=dispatched_on)",
    Words("承诺 5 / 10 个工作日", "Promised 5 or 10 working days"),
)
_HANDLING = Scope(
    id="order_handling",
    words=Words("办理至答复", "From handling to the reply"),
    steps=("handle", "dept_review", "reply_caller"),
    start=Words("待办理", "To be handled"),
    first="handle",
    ends={"order_replied": Words("已答复", "Replied")},
    clocks=(_PROMISED,),
    after="follow_up",
)

HOTLINE = Plan(
    key="hotline_order",
    start=Words("来电", "Call received"),
    scopes=(_HANDLING,),
    via={
        ("contact_caller", "handle"): "order_handling",
        ("reply_caller", "follow_up"): "order_replied",
        ("follow_up", "handle"): "order_handling",
        ("centre_ruling", "handle"): "order_handling",
    },
    cells={
        "start": (0, 0),
        "register_call": (1, 0),
        "register_call_gateway": (2, 0),
        "end_not_accepted": (2, -0.5),
        "answer_now": (3, 1),
        "dispatch": (4, 0),
        "sign": (5, 0),
        "sign_gateway": (6, 0),
        "contact_caller": (7, 0),
        "order_handling": (0, 0),
        "order_handling_start": (0, 0),
        "handle": (1, 0),
        "dept_review": (3, 0),
        "dept_review_gateway": (4, 0),
        "reply_caller": (5, 0),
        "order_replied": (6, 0),
        "follow_up": (2, 0),
        "follow_up_gateway": (3, 0),
        "end_closed": (5, 1),
        "centre_ruling": (3, 1),
        "centre_ruling_gateway": (4, 1),
    },
    phases={
        "order_handling": 1,
        **dict.fromkeys(("follow_up", "follow_up_gateway", "end_closed", "centre_ruling", "centre_ruling_gateway"), 1),
    },
)
