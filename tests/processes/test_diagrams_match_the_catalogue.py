"""The items as XML, held row by row against the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from service.expressions import compile_expression
from tests.processes.catalogue_walk import PLANNED_KEYS, load_items
from tests.processes.diagram_xml import BPMN, PROCESSES, Diagram

APPLICATIONS = load_items()
ITEMS = {**APPLICATIONS, **load_items(PLANNED_KEYS)}
DIAGRAMS = {key: Diagram(PROCESSES / "power_items" / f"{key}.bpmn") for key in ITEMS}
SHARED = {key: Diagram(PROCESSES / "shared" / f"{key}.bpmn") for key in ("correction", "payment", "delivery")}
# Steps that stand in a shared process, with the call activity that stands for them.
CALLED = {
    "await_correction": "correction",
    "payment_notice": "payment",
    "await_payment": "payment",
    "deliver": "delivery",
}
TIMER_FUNCTIONS = frozenset({"working_days", "natural_days", "office_hours", "hours", "minutes"})
Row = Mapping[str, Any]


# What a plan draws in its own way: {(item, from, to): the element that stands there}.
INSTEAD = {
    ("temporary_relief", "issue_acceptance", "urgent_decision"): "urgent",
    ("temporary_relief", "issue_acceptance", "means_check"): "handling",
    ("temporary_relief", "urgent_decision", "means_check"): "urgent_declined",
    ("temporary_relief", "urgent_payment", "means_check"): "urgent_settled",
    ("temporary_relief", "decide", "pay_out"): "handling_granted",
    ("temporary_relief", "decide", "publish"): "handling_paid",
    ("temporary_relief", "decide", "serve_refusal"): "handling_refused",
    ("road_excavation_levy", "decide", "publish"): "handling_granted",
    ("road_excavation_levy", "decide", "serve_refusal"): "handling_refused",
    ("market_inspection", "section_review", "publish"): "inspection_passed",
    ("hotline_order", "contact_caller", "handle"): "order_handling",
    ("hotline_order", "reply_caller", "follow_up"): "order_replied",
    ("hotline_order", "follow_up", "handle"): "order_handling",
    ("hotline_order", "centre_ruling", "handle"): "order_handling",
    ("street_occupation_penalty", "file_case", "investigate"): "handling",
}
# Steps of these ids stand in the item's own diagram, for their names or limits differ from those of the shared one.
OWN = {
    *(("road_excavation_levy", "payment_notice"), ("road_excavation_levy", "await_payment")),
    *(("street_occupation_penalty", "payment_notice"), ("street_occupation_penalty", "await_payment")),
    *(("spot_penalty", "payment_notice"), ("spot_penalty", "await_payment")),
}
# Timer rows in words that a plan draws elsewhere; each has a test of its own.
DRAWN_ELSEWHERE = {("temporary_relief", "urgent_payment"), ("project_milestones", "await_report")}
# Steps whose limit is drawn on another step; each has a test of its own.
LIMIT_ELSEWHERE = {("market_inspection", "publish")}
# Timer rows that say what a limit of the step does by itself: half of it, or all of it.
BY_THE_LIMIT = {("hotline_order", "handle"), ("hotline_order", "sign")}
# What a row says in words, as the plan writes it.
COUNTED = {
    "decision": "decided_on",
    "service of the decision": "served_on",
    "taking the money": "collected_on",
    "hand-over to the organ": "handed_over_on",
    "end of await_remedy_period or of the plan of later payment (three months, 强制法 53, 处罚法 72)": (
        "plan_ends_on if plan_ends_on and plan_ends_on > remedies_until else remedies_until"
    ),
}
# Timer rows that the row gives in words: {(item, step): (element, role, expression)}.
IN_WORDS = {
    ("street_occupation_penalty", "investigate"): (
        *("investigate_sixty_days", "reminder", "natural_days(60, since=accepted_on)"),
    ),
    ("street_occupation_penalty", "await_remedy_period"): (
        *("await_remedy_period_limit", "move"),
        "natural_days(0, since=pay_by if pay_by and pay_by > remedies_until else remedies_until)",
    ),
    ("street_occupation_penalty", "await_payment"): (
        *("await_payment_limit", "move"),
        "natural_days(0, since=pay_by) if pay_by else natural_days(15, since=served_on)",
    ),
    ("spot_penalty", "await_remedy_period"): (
        *("await_remedy_period_limit", "move"),
        "natural_days(0, since=pay_by if pay_by and pay_by > remedies_until else remedies_until)",
    ),
    ("spot_penalty", "await_payment"): (
        *("await_payment_limit", "move"),
        "natural_days(0, since=pay_by) if pay_by else natural_days(15, since=served_on)",
    ),
    ("street_occupation_penalty", "await_statement"): (
        *("await_statement_limit", "move", "working_days(5, since=notice_served_on)"),
    ),
}


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(key, row, id=f"{key}-{row.get('id', row.get('step', row.get('key')))}")
        for key, item in ITEMS.items()
        for row in item.get(kind) or ()
    ]


def home(key: str, step_id: str) -> Diagram:
    """The diagram that holds the step itself."""
    own = (key, step_id) in OWN or step_id not in CALLED
    return DIAGRAMS[key] if own else SHARED[CALLED[step_id]]


def host(key: str, step_id: str) -> str:
    """The element of the item's own diagram that carries the step's limit."""
    return step_id if (key, step_id) in OWN else CALLED.get(step_id, step_id)


def expression_of(span: Row, since: str = "") -> str:
    return f"{span['unit']}({span['value']}{since})"


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_a_step_keeps_its_id_its_names_and_its_kind(key: str, step: Row) -> None:
    diagram = home(key, step["id"])
    kinds = {
        "user": "userTask",
        "service": "serviceTask",
        "wait": "intermediateCatchEvent" if step.get("wait_for") == "timer" else "receiveTask",
    }
    assert diagram.kind(step["id"]) == kinds[step["kind"]]
    assert diagram.of(step["id"])["nameEn"] == step["name_en"]
    assert diagram.nodes[step["id"]].get("name") == step["name_zh"]


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_a_step_belongs_to_its_post_and_group(key: str, step: Row) -> None:
    properties = home(key, step["id"]).of(step["id"])
    assert properties.get("post", "system") == step["post"]
    assert properties.get("separationGroup") == step["separation_group"]
    assert properties.get("officers", "1") == str(step.get("officers", 1))
    assert properties.get("departmentFrom") == step.get("department_from")
    assert properties.get("recordsDay") == step.get("records_day")
    assert properties.get("personsFrom") == step.get("persons_from")
    assert properties.get("formKey") == (step["id"] if step["kind"] == "user" else None)
    assert properties.get("operation") == (step["id"] if step["kind"] == "service" else None)


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_a_step_that_stops_the_clock_says_so_and_why(key: str, step: Row) -> None:
    properties = home(key, step["id"]).of(step["id"])
    assert (properties.get("stopsClock") == "true") == step["stops_clock"]
    assert properties.get("stopBasis") == step.get("stop_basis")


def limit_timer(key: str, step: Row) -> str | None:
    """The expression of the step's warning limit, None if it has none."""
    diagram, timer_id = DIAGRAMS[key], f"{host(key, step['id'])}_limit"
    node = diagram.nodes.get(timer_id)
    if node is None or diagram.of(timer_id)["role"] != "step_limit":
        return None
    assert node.get("cancelActivity") == "false"
    assert node.get("attachedToRef") == host(key, step["id"])
    assert diagram.kind(diagram.target(timer_id)) == "endEvent"
    return diagram.timer(timer_id)


def moved(key: str, step: Row) -> bool:
    return any(timer["step"] == step["id"] and timer["interrupting"] for timer in ITEMS[key]["timers"])


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_a_limit_of_the_catalogue_is_a_warning_timer(key: str, step: Row) -> None:
    if step["limit"] is None or (key, step["id"]) in LIMIT_ELSEWHERE:
        assert host(key, step["id"]) != step["id"] or limit_timer(key, step) is None
        return
    counted = COUNTED.get(step.get("limit_counts_from", ""))
    since = f", since={counted}" if counted else ""
    expected = expression_of(step["limit"], since)
    for row in reversed(step.get("limit_when") or ()):
        expected = f"{expression_of(row, since)} if {row['condition']} else {expected}"
    if step["kind"] != "wait":
        assert limit_timer(key, step) == expected
    elif step.get("wait_for") == "timer":
        assert limit_timer(key, step) is None
        assert DIAGRAMS[key].timer(step["id"]) == wait_expression(step)
    else:
        assert limit_timer(key, step) == (None if moved(key, step) else expected)


def wait_expression(step: Row) -> str:
    if "wait_when" not in step:
        return expression_of(step["limit"])
    first, last = step["wait_when"]
    return f"{last['unit']}({first['value']} if {first['condition']} else {last['value']})"


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_a_minimum_duration_is_a_timer_that_takes_nothing_away(key: str, step: Row) -> None:
    diagram, timer_id = DIAGRAMS[key], f"{step['id']}_minimum"
    assert (timer_id in diagram.nodes) == (step["min_duration"] is not None)
    if step["min_duration"]:
        assert diagram.of(timer_id)["role"] == "minimum"
        assert diagram.timer(timer_id) == f"'{step['min_duration']}'"
        assert diagram.nodes[timer_id].get("cancelActivity") == "false"
        assert diagram.kind(diagram.target(timer_id)) == "endEvent"


def halts(step: Row) -> bool:
    return bool(step["min_duration"]) and step["separation_group"] in ("investigate", "hearing")


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_only_field_work_experts_and_hearings_halt_when_done_too_early(key: str, step: Row) -> None:
    diagram, step_id = DIAGRAMS[key], step["id"]
    assert (f"{step_id}_too_early" in diagram.nodes) == halts(step)
    if halts(step):
        event = diagram.nodes[f"{step_id}_too_early"]
        reference = event.find(f"{BPMN}errorEventDefinition").get("errorRef")
        (error,) = diagram.root.findall(f"{BPMN}error")
        assert (error.get("id"), error.get("errorCode")) == (reference, "TOO_EARLY")
        assert event.get("cancelActivity") == "true"
        assert diagram.of(f"{step_id}_too_early")["role"] == "too_early"
        assert diagram.target(f"{step_id}_too_early") == f"{step_id}_ruling"


@pytest.mark.parametrize(("key", "step"), [row for row in rows("steps") if halts(row.values[1])])
def test_a_ruling_redoes_the_step_or_joins_the_flow_it_would_have_taken(key: str, step: Row) -> None:
    diagram, step_id = DIAGRAMS[key], step["id"]
    properties = diagram.of(f"{step_id}_ruling")
    del properties["nameEn"]
    assert properties.pop("departmentFrom", None) == step.get("department_from")
    assert properties == {
        "formKey": "halt_ruling",
        "post": "sup1",
        "separationGroup": "supervise",
        "halts": "case",
    }
    gateway = f"{step_id}_ruling_gateway"
    assert diagram.target(f"{step_id}_ruling") == gateway
    release, redo = diagram.outgoing(gateway)
    assert diagram.condition(release) == "halt_ruling == 'release'"
    assert release.get("targetRef") == diagram.target(step_id)
    assert diagram.nodes[gateway].get("default") == redo.get("id")
    assert redo.get("targetRef") == step_id


@pytest.mark.parametrize("key", ITEMS)
def test_a_join_sees_one_flow_from_every_branch(key: str) -> None:
    diagram = DIAGRAMS[key]
    for parallel in ITEMS[key].get("parallels") or ():
        fork, join = f"{parallel['fork_after']}_fork", f"{parallel['join_before']}_join"
        assert [flow.get("targetRef") for flow in diagram.outgoing(fork)] == [b[0] for b in parallel["branches"]]
        incoming = [flow for flow in diagram.flows.values() if flow.get("targetRef") == join]
        assert len(incoming) == len(parallel["branches"])
        assert diagram.target(join) == parallel["join_before"]
        for *_, last in parallel["branches"]:
            following = diagram.target(last)
            assert join in (following, diagram.target(following))


# Branches ------------------------------------------------------------------------------------------------------------


def gateways() -> list[Any]:
    return [
        pytest.param(key, after, id=f"{key}-{after}")
        for key, item in ITEMS.items()
        for after in dict.fromkeys(row["after"] for row in item["branches"])
    ]


@pytest.mark.parametrize(("key", "after"), gateways())
def test_a_gateway_tries_the_rows_of_the_catalogue_in_their_order(key: str, after: str) -> None:
    diagram, gateway = DIAGRAMS[key], f"{after}_gateway"
    drawn = [
        (flow.get("name"), diagram.properties(flow)["nameEn"], diagram.condition(flow))
        for flow in diagram.outgoing(gateway)
    ]
    wanted = [row for row in ITEMS[key]["branches"] if row["after"] == after]
    assert drawn == [(row["when_zh"], row["when_en"], row["condition"]) for row in wanted]
    default = diagram.nodes[gateway].get("default")
    assert [flow.get("id") == default for flow in diagram.outgoing(gateway)] == [row["default"] for row in wanted]


@pytest.mark.parametrize(("key", "after"), gateways())
def test_a_gateway_leads_where_the_catalogue_says(key: str, after: str) -> None:
    diagram = DIAGRAMS[key]
    wanted = [row for row in ITEMS[key]["branches"] if row["after"] == after]
    for flow, row in zip(diagram.outgoing(f"{after}_gateway"), wanted, strict=True):
        assert flow.get("targetRef") in set(elements_for(key, row)), row


def elements_for(key: str, row: Row) -> Iterator[str]:
    """The element a row may lead to: what lies outside of `handling` is reached through an end event of its own."""
    instead = INSTEAD.get((key, row["after"], row["to"]))
    if instead:
        yield instead
        return
    yield host(key, row["to"])
    if row["after"] == "decide":
        yield {"publish": "handling_granted", "serve_refusal": "handling_refused"}.get(row["to"], row["to"])
    if row["to"] == "formal_check":
        yield "handling_back"


@pytest.mark.parametrize("key", APPLICATIONS)
def test_after_handling_the_decision_is_asked_and_a_way_back_is_the_default(key: str) -> None:
    diagram = DIAGRAMS[key]
    grant, refuse, *back = diagram.outgoing("handling_gateway")
    assert (diagram.condition(grant), grant.get("targetRef")) == ("decision == 'grant'", "publish")
    assert refuse.get("targetRef") == "serve_refusal"
    goes_back = [row for row in ITEMS[key]["branches"] if row["to"] == "formal_check"]
    default = diagram.flows[diagram.nodes["handling_gateway"].get("default")]
    assert bool(back) == bool(goes_back) == ("handling_back" in diagram.nodes)
    assert default.get("targetRef") == ("formal_check" if goes_back else "serve_refusal")
    assert diagram.condition(refuse) == ("decision == 'refuse'" if goes_back else None)


@pytest.mark.parametrize(("key", "step"), [row for row in rows("steps") if row.values[1]["next"] != "branches"])
def test_a_step_without_branches_goes_to_the_next_one(key: str, step: Row) -> None:
    diagram, following = DIAGRAMS[key], step["next"]
    if (key, step["id"], following) in INSTEAD:
        assert diagram.target(step["id"]) == INSTEAD[key, step["id"], following]
        return
    if following == "parallel" or (
        step["id"] in ("payment_notice", "issue_acceptance") and (key, step["id"]) not in OWN
    ):
        assert host(key, step["id"]) == "payment" or diagram.target(step["id"]) == "handling"
        return
    reached = diagram.target(host(key, step["id"]))
    if reached.endswith("_merge"):
        reached = diagram.target(reached)
    assert reached == (f"{following[5:]}_join" if following.startswith("join:") else host(key, following))


# Control nodes, ends and clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "step"), rows("steps"))
def test_materials_and_gates_stand_on_the_step_that_needs_them(key: str, step: Row) -> None:
    properties = home(key, step["id"]).of(step["id"])
    needed = [m for m in ITEMS[key]["materials"] if m["needed_before_step"] == step["id"] and m["required"]]
    brought = [m["key"] for m in needed if m["provided_by"] != "system"]
    produced = [m["key"] for m in needed if m["provided_by"] == "system"]
    assert [k for k in properties.get("requiredMaterials", "").split("|") if k] == brought
    assert [k for k in properties.get("producedMaterials", "").split("|") if k] == produced
    assert properties.get("gate", "") == " and ".join(step.get("gate", []))


@pytest.mark.parametrize("key", ITEMS)
def test_no_required_material_is_forgotten(key: str) -> None:
    text = {k for node in DIAGRAMS[key].nodes for k in re.split(r"\|", carried(DIAGRAMS[key].of(node)))}
    assert {m["key"] for m in ITEMS[key]["materials"] if m["required"]} <= text


def carried(properties: Mapping[str, str]) -> str:
    return f"{properties.get('requiredMaterials', '')}|{properties.get('producedMaterials', '')}"


@pytest.mark.parametrize("key", APPLICATIONS)
def test_the_printing_task_names_every_kind_of_certificate(key: str) -> None:
    printed = [row["key"] for row in ITEMS[key]["documents"] if row["made_at_step"] == "print_certificate"]
    assert DIAGRAMS[key].of("print_certificate")["printsDocument"].split("|") == printed


@pytest.mark.parametrize(("key", "end"), rows("ends"))
def test_every_end_is_drawn_with_its_outcome(key: str, end: Row) -> None:
    diagram = DIAGRAMS[key]
    assert diagram.kind(end["id"]) == "endEvent"
    assert diagram.nodes[end["id"]].get("name") == end["name_zh"]
    assert diagram.of(end["id"]) == {"nameEn": end["name_en"], "outcome": end["outcome"]}


@pytest.mark.parametrize("key", ITEMS)
def test_only_the_ends_of_the_catalogue_close_a_case(key: str) -> None:
    diagram = DIAGRAMS[key]
    drawn = {i for i in diagram.nodes if diagram.kind(i) == "endEvent" and "outcome" in diagram.of(i)}
    assert drawn == {end["id"] for end in ITEMS[key]["ends"]} == {i for i in diagram.nodes if i.startswith("end_")}


@pytest.mark.parametrize(("key", "timer"), rows("timers"))
def test_a_timer_row_moves_the_case_or_warns(key: str, timer: Row) -> None:
    if (key, timer["step"]) in DRAWN_ELSEWHERE | BY_THE_LIMIT:
        return
    diagram = DIAGRAMS[key]
    timer_id = "formal_check_deemed" if timer["step"] == "formal_check" else f"{host(key, timer['step'])}_limit"
    role = "move" if timer["interrupting"] else "step_limit"
    if (key, timer["step"]) in IN_WORDS:
        timer_id, role, expression = IN_WORDS[key, timer["step"]]
    else:
        value, unit = timer["at"].split()
        expression = f"{unit}({value})"
    node = diagram.nodes[timer_id]
    assert (node.get("cancelActivity") == "true") == timer["interrupting"]
    assert (diagram.of(timer_id)["role"], diagram.timer(timer_id)) == (role, expression)
    if timer["interrupting"]:
        assert node.get("name") == timer["name_zh"]
        to = timer["to"] or f"{timer['step']}_gateway"
        assert diagram.target(timer_id) == ("deem_acceptance" if timer["to"] == "issue_acceptance" else to)


@pytest.mark.parametrize("key", APPLICATIONS)
def test_deemed_acceptance_passes_through_its_operation_into_the_notice(key: str) -> None:
    diagram = DIAGRAMS[key]
    assert diagram.of("deem_acceptance")["operation"] == "deem_acceptance"
    assert diagram.target("deem_acceptance") == "issue_acceptance"


SINCE = {"receipt": "received_on", "acceptance": "accepted_on"}


def case_limit(limits: Row, kind: str) -> str:
    first, other = limits[kind], limits.get(f"{kind}_other")
    one, *two = [
        expression_of(row, f", since={SINCE[row['counts_from'].split()[0]]}")
        for row in (first, other)
        if row is not None
    ]
    return f"{one} if {first['condition']} else {two[0]}" if two else one


@pytest.mark.parametrize("kind", ["statutory", "promised"])
@pytest.mark.parametrize("key", APPLICATIONS)
def test_the_decision_clocks_stand_on_the_sub_process(key: str, kind: str) -> None:
    diagram, timer_id = DIAGRAMS[key], f"handling_{kind}"
    node = diagram.nodes[timer_id]
    assert (node.get("attachedToRef"), node.get("cancelActivity")) == ("handling", "false")
    assert diagram.of(timer_id)["role"] == f"{kind}_limit"
    assert equivalent(diagram.timer(timer_id), case_limit(ITEMS[key]["limits"], kind))


def equivalent(drawn: str, wanted: str) -> bool:
    """Whether two timer expressions give the same call for every value that their conditions read."""
    choices = [{"doc_type": d, "reg_kind": r} for d in ("book", "form") for r in ("found", "change", "cancel")]
    return all(called(drawn, values) == called(wanted, values) for values in choices)


def called(source: str, values: dict[str, Any]) -> object:
    found = compile_expression(source, functions=TIMER_FUNCTIONS)
    names = {"received_on": "received_on", "accepted_on": "accepted_on"} | values
    return found.evaluate(names.get, lambda name, args, kwargs: (name, args, sorted(kwargs.items())))


@pytest.mark.parametrize("key", ITEMS)
def test_derived_variables_are_drawn_and_facts_of_the_service_are_not(key: str) -> None:
    derived = {
        "food_business_licence": {
            "variable:needs_survey": "application_kind == 'new' or "
            "(application_kind in ('change', 'extend') and layout_changed == 'yes')"
        },
        "social_organisation_registration": {"variable:domicile_changed": "'domicile' in change_items"},
        "temporary_relief": {"variable:urgent_paid": "urgent_voucher != None"},
        "project_milestones": {"variable:due_on": "new_due if delay_ruling == 'catch_up' else planned_due"},
        "street_occupation_penalty": {
            "variable:grave": "complex == 'yes' or proposed_fine >= (1000000 if party_kind == 'person' else 5000000)"
        },
    }
    properties = DIAGRAMS[key].properties(DIAGRAMS[key].process)
    assert properties == {"nameEn": ITEMS[key]["name_en"]} | derived.get(key, {})


@pytest.mark.parametrize("key", ITEMS)
def test_the_process_bears_the_name_of_the_item(key: str) -> None:
    diagram = DIAGRAMS[key]
    assert diagram.process.get("id") == key
    assert diagram.process.get("name") == ITEMS[key]["name_zh"]
    assert diagram.process.get("isExecutable") == "true"
    assert diagram.root.get("targetNamespace") == "urn:mingjing:process"
    assert diagram.root.get("exporter") == "Mingjing"


@pytest.mark.parametrize("key", ITEMS)
def test_nothing_is_drawn_that_the_catalogue_does_not_know(key: str) -> None:
    """Tasks, events and calls: steps of the catalogue, calls for them, rulings, and deemed acceptance."""
    diagram = DIAGRAMS[key]
    steps = {step["id"] for step in ITEMS[key]["steps"]}
    allowed = (
        {host(key, step) for step in steps}
        | {"deem_acceptance", "handling", "urgent", "order_handling", "inspection"}
        | {f"{step}_ruling" for step in steps}
    )
    drawn = {i for i in diagram.nodes if diagram.kind(i).endswith(("Task", "callActivity", "subProcess", "CatchEvent"))}
    assert drawn <= allowed
