"""A certificate is revoked, cancelled, corrected or replaced (撤销、注销、更正、补发): a case of its own."""

from __future__ import annotations

from service.modelling.draft.sketch import Kind, Message, Node, Sketch, Timer

PROPOSAL, DECISION, EFFECT = 0, 1, 2
PAPER = "change_paper"
REVOKES = "change_kind == 'revoke'"
REISSUES = "change_kind == 'reissue'"
_STATEMENT = "the holder states and pleads before a right is taken (行政许可法 Art. 7)"
# id, name, name_en, post, separation group, row of the page
_TASKS = (
    ("legal_review", "法制审核", "Legal review", "legal", "legal", DECISION),
    ("decide", "负责人决定", "Decision by the head", "head", "decide", DECISION),
    ("review_reissue", "补发审核", "Review of the replacement", "section", "review", DECISION),
    ("serve", "送达", "Serve", "clerk", "accept", EFFECT),
)
_LIMITS = (
    ("legal_review", "working_days(3)", "3 个工作日", "3 working days", "top-right"),
    ("decide", "working_days(5)", "5 个工作日", "5 working days", "top-right"),
    ("review_reissue", "working_days(2)", "2 个工作日", "2 working days", "bottom-right"),
    ("serve", "working_days(7)", "7 个工作日", "7 working days", "top-right"),
)


def certificate_change() -> Sketch:
    """The holder is heard before a revocation, a lawyer reads it, the head decides (行政许可法 Art. 69, 70).

    A replacement for one that was lost or spoilt takes nothing from anybody: the head of section looks at it.
    """
    sketch = Sketch("certificate_change", "证照撤销、注销、更正与补发", "Change of a certificate")
    _add_proposal(sketch)
    _add_tasks(sketch)
    _add_effect(sketch)
    _connect(sketch)
    _arrange(sketch)
    return sketch


def _add_proposal(sketch: Sketch) -> None:
    sketch.add(Node("start", Kind.START, "提出", "Proposed", phase=PROPOSAL))
    sketch.add(Node("kind_gateway", Kind.EXCLUSIVE, "怎样变动？", "Which change?", phase=PROPOSAL))
    operation = (("operation", "tell_holder"),)
    sketch.add(Node("tell_holder", Kind.SERVICE, "告知持有人", "Tell the holder", operation, phase=PROPOSAL))
    wait = (("post", "party"),)
    words = ("等待陈述申辩", "Wait for a statement")
    trigger = Message("statement")
    sketch.add(Node("await_statement", Kind.RECEIVE, *words, wait, trigger=trigger, phase=PROPOSAL))
    sketch.add(_timer("await_statement", "working_days(5)", "5 个工作日", "5 working days", "bottom-right", move=True))


def _timer(host: str, expression: str, name: str, name_en: str, slot: str, *, move: bool = False) -> Node:
    role = (("role", "move" if move else "step_limit"),)
    return Node(
        f"{host}_limit",
        Kind.BOUNDARY,
        name,
        name_en,
        role,
        attached_to=host,
        interrupting=move,
        trigger=Timer(expression),
        slot=slot,
    )


def _add_tasks(sketch: Sketch) -> None:
    for task_id, name, name_en, post, group, phase in _TASKS:
        properties = [("formKey", task_id), ("post", post), ("separationGroup", group)]
        if task_id in ("decide", "serve"):
            properties.append(("requiredMaterials", PAPER))
        sketch.add(Node(task_id, Kind.USER, name, name_en, tuple(properties), phase=phase))
    for limit in _LIMITS:
        sketch.add(_timer(*limit))
        sketch.add(Node(f"{limit[0]}_limit_passed", Kind.END, "红色报警", "Red alarm", slot="stub"))


def _add_effect(sketch: Sketch) -> None:
    sketch.add(Node("decision_gateway", Kind.EXCLUSIVE, "准予变动？", "Change granted?", phase=EFFECT))
    operation = (("operation", "decide_change"),)
    words = ("制作决定书，换发新证", "Draw up the decision, replace")
    sketch.add(Node("decide_change", Kind.SERVICE, *words, operation, phase=EFFECT))
    # A right is gone on the day on which its holder is told, not before (行政许可法 Art. 69).
    operation = (("operation", "end_certificate"),)
    words = ("撤销、注销生效", "Revocation or cancellation takes effect")
    sketch.add(Node("end_certificate", Kind.SERVICE, *words, operation, phase=EFFECT))
    changed, kept = (("outcome", "changed"),), (("outcome", "kept"),)
    sketch.add(Node("end_changed", Kind.END, "已变动", "Changed", changed, phase=EFFECT))
    sketch.add(Node("end_kept", Kind.END, "维持原证", "Kept as it was", kept, phase=EFFECT))


def _connect(sketch: Sketch) -> None:
    for source, target in (
        ("start", "kind_gateway"),
        ("tell_holder", "await_statement"),
        ("await_statement", "legal_review"),
        ("await_statement_limit", "legal_review"),
        ("legal_review", "decide"),
        ("decide", "decision_gateway"),
        ("review_reissue", "decision_gateway"),
        ("decide_change", "serve"),
        ("serve", "end_certificate"),
        ("end_certificate", "end_changed"),
        *((f"{limit[0]}_limit", f"{limit[0]}_limit_passed") for limit in _LIMITS),
    ):
        sketch.connect(source, target)
    sketch.connect("kind_gateway", "tell_holder", name="撤销", name_en="Revoke", condition=REVOKES)
    sketch.connect("kind_gateway", "review_reissue", name="补发", name_en="Replace", condition=REISSUES)
    sketch.connect("kind_gateway", "legal_review", name="注销、更正", name_en="Cancel or correct", is_default=True)
    granted = "change_decision == 'grant'"
    sketch.connect("decision_gateway", "decide_change", name="准予", name_en="Granted", condition=granted)
    sketch.connect("decision_gateway", "end_kept", name="维持", name_en="Kept", is_default=True)


def _arrange(sketch: Sketch) -> None:
    for node_id, cell in {
        "start": (0, 0),
        "kind_gateway": (1, 0),
        "tell_holder": (2, 0),
        "await_statement": (3, 0),
        "legal_review": (0, 0),
        "decide": (1, 0),
        "review_reissue": (0, 1),
        "decision_gateway": (0, 0),
        "decide_change": (1, 0),
        "serve": (2, 0),
        "end_certificate": (3, 0),
        "end_changed": (4, 0),
        "end_kept": (1, 1),
    }.items():
        sketch.at(node_id, *cell)
