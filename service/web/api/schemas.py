"""What the interface sends: one schema a thing, built once. Names are those of API.md."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_dump

from service.web.api.fields import AnyValue, Day, DueProvisional, Instant, Named, PostNamed, View


def page_of(schema: Schema) -> Schema:
    """The schema of a page of these."""
    name = f"{type(schema).__name__}Page"
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(schema)),
        "total": fields.Integer(),
        "next": fields.String(allow_none=True),
    }
    found: type[Schema] = Schema.from_dict(members, name=name)
    return found()


class Person(View):
    id = fields.Integer()
    name = fields.String()


class CertificateOnFile(View):
    """A certificate of an earlier case that stands for a file; `standing` as the register has it."""

    id = fields.Integer()
    number = fields.String()
    standing = fields.String()
    valid_until = Day(allow_none=True)


class File(View):
    id = fields.Integer()
    material = fields.String()
    filename = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    digest = fields.String()
    uploaded_at = Instant()
    uploaded_by = fields.Nested(Person, allow_none=True)
    replaced_by = fields.Integer(allow_none=True)
    original_seen_at = Instant(allow_none=True)
    refused_at = Instant(allow_none=True)
    refused_because = fields.String(allow_none=True)
    certificate = fields.Nested(CertificateOnFile, allow_none=True)


class Material(View):
    key = fields.String()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()
    kind = fields.String()
    provided_by = fields.String()
    required = fields.Boolean()
    applies = fields.Boolean()
    needed_before_step = fields.String()
    need = fields.Integer()
    have = fields.Integer()
    missing = fields.Boolean()
    files = fields.List(fields.Nested(File))
    former = fields.List(fields.Nested(File))
    basis = fields.String()


class TaskBase(View):
    """What a task says of itself, wherever it stands."""

    id = fields.String()
    element_id = fields.String()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()
    post = fields.String()
    post_name = PostNamed()
    department = fields.String()
    form_key = fields.String()
    status = fields.String()
    assignee = fields.Nested(Person, allow_none=True)
    claimed_at = Instant(allow_none=True)
    entered_at = Instant()
    earliest_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    officers = fields.Integer()
    signed_by = fields.Nested(Person, allow_none=True)
    signed_at = Instant(allow_none=True)
    separation_group = fields.String(allow_none=True)
    halts = fields.Boolean()
    completed_at = Instant(allow_none=True)
    completed_by = fields.Nested(Person, allow_none=True)
    answers = AnyValue(allow_none=True)


class TaskOfCase(TaskBase):
    """A step in a case."""


class Task(TaskBase):
    case_number = fields.String()
    case_status = fields.String()
    case_kind = fields.String()
    power_item = fields.String(allow_none=True)
    power_item_name = Named(attribute="item_name")
    applicant_name = fields.String()
    form = AnyValue(allow_none=True)
    draft = AnyValue(allow_none=True)
    variables = AnyValue()
    required_materials = fields.List(fields.Nested(Material))
    version = fields.Integer()
    # The second officer's: of nothing yet (blank), of what lies in the draft (standing), of what lay there (outdated).
    signature = fields.String(allow_none=True)


class FeeLine(View):
    name = fields.String()
    item_code = fields.String()
    amount_fen = fields.Integer()
    quantity = fields.Integer()
    condition = fields.String()
    status = fields.String()
    pay_code = fields.String(allow_none=True)


class PaymentNotice(View):
    id = fields.Integer()
    pay_code = fields.String()
    item_code = fields.String()
    name = fields.String()
    payer = fields.String()
    amount_fen = fields.Integer()
    lines = fields.List(AnyValue())
    status = fields.String()
    made_at = Instant()
    due_at = Instant(allow_none=True)
    pay_url = fields.String(allow_none=True)
    paid_at = Instant(allow_none=True)
    bank_reference = fields.String(allow_none=True)


class PaymentReversal(View):
    reversal_no = fields.String()
    receipt_no = fields.String()
    pay_code = fields.String()
    amount_fen = fields.Integer()
    reason = fields.String()
    reversed_at = Instant()
    via = fields.String()
    status = fields.String()


class Fees(View):
    items = fields.List(fields.Nested(FeeLine))
    total = fields.Integer()
    next = fields.String(allow_none=True)
    amount_fen = fields.Integer()
    settled = fields.Boolean()
    notices = fields.List(fields.Nested(PaymentNotice))
    reversals = fields.List(fields.Nested(PaymentReversal))


class Document(View):
    id = fields.Integer()
    kind = fields.String()
    name = fields.String()
    number = fields.String(allow_none=True)
    made_at = Instant()
    copies = fields.Integer()


class Alarm(View):
    id = fields.Integer()
    kind = fields.String()
    colour = fields.String()
    status = fields.String()
    case_number = fields.String(allow_none=True)
    department = fields.String()
    element_id = fields.String(allow_none=True)
    subject = fields.String()
    rule = fields.String()
    rule_version = fields.Integer()
    raised_at = Instant()
    act_by = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    ground = fields.String(allow_none=True)
    summary = Named()
    summary_zh = fields.String()
    summary_en = fields.String()
    evidence = fields.List(AnyValue())
    person = fields.Nested(Person, allow_none=True)
    order_number = fields.String(allow_none=True)
    cause = fields.String(allow_none=True)
    result = fields.String(allow_none=True)
    result_at = Instant(allow_none=True)
    assigned_to = fields.String(allow_none=True)
    act_post = fields.String(allow_none=True, metadata={"description": "The post that must act on it."})


class Span(View):
    value = fields.Integer()
    unit = fields.String()


class StopInLimit(View):
    element_id = fields.String()
    basis = fields.String()
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    days = fields.Integer()


class LimitClock(View):
    """Of a limit in days: counted and remaining together are the limit until it has passed; `days` of stops are out."""

    role = fields.String()
    limit = fields.Nested(Span)
    since = Instant()
    due_at = Instant(allow_none=True)
    stopped = fields.Boolean()
    overdue = fields.Boolean()
    counted = fields.Nested(Span)
    remaining = fields.Nested(Span)
    words = Named()
    stops = fields.List(fields.Nested(StopInLimit))
    days_stopped = fields.Integer()
    provisional = fields.Boolean()


class ClockStop(View):
    element_id = fields.String()
    basis = fields.String()
    started_at = Instant()
    planned_end_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)


class CaseClock(View):
    limits = fields.List(fields.Nested(LimitClock))
    stops = fields.List(fields.Nested(ClockStop))
    stopped = fields.Boolean()


class Agent(View):
    name = fields.String()
    id_number = fields.String(allow_none=True)
    mobile = fields.String(allow_none=True)


class Applicant(View):
    name = fields.String()
    id_number = fields.String(allow_none=True)
    credit_code = fields.String(allow_none=True)
    mobile = fields.String(allow_none=True)
    secret = fields.Boolean(metadata={"description": "Wants to stay unknown: name and number for those alone who may"})
    agent = fields.Nested(Agent, allow_none=True)


class CaseBase(View):
    number = fields.String()
    power_item = fields.String(allow_none=True)
    power_item_name = Named(attribute="item_name")
    definition_version = fields.Integer()
    department = fields.String()
    status = fields.String()
    outcome = fields.String(allow_none=True)
    created_at = Instant()
    due_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    version = fields.Integer()


class CaseRow(CaseBase):
    due_provisional = DueProvisional()
    applicant_name = fields.String()


class PaperOfCase(View):
    number = fields.String()
    received_at = Instant()
    entered_at = Instant()
    outage = fields.String()
    in_time = fields.Boolean()


class Case(CaseBase):
    kind = fields.String()
    definition_key = fields.String()
    department_name = Named()
    applicant = fields.Nested(Applicant)
    secret = fields.String(
        metadata={"description": "Given when the case is started, and to window clerks of the department."}
    )
    received_on = Day(allow_none=True)
    accepted_on = Day(allow_none=True)
    decided_on = Day(allow_none=True)
    due_provisional = fields.Boolean()
    clock = fields.Nested(CaseClock)
    user_tasks = fields.List(fields.Nested(TaskOfCase))
    steps_done = fields.List(fields.Nested(TaskOfCase))
    materials = fields.List(fields.Nested(Material))
    fees = fields.List(fields.Nested(FeeLine), attribute="fees.lines")
    fee_settled = fields.Boolean(attribute="fees.settled")
    payment_notices = fields.List(fields.Nested(PaymentNotice), attribute="fees.notices")
    documents = fields.List(fields.Nested(Document))
    alarms = fields.List(fields.Nested(Alarm))
    events = fields.Integer()
    paper_receipt = fields.Nested(
        PaperOfCase,
        allow_none=True,
        metadata={"description": "The receipt of a declared outage from which the case was entered"},
    )

    @post_dump
    def keep_the_secret(self, dumped: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Who may not have the secret is not told that there is one."""
        if dumped.get("secret") is None:
            dumped.pop("secret", None)
        return dumped


class UnstaffedStep(View):
    element_id = fields.String()
    name = Named()
    post = fields.String()
    department = fields.String()
    officers = fields.Integer()
    why = fields.String()


class UnstaffedSteps(View):
    items = fields.List(fields.Nested(UnstaffedStep))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class Completed(View):
    outcome = fields.String()
    case = fields.Nested(Case)
    alarms = fields.List(fields.Nested(Alarm))


class Event(View):
    seq = fields.Integer()
    at = Instant()
    kind = fields.String()
    actor = fields.Nested(Person, allow_none=True)
    principal = fields.Integer(allow_none=True)
    post = fields.String(allow_none=True)
    element_id = fields.String(allow_none=True)
    payload = AnyValue()
    hash = fields.String()
    previous_hash = fields.String()


class Holding(View):
    post = fields.String()
    name = PostNamed()
    department = fields.String()
    principal = fields.String(allow_none=True, attribute="principal_name")


class User(View):
    id = fields.Integer(attribute="person_id")
    username = fields.String()
    name = fields.String()


class Me(View):
    user = fields.Nested(User)
    department = fields.String()
    department_name = Named()
    posts = fields.List(fields.String())
    holdings = fields.List(fields.Nested(Holding))
    permissions = fields.List(fields.String())


class Session(View):
    token = fields.String()
    expires_at = Instant()
    user = fields.Nested(Me)
    terminal = fields.String()


class SecondFactor(View):
    second_factor_until = Instant()
