"""The operations that service tasks of a diagram may name. They run in the transaction of the act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from service.cases.happened import DeemedAccepted, FineOverdue, OrderMoved
from service.commands import documents, fees, inspecting, milestones, publishing
from service.commands.change_certificate import change_certificate, decide_change, end_certificate, tell_holder
from service.commands.relief import means_check
from service.commands.spot_fines import issue_ticket, report_for_filing
from service.commands.telling import tell_applicant
from service.engine import Element, EngineFailure
from service.outages.receipts import AS_OF_RECEIPT
from service.user_tasks.eligibility import CHECK_CASE

if TYPE_CHECKING:
    from service.commands.act import CaseAct

Operation = Callable[["CaseAct", Element, dict[str, Any]], bool]


def run(act: CaseAct, operation: str, element: Element, variables: dict[str, Any]) -> bool:
    """Run an operation by its name; True when it is done."""
    found = OPERATIONS.get(operation)
    if found is None:
        raise EngineFailure(f"Expected {element.id} to name a registered operation, but found {operation!r}")
    return found(act, element, variables)


def issue_acceptance(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """受理: the decision clock starts; a second pass after a way back keeps the first day."""
    act.run.memory.setdefault("accepted_at", act.now.isoformat())
    if not variables.get("accepted_on"):
        variables["accepted_on"] = _day_of_acceptance(act, variables)
    act.note("case_accepted", element.id, accepted_on=variables["accepted_on"], deemed=bool(variables.get("deemed")))
    act.later(lambda: documents.make_for_step(act, element.id))
    act.later(lambda: tell_applicant(act, "accepted", accepted_on=variables["accepted_on"]))
    act.later(lambda: _ask_for_staff(act))
    return True


def _day_of_acceptance(act: CaseAct, variables: Mapping[str, Any]) -> str:
    """Today; of what came in by an outage's receipt and was complete, the day of that receipt."""
    as_of = act.run.memory.get(AS_OF_RECEIPT)
    return str(as_of) if as_of is not None and as_of == variables.get("received_on") else act.today.isoformat()


def _ask_for_staff(act: CaseAct) -> None:
    """Whether somebody can do each coming step is looked at after the act, which it does not hold up."""
    case_id = act.row.case_id
    act.send(CHECK_CASE, f"{CHECK_CASE}/{case_id}/{act.row.event_seq}", {"case_id": case_id})


def deem_acceptance(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """视为受理 from the day of receipt (行政许可法 Art. 32); the open materials stay on the list."""
    variables["deemed"] = True
    variables["accepted_on"] = variables.get("accepted_on") or variables.get("received_on") or act.today.isoformat()
    missing = tuple(documents.missing_materials(act, "issue_acceptance"))
    act.note("acceptance_deemed", element.id, accepted_on=variables["accepted_on"], missing=list(missing))
    act.happened.append(DeemedAccepted(element.id, missing))
    return True


def publish(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """决定公开: the public view shows the item's public fields from now on."""
    act.later(lambda: publishing.publish_result(act, element.id))
    act.later(lambda: documents.make_for_step(act, element.id))
    return True


def payment_notice(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """缴款通知书: the fee standard's amount, with a code that the bank knows."""
    act.later(lambda: _make_notice(act, element.id))
    return True


def file_case(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """立案: the time within which the organ has to decide counts from this day (行政处罚法 Art. 60)."""
    act.run.memory.setdefault("accepted_at", act.now.isoformat())
    variables["accepted_on"] = variables.get("accepted_on") or act.today.isoformat()
    act.note("case_filed", element.id, filed_on=variables["accepted_on"])
    return True


def surcharge(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """The fine is late. A surcharge may be decided now, by a leader alone and never by itself (行政处罚法 Art. 72)."""
    act.note("fine_overdue", element.id, owed_fen=act.books.outstanding)
    act.happened.append(FineOverdue(element.id, act.books.outstanding))
    return True


def assess_fine(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """罚款决定: what the decision fines is owed from now on."""
    act.later(lambda: fees.post_fine(act, element.id))
    return True


def _make_notice(act: CaseAct, element_id: str) -> None:
    if fees.make_notice(act, element_id) is not None:
        documents.make_for_step(act, element_id)
        tell_applicant(act, "payment_due")


def _order_step(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    operation = element.properties["operation"]
    if operation == "notify_level2":
        variables["escalated"] = True
    if operation == "notify_centre":
        variables["centre_notified"] = True
    act.note("ladder_moved", element.id, operation=operation)
    said = next((fact.answers for fact in act.happened if isinstance(fact, OrderMoved)), {})
    act.happened.append(OrderMoved(operation, element.id, None, said))
    return True


OPERATIONS: Mapping[str, Operation] = {
    "issue_acceptance": issue_acceptance,
    "deem_acceptance": deem_acceptance,
    "publish": publish,
    "payment_notice": payment_notice,
    "means_check": means_check,
    "assess_fine": assess_fine,
    fees.APPLY_FEE_CHANGE: fees.send_fee_change,
    "freeze_pool": inspecting.freeze_pool,
    "draw": inspecting.draw_objects,
    "create_lead": inspecting.create_lead,
    "next_milestone": milestones.next_milestone,
    "archive": milestones.archive,
    "file_case": file_case,
    "surcharge": surcharge,
    "report_for_filing": report_for_filing,
    "issue_ticket": issue_ticket,
    "tell_holder": tell_holder,
    "change_certificate": change_certificate,
    "decide_change": decide_change,
    "end_certificate": end_certificate,
    **dict.fromkeys(
        "notify_level1 notify_handler notify_judge notify_returned notify_late notify_level2 notify_urged "
        "notify_centre notify_confirm notify_confirm_late settle_level1".split(),
        _order_step,
    ),
}
