"""Outbox messages that commands of our own take in, each done in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping

from service.commands.apply_certificate_change import apply_certificate_change
from service.commands.apply_fee_change import apply_fee_change, take_refund_on_asking
from service.commands.calendar_versions import RECOUNT, RECOUNT_CASE
from service.commands.change_certificate import APPLY
from service.commands.check_staff import check_office_staff, check_staff
from service.commands.decide_match import BOOK_KIND, book_share
from service.commands.declare_outage import PLANNED_END, tell_planned_end
from service.commands.end_former_certificate import END_FORMER, end_former_certificate
from service.commands.fees import APPLY_FEE_CHANGE
from service.commands.inspecting import OPEN_INSPECTION, OPEN_LEAD
from service.commands.leave import BEGIN, MOVE_TASK, begin_leave, move_opinion_of_leave, move_task_of_leave
from service.commands.leave_opinions import MOVE_OPINION
from service.commands.match_receipt import match_receipt
from service.commands.open_inspection import open_inspection, open_lead
from service.commands.recount_limits import recount_case, recount_limits
from service.commands.register_certificate import REMIND, remind_of_expiry
from service.commands.remind_of_notice import KIND, remind_of_notice
from service.commands.services import Services
from service.commands.taking_receipts import OUTBOX_KIND, ROWS_KIND, take_more_rows
from service.notices.bank import REFUND_PAID
from service.notices.outbox import Recorder
from service.user_tasks.eligibility import CHECK_CASE, CHECK_OFFICE

RECORDERS: Mapping[str, Recorder[Services]] = {
    APPLY: apply_certificate_change,
    END_FORMER: end_former_certificate,
    APPLY_FEE_CHANGE: apply_fee_change,
    OPEN_INSPECTION: open_inspection,
    OPEN_LEAD: open_lead,
    OUTBOX_KIND: match_receipt,
    BOOK_KIND: book_share,
    ROWS_KIND: take_more_rows,
    RECOUNT: recount_limits,
    RECOUNT_CASE: recount_case,
    BEGIN: begin_leave,
    MOVE_TASK: move_task_of_leave,
    REFUND_PAID: take_refund_on_asking,
    MOVE_OPINION: move_opinion_of_leave,
    REMIND: remind_of_expiry,
    CHECK_CASE: check_staff,
    CHECK_OFFICE: check_office_staff,
    KIND: remind_of_notice,
    PLANNED_END: tell_planned_end,
}
