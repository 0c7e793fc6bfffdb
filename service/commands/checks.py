"""The control nodes of an act: fields, materials, gates, fees. Each refusal names what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.cases.happened import PrintRefused
from service.commands.act import CaseAct
from service.commands.departments import require_somebody
from service.commands.documents import missing_materials
from service.engine import Element, Outcome
from service.errors import Detail, Refused
from service.expressions import compile_expression
from service.form_schemas import CompiledForm, FieldProblem, message

# A case may end so although something is owed; all other ends say that the work is done.
UNPAID_ENDS = frozenset({"refused", "not_accepted", "withdrawn", "terminated"})


def checked_answers(act: CaseAct, form: CompiledForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the form takes them; raises Refused `invalid_answers` with a line for each field."""
    cleaned, problems = form.check(answers, lookup=act.run.lookup, today=act.today, calendar=act.calendar)
    if problems:
        raise invalid_answers(problems)
    return cleaned


def invalid_answers(problems: Iterable[FieldProblem]) -> Refused:
    """All that is wrong with the answers at once."""
    details = [Detail(p.code, message(p, "zh-CN"), message(p, "en"), pointer=p.pointer) for p in problems]
    return Refused(
        "invalid_answers",
        f"还不能提交，有 {len(details)} 处要改",
        f"Expected answers that fit the form, but {len(details)} do not",
        details,
    )


def require_entry(act: CaseAct, outcome: Outcome) -> None:
    """Refuse an act whose token would enter a step without its materials or against its gate."""
    entered = {(e.process, e.id): e for e in outcome.elements_entered}.values()
    always = act.item.always_asked if act.item else {}
    require_materials(act, [e for e in entered if e.required_materials or e.id in always])
    for element in entered:
        require_somebody(act, element)
        if element.properties.get("gate"):
            require_gate(act, element)
        if prints(act, element):
            require_fee(act)
    if outcome.completed and outcome.ended_with not in UNPAID_ENDS and act.item and act.item.fee:
        require_fee(act)


def require_materials(act: CaseAct, elements: Iterable[Element]) -> None:
    """A control node (控制节点): every material that these steps need is on file; what is missing is named at once."""
    short: list[Element] = []
    missing: dict[str, None] = {}
    for element in elements:
        if keys := missing_materials(act, element.id):
            short.append(element)
            missing.update(dict.fromkeys(keys))
    if not short:
        return
    details = [_material_detail(act, key) for key in missing]
    names_zh = "、".join(d.message.removeprefix("缺") for d in details)
    steps_zh, steps_en = "、".join(e.name_zh for e in short), ", ".join(e.name_en for e in short)
    raise Refused(
        "control_node_missing",
        f"缺{names_zh}，不能进入“{steps_zh}”",
        f"Expected every material before “{steps_en}”, but {len(details)} are missing",
        details,
    )


def _material_detail(act: CaseAct, key: str) -> Detail:
    material = act.materials.get(key)
    if material is None:
        return Detail("material_missing", f"缺{key}", f"{key} is missing", material=key)
    few_zh = f"(至少 {material.min_files} 份)" if material.min_files > 1 else ""
    few_en = f" (at least {material.min_files} files)" if material.min_files > 1 else ""
    return Detail(
        "material_missing", f"缺{material.name_zh}{few_zh}", f"{material.name_en} is missing{few_en}", material=key
    )


def require_gate(act: CaseAct, element: Element) -> None:
    """A drawn gate must hold before the step starts; the fee speaks for itself."""
    gate = compile_expression(element.properties["gate"])
    if gate.holds(act.run.lookup):
        return
    if "fee_settled" in gate.names and not act.run.lookup("fee_settled"):
        raise fee_unpaid()
    if "order_handlers" in gate.names:
        words = "请先确定由哪位经办人办理", "Expected a handler to be named before the order goes to one"
        raise Refused("control_node_missing", *words, [Detail("handler_missing", *words, pointer="/answers/sent_to")])
    raise Refused(
        "control_node_missing",
        f"“{element.name_zh}”的前置条件未满足：{gate.source}",
        f"Expected {gate.source} before “{element.name_en}”, but it does not hold",
        [Detail("gate_closed", gate.source, gate.source)],
    )


def prints(act: CaseAct, element: Element) -> bool:
    """Whether what was granted leaves the printer here: by the diagram, by the catalogue or by the step's group."""
    if act.item and act.item.fines:  # A penalty's decision is served whether it is paid or not.
        return act.item.fee is not None and element.id == act.item.fee.gate_before_step
    of_catalogue = act.item.fee.gate_before_step if act.item and act.item.fee else None
    return bool(element.documents_printed) or element.id == of_catalogue or element.separation_group == "print"


def require_fee(act: CaseAct, printed: str | None = None) -> None:
    """Printing asks the ledger, whatever the diagram says; who tries to print `printed` unpaid is told on (S10)."""
    if act.fact("fee_settled"):
        return
    tried = act.actor and printed and PrintRefused(printed, act.actor.person_id, act.actor.name)
    raise fee_unpaid(tried or None)


def fee_unpaid(tried: PrintRefused | None = None) -> Refused:
    return Refused(
        "fee_unpaid",
        "费用尚未网上缴清，不能制证打印",
        "Expected the fee to be paid online before printing, but it is not",
        facts={"happened": (tried,)} if tried else None,
    )
