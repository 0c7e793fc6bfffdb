"""Every table of the product. One module an area; the names are all here, so that one import reaches any."""

from service.database.metadata import metadata
from service.database.tables.cases import (
    case,
    case_link,
    case_message,
    clock_stop,
    due_row,
    event,
    incident,
    number_sequence,
    user_task,
)
from service.database.tables.certificates import certificate, certificate_change
from service.database.tables.definitions import called_diagram, form_schema, power_item, process_definition
from service.database.tables.money import (
    fine_plan,
    ledger_entry,
    receipt_mapping,
    treasury_import,
    treasury_receipt,
    treasury_row,
)
from service.database.tables.office import office_change, proposal
from service.database.tables.opinions import case_copy, task_opinion
from service.database.tables.papers import (
    attachment,
    document,
    document_copy,
    payment_notice,
    publication,
    unfinished_upload,
    unmatched_payment,
)
from service.database.tables.people import delegation, department, person, post_holding, session
from service.database.tables.platform import calendar_day, idempotency, setting
from service.database.tables.supervision import (
    alarm,
    alarm_threshold,
    contact,
    notice,
    order_alarm,
    outbox,
    outbox_decision,
    supervision_order,
    webhook_receiver,
)

__all__ = [
    "alarm",
    "alarm_threshold",
    "attachment",
    "calendar_day",
    "called_diagram",
    "case",
    "case_copy",
    "case_link",
    "case_message",
    "certificate",
    "certificate_change",
    "clock_stop",
    "contact",
    "delegation",
    "department",
    "document",
    "document_copy",
    "due_row",
    "event",
    "fine_plan",
    "form_schema",
    "idempotency",
    "incident",
    "ledger_entry",
    "metadata",
    "notice",
    "number_sequence",
    "office_change",
    "order_alarm",
    "outbox",
    "outbox_decision",
    "payment_notice",
    "person",
    "post_holding",
    "power_item",
    "process_definition",
    "proposal",
    "publication",
    "receipt_mapping",
    "session",
    "setting",
    "supervision_order",
    "task_opinion",
    "treasury_import",
    "treasury_receipt",
    "treasury_row",
    "unfinished_upload",
    "unmatched_payment",
    "user_task",
    "webhook_receiver",
]
