"""What the interface sends beside cases: catalogue, definitions, supervision, people, the public view."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from service.web.api.fields import AnyValue, Day, DueProvisional, Instant, Named, PostNamed, View
from service.web.api.schemas import Alarm, Person, TaskOfCase


class ItemMaterial(View):
    key = fields.String()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()
    kind = fields.String()
    provided_by = fields.String()
    required = fields.Boolean()
    when = fields.String(allow_none=True)
    needed_before_step = fields.String()
    min_files = fields.Integer()
    # The form of whose questions a blank paper is drawn (`/public/items/CODE/blank/KEY.pdf`).
    blank_form = fields.String(allow_none=True)


class FeeRule(View):
    condition = fields.String()
    amount_fen = fields.Integer(allow_none=True)
    add_fen_each = fields.Integer(allow_none=True)
    formula = fields.String()


class FeeStandard(View):
    name = fields.String()
    kind = fields.String()
    item_code = fields.String()
    gate_before_step = fields.String()
    rules = fields.List(fields.Nested(FeeRule))
    standard = fields.Integer(allow_none=True)
    legal_source = fields.String(allow_none=True)


class Item(View):
    code = fields.String()
    version = fields.Integer()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()
    category = fields.String()
    department = fields.String()
    department_name = Named()
    handling_type = fields.String()
    status = fields.String()
    definition_key = fields.String()
    definition_version = fields.Integer(allow_none=True)
    first_step = fields.String(allow_none=True)
    first_form = AnyValue(allow_none=True)
    materials = fields.List(fields.Nested(ItemMaterial))
    fee = fields.Nested(FeeStandard, allow_none=True)
    limits = AnyValue()
    documents = AnyValue()
    legal_basis = fields.List(fields.String())
    public_fields = fields.List(fields.String())


class DiagramProblem(View):
    code = fields.String()
    severity = fields.String()
    element_id = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)
    message = Named()
    path = fields.List(fields.String())


class DiagramProblems(View):
    problems = fields.List(fields.Nested(DiagramProblem))


class Deployed(View):
    key = fields.String()
    version = fields.Integer()


class Definition(View):
    key = fields.String()
    version = fields.Integer()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()
    kind = fields.String()
    digest = fields.String()
    current = fields.Boolean()
    deployed_at = Instant()
    deployed_by = fields.Nested(Person, allow_none=True)
    running_cases = fields.Integer()


class DefinitionVersions(View):
    key = fields.String()
    name = Named()
    current_version = fields.Integer()
    versions = fields.List(fields.Nested(Definition))


class DefinitionVersion(Definition):
    forms = fields.List(fields.String())
    called = fields.List(fields.String())


class RuleFigure(View):
    name = fields.String()
    default = fields.Integer()
    least = fields.Integer()
    most = fields.Integer()
    zh = fields.String()
    en = fields.String()


class RuleChoice(View):
    scope = fields.String()
    value = fields.String()
    figures = fields.Dict(keys=fields.String(), values=fields.Integer())
    enabled = fields.Boolean()
    changed_at = Instant()
    changed_by = fields.Nested(Person)
    reason = fields.String()


class AlarmRule(View):
    """`raised`, `confirmed` and the others count alarms of this rule by what they came to."""

    code = fields.String()
    kind = fields.String()
    version = fields.Integer()
    zh = fields.String()
    en = fields.String()
    source = fields.String()
    figures = fields.List(fields.Nested(RuleFigure))
    adjustable = fields.Boolean()
    choices = fields.List(fields.Nested(RuleChoice))
    raised = fields.Integer()
    confirmed = fields.Integer()
    excused = fields.Integer()
    false_alarms = fields.Integer()


class PreviewedAlarm(View):
    colour = fields.String()
    department = fields.String()
    at = fields.String(metadata={"description": "Instant or day of the first row of its evidence"})
    summary_zh = fields.String()
    summary_en = fields.String()


class RulePreview(View):
    """`before` and `after` count what the rule raises over `days`; the lists are where they differ."""

    days = fields.Integer()
    before = fields.Integer()
    after = fields.Integer()
    added = fields.List(fields.Nested(PreviewedAlarm))
    dropped = fields.List(fields.Nested(PreviewedAlarm))


class AlarmRules(View):
    items = fields.List(fields.Nested(AlarmRule))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class Notice(View):
    id = fields.Integer()
    case_number = fields.String(allow_none=True)
    recipient = fields.String(allow_none=True)
    recipient_name = fields.String()
    address = fields.String()
    channel = fields.String()
    kind = fields.String()
    text = fields.String()
    status = fields.String()
    created_at = Instant()
    sent_at = Instant(allow_none=True)
    receipt_at = Instant(allow_none=True)
    opened_at = Instant(allow_none=True)


class OrderRow(View):
    number = fields.String()
    about_case = fields.String(allow_none=True)
    department = fields.String()
    rung = fields.Integer()
    status = fields.String()
    demand = fields.String()
    opened_at = Instant()
    due_at = Instant(allow_none=True)
    answered_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    version = fields.Integer()
    source = fields.String(metadata={"enum": ["alarm", "inspection", "complaint", "leader"]})
    issued_by = fields.String(allow_none=True)
    reopens = fields.String(allow_none=True)
    reopened_as = fields.String(allow_none=True)
    handler = fields.String(allow_none=True)


class OrderExtension(View):
    id = fields.Integer()
    rung = fields.String(metadata={"enum": ["handler", "level1", "level2"]})
    element_id = fields.String()
    asked_by = fields.String()
    asked_at = Instant()
    reason = fields.String()
    due_before = Instant()
    until = Instant()
    status = fields.String(metadata={"enum": ["asked", "granted", "refused", "lapsed"]})
    decided_by = fields.String(allow_none=True)
    decided_at = Instant(allow_none=True)
    opinion = fields.String(allow_none=True)


class Order(OrderRow):
    alarms = fields.List(fields.Nested(Alarm))
    messages = fields.List(fields.Nested(Notice))
    user_tasks = fields.List(fields.Nested(TaskOfCase))
    steps_done = fields.List(fields.Nested(TaskOfCase))
    extensions = fields.List(fields.Nested(OrderExtension))


class PostHolding(View):
    id = fields.Integer()
    post = fields.String()
    name = PostNamed()
    department = fields.String()
    granted_at = Instant()
    reason = fields.String()


class PersonWithPosts(View):
    id = fields.Integer()
    username = fields.String()
    name = fields.String()
    department = fields.String()
    officer_number = fields.String(allow_none=True)
    active = fields.Boolean()
    posts = fields.List(fields.Nested(PostHolding))


class Delegation(View):
    id = fields.Integer()
    principal = fields.String()
    delegate = fields.String()
    post = fields.String()
    department = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    reason = fields.String()
    revoked_at = Instant(allow_none=True)
    task_id = fields.String(allow_none=True)


class Delegations(View):
    items = fields.List(fields.Nested(Delegation))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class Threshold(View):
    power_item = fields.String()
    name = Named()
    blue_percent = fields.Integer()
    yellow_percent = fields.Integer()
    reason = fields.String(allow_none=True)
    changed_at = Instant(allow_none=True)
    changed_by = fields.String(allow_none=True)


class CalendarDay(View):
    day = Day()
    kind = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    is_workday = fields.Boolean()
    provisional = fields.Boolean()


class PublicStep(View):
    name = Named()
    done = fields.Boolean()
    entered_at = Instant()
    completed_at = Instant(allow_none=True)


class PublicFee(View):
    name = fields.String()
    amount_fen = fields.Integer()
    status = fields.String()
    pay_code = fields.String()
    pay_url = fields.String(allow_none=True)
    due_at = Instant(allow_none=True)


class PublicDocument(View):
    kind = fields.String()
    name = fields.String()
    number = fields.String(allow_none=True)
    made_at = Instant()


class Disclosed(View):
    key = fields.String()
    label = Named()
    value = Named()


class PublicCase(View):
    reference = fields.String()
    power_item = fields.String(allow_none=True)
    power_item_name = Named(attribute="item_name")
    department = fields.String()
    department_name = Named()
    status = fields.String()
    outcome = fields.String(allow_none=True)
    applicant = fields.String()
    received_on = Day(allow_none=True)
    accepted_on = Day(allow_none=True)
    decided_on = Day(allow_none=True)
    due_at = Instant(allow_none=True)
    due_provisional = DueProvisional()
    closed_at = Instant(allow_none=True)
    steps = fields.List(fields.Nested(PublicStep))
    waiting_for = fields.List(fields.String())
    fees = fields.List(fields.Nested(PublicFee))
    documents = fields.List(fields.Nested(PublicDocument))
    published_at = Instant(allow_none=True)
    result = fields.List(fields.Nested(Disclosed))


class Slip(View):
    """Something entered that the head of section may put right."""

    place = fields.String()
    label = Named(attribute="label")
    label_zh = fields.String()
    label_en = fields.String()
    value = fields.String()


class Slips(View):
    items = fields.List(fields.Nested(Slip))


class Clock(View):
    now = Instant()


class AnyObject(View):
    """An object whose members are not ours to name."""

    def dump(self, obj: Any, **given: Any) -> Any:
        return obj
