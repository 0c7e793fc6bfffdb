"""The random inspection (双随机抽查): a plan, a draw, and a case of its own for each object that was drawn."""

from __future__ import annotations

from service.modelling.draft.planned import Clock, DrawnTimer, Plan, Scope
from service.modelling.draft.wording import Words

_INSPECTION = Scope(
    id="inspection",
    words=Words("检查至审核", "From the inspection to its review"),
    steps=("inspect", "section_review"),
    start=Words("对象已抽取", "Object drawn"),
    first="inspect",
    ends={"inspection_passed": Words("审核通过", "Review passed")},
    clocks=(
        Clock(
            "promised",
            "top-outer",
            "working_days(30, since=drawn_on)",
            Words("承诺 30 个工作日", "Promised 30 working days"),
        ),
    ),
    after="publish",
)

INSPECTION = Plan(
    key="market_inspection",
    start=Words("抽查任务或抽中的对象", "A plan, or an object that was drawn"),
    scopes=(_INSPECTION,),
    via={
        ("start", "inspect"): "inspection",
        ("section_review", "publish"): "inspection_passed",
    },
    limits_elsewhere=frozenset({"publish"}),
    # Publication is the service's own act: what takes the time until then is the review.
    timers=(
        DrawnTimer(
            "section_review_publication",
            "section_review",
            "step_limit",
            "working_days(20, since=inspected_on)",
            Words("公示 20 个工作日", "Published in 20 working days"),
            "top-left",
        ),
    ),
    cells={
        "start": (0, 0),
        "start_gateway": (1, 0),
        "make_plan": (2, 0),
        "freeze_pool": (3, 0),
        "approve_plan": (4, 0),
        "approve_plan_gateway": (5, 0),
        "draw": (6, 0),
        "end_drawn": (7, 0),
        "inspection": (0, 0),
        "inspection_start": (0, 0),
        "inspect": (1, 0),
        "section_review": (3, 0),
        "section_review_gateway": (4, 0),
        "inspection_passed": (5, 0),
        "publish": (1, 0),
        "publish_gateway": (2, 0),
        "await_rectification": (3, 0),
        "recheck": (5, 0),
        "recheck_gateway": (6, 0),
        "recheck_ruling": (5, 1),
        "recheck_ruling_gateway": (6, 1),
        "create_lead": (7, 0),
        "end_transferred": (8, 0),
        "end_done": (7, 2),
    },
    phases={
        "inspection": 1,
        **dict.fromkeys(
            "publish publish_gateway await_rectification recheck recheck_gateway recheck_ruling "
            "recheck_ruling_gateway create_lead end_transferred end_done".split(),
            2,
        ),
    },
)
