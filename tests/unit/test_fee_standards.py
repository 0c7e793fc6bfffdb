"""Fee standards: fixed, by quantity, by band, by table, with bounds and reductions; to the fen, and never more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.catalogue.item import build_item
from service.demo.county import catalogue
from service.fees.standard_reading import StandardError, item_content, read_standard
from service.fees.standards import FeeStandard, in_force
from service.fees.unary_tests import EntryError, read_entry

DAY = date(2026, 3, 9)
measures = st.decimals(min_value=0, max_value=5000, places=3).map(float)


def content(*charges: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {"name_zh": "测量费", "item_code": "103000000D", "legal_source": "某法第一条"}
    return {**named, "charges": list(charges), **more}


def standard(*charges: dict[str, Any], **more: Any) -> FeeStandard:
    return read_standard("LJ-X", 1, DAY, content(*charges, **more))


def asked(one: FeeStandard, **answers: Any) -> int:
    return one.calculate(answers.get, DAY).amount_fen


def table(policy: str, inputs: list[str], *rules: tuple[Any, ...]) -> dict[str, Any]:
    rows = [{"entries": list(row[:-1]), "amount": row[-1]} for row in rules]
    return {"kind": "table", "hit_policy": policy, "inputs": inputs, "rules": rows}


def test_a_fixed_sum_asks_the_same_of_everybody() -> None:
    one = standard({"kind": "fixed", "amount_fen": 8000})
    assert asked(one) == asked(one, area_m2=500) == 8000


@pytest.mark.parametrize(
    ("more", "measured", "fen"),
    [
        ({}, 3, 3000),
        ({}, 2.5, 2500),
        ({"included": 1}, 1, 0),
        ({"included": 1}, 3, 2000),
        ({"whole_units": True}, 2.01, 3000),
        ({}, None, 0),
        ({}, True, 0),
        ({}, -4, 0),
        ({}, "3", 0),
    ],
)
def test_by_quantity_counts_beyond_what_is_included(more: dict[str, Any], measured: object, fen: int) -> None:
    one = standard({"kind": "quantity", "measure": "copies", "each_fen": 1000, **more})
    assert asked(one, copies=measured) == fen


BANDS = [{"up_to": 100, "each_fen": 10}, {"up_to": 500, "each_fen": 8}, {"up_to": None, "each_fen": 5}]


@pytest.mark.parametrize(
    ("measured", "whole", "parts"), [(100, 1000, 1000), (101, 808, 1008), (500, 4000, 4200), (600, 3000, 4700)]
)
def test_bands_price_the_whole_or_each_part_by_its_own_band(measured: int, whole: int, parts: int) -> None:
    assert asked(standard({"kind": "tier", "measure": "m2", "tiers": BANDS}), m2=measured) == whole
    progressive = standard({"kind": "tier", "measure": "m2", "tiers": BANDS, "progressive": True})
    assert asked(progressive, m2=measured) == parts
    assert [line.quantity for line in progressive.calculate({"m2": 600}.get, DAY).lines] == [100, 400, 100]


@given(measures, measures)
def test_a_progressive_scale_never_asks_less_for_more_and_never_jumps(one: float, two: float) -> None:
    scale = standard({"kind": "tier", "measure": "m2", "tiers": BANDS, "progressive": True})
    low, high = sorted((one, two))
    least, most = asked(scale, m2=low), asked(scale, m2=high)
    assert least <= most
    assert most - least <= Decimal(str(high - low)) * 10 + 4  # The dearest band, and the rounding of each part.


@given(measures, st.integers(0, 200_000), st.integers(0, 200_000))
def test_bounds_hold_and_lines_add_up(measured: float, one: int, two: int) -> None:
    minimum, cap = sorted((one, two))
    charges = {"kind": "quantity", "measure": "m2", "each_fen": 77}
    calculation = standard(charges, minimum_fen=minimum, cap_fen=cap).calculate({"m2": measured}.get, DAY)
    assert calculation.amount_fen == sum(line.amount_fen for line in calculation.lines)
    assert calculation.amount_fen <= cap
    assert calculation.amount_fen >= minimum or measured * 77 < 0.5


@given(measures, st.integers(1, 100))
def test_a_reduction_by_rule_takes_a_share_and_never_more_than_the_fee(measured: float, percent: int) -> None:
    rule = {"when": "small == 'yes'", "percent": percent, "legal_source": "财税〔2019〕45号"}
    one = standard({"kind": "quantity", "measure": "m2", "each_fen": 77}, reductions=[rule])
    whole, part = one.calculate({"m2": measured}.get, DAY), one.calculate({"m2": measured, "small": "yes"}.get, DAY)
    assert whole.reduced == () and part.gross_fen == whole.amount_fen
    assert 0 <= part.amount_fen <= whole.amount_fen
    assert abs(part.reduced_fen * 100 - whole.amount_fen * percent) <= 50


def test_no_product_loses_a_fen() -> None:
    one = standard(table("U", [], ("1050 * m2",)))
    assert asked(one, m2=0.29) == 305  # 304.5; as binary fractions it is 304.49999999999994.
    assert asked(standard({"kind": "quantity", "measure": "m2", "each_fen": 1050}), m2=0.29) == 305


USE = ("use", "area")


@pytest.mark.parametrize(
    ("policy", "use", "area", "fen"),
    [
        ("F", "dwelling", 50, 100),
        ("F", "dwelling", 150, 300),
        ("C+", "dwelling", 150, 300 + 900),
        ("C<", "dwelling", 150, 300),
        ("C>", "dwelling", 150, 900),
        ("F", "shop", 150, 900),
        ("F", "farm", None, 0),
    ],
)
def test_a_table_decides_by_its_hit_policy(policy: str, use: str, area: float | None, fen: int) -> None:
    rules = [('"dwelling"', "[0..120]", "100"), ('"dwelling"', "> 120", "2 * area"), ("-", "(140..1000)", "6 * area")]
    assert asked(standard(table(policy, list(USE), *rules)), use=use, area=area) == fen


@pytest.mark.parametrize("cell", ['"a"', '"a","b"', "not(5)", "true", "<= 3", "[1..3)", "]1..3]", "-", "2,[5..7]"])
def test_what_is_missing_passes_no_test_but_the_dash(cell: str) -> None:
    one = standard(table("F", ["x"], (cell, "7")))
    assert asked(one) == (7 if cell == "-" else 0)


@pytest.mark.parametrize(
    ("cell", "passes", "fails"),
    [
        ('"a","b"', ["a", "b"], ["c", "", None]),
        ('not("a","b")', ["c"], ["a", "b"]),
        ("[1..3)", [1, 2.99], [3, 0.5]),
        ("]1..3]", [1.01, 3], [1, 3.01]),
        ("2,[5..7]", [2, 5, 7], [3, 8]),
        ("not(< 0)", [0, 4], [-1]),
        ("true", [True], [False, 1]),
        ("0.1", [0.1], [0.2]),
    ],
)
def test_entries_are_unary_tests(cell: str, passes: list[Any], fails: list[Any]) -> None:
    one = standard(table("F", ["x"], (cell, "7")))
    assert [asked(one, x=value) for value in passes] == [7] * len(passes)
    assert [asked(one, x=value) for value in fails] == [0] * len(fails)


numbers = st.integers(-5, 15)
cells = st.one_of(
    st.just("-"),
    numbers.map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), numbers).map(lambda t: f"{t[0]} {t[1]}"),
    st.tuples(st.sampled_from("[("), numbers, st.integers(0, 6), st.sampled_from("])")).map(
        lambda t: f"{t[0]}{t[1]}..{t[1] + t[2]}{t[3]}"
    ),
)


# Looking for the overlap takes a while, and longer beside other tests: that is no fault of the table.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(cells, cells), min_size=2, max_size=5), st.data())
def test_a_unique_table_that_is_taken_never_has_two_rules_that_hold(rules: list[Any], data: st.DataObject) -> None:
    try:
        one = standard(table("U", ["x", "y"], *((*pair, "1") for pair in rules)))
    except StandardError:
        overlapping = standard(table("C+", ["x", "y"], *((*pair, "1") for pair in rules)))
        halves = [n / 2 for n in range(-14, 46)]
        assert any(asked(overlapping, x=x, y=y) >= 2 for x in halves for y in halves)
        return
    answers = {"x": data.draw(numbers), "y": data.draw(numbers.map(lambda n: n + 0.5))}
    (charge,) = one.charges
    assert sum(rule.condition.holds(answers.get) for rule in charge.table.rules) <= 1  # type: ignore[attr-defined]


def test_rules_that_overlap_are_refused_where_one_alone_may_hold() -> None:
    with pytest.raises(StandardError) as refused:
        standard(table("U", ["use", "m2"], ('"a","b"', "< 5", "1"), ("-", "> 9", "2"), ('"b"', "[4..6]", "3")))
    assert refused.value.pointer == "/charges/0/rules/2"
    standard(table("A", ["use"], ('"a"', "1"), ("-", "1")))


@pytest.mark.parametrize(
    "cell", ["dwelling", "'a'", '"a', "a > 3", "[3..1]", "1,", "not()", "__import__('os')", "<> 3"]
)
def test_what_is_no_unary_test_is_refused(cell: str) -> None:
    with pytest.raises(EntryError):
        read_entry(cell)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("/charges", content()),
    ("/charges/0/kind", content({"kind": "guess"})),
    ("/charges/0/amount_fen", content({"kind": "fixed", "amount_fen": -1})),
    ("/charges/0/amount_fen", content({"kind": "fixed", "amount_fen": 1.5})),
    ("/charges/0/amount_fen", content({"kind": "fixed", "amount_fen": True})),
    ("/charges/0/measure", content({"kind": "quantity", "measure": "a b", "each_fen": 1})),
    ("/charges/0/tiers", content({"kind": "tier", "measure": "a", "tiers": []})),
    ("/charges/0/tiers/0/up_to", content({"kind": "tier", "measure": "a", "tiers": [{"up_to": 5, "each_fen": 1}]})),
    ("/charges/0/tiers/1/up_to", content({"kind": "tier", "measure": "a", "tiers": [*BANDS[:1] * 2, BANDS[2]]})),
    ("/charges/0/tiers/0", content({"kind": "tier", "measure": "a", "tiers": [{"up_to": None}]})),
    ("/charges/0/hit_policy", content(table("P", ["a"], ("-", "1")))),
    ("/charges/0/rules/0/entries", content(table("U", ["a"], ("-", "-", "1")))),
    ("/charges/0/rules/0/entries/0", content(table("U", ["a"], ("open('x')", "1")))),
    ("/charges/0/rules/0/amount", content(table("U", ["a"], ("-", "0.1 * m2")))),
    ("/charges/0/rules/0/amount", content(table("U", ["a"], ("-", "min(a, 2)")))),
    ("/minimum_fen", content({"kind": "fixed", "amount_fen": 1}, minimum_fen=5, cap_fen=4)),
    ("/legal_source", content({"kind": "fixed", "amount_fen": 1}) | {"legal_source": " "}),
    ("/reductions/0/percent", content({"kind": "fixed", "amount_fen": 1}, reductions=[{"when": "True"}])),
    (
        "/reductions/0/legal_source",
        content({"kind": "fixed", "amount_fen": 1}, reductions=[{"when": "True", "percent": 5}]),
    ),
    ("/charges", content() | {"charges": "all"}),
]


@pytest.mark.parametrize(("pointer", "wrong"), BAD)
def test_what_is_wrong_is_named_where_it_stands(pointer: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(StandardError) as refused:
        read_standard("LJ-X", 1, DAY, wrong)
    assert refused.value.pointer == pointer


def test_the_version_is_that_of_the_day() -> None:
    days = [date(2020, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
    versions = [
        read_standard("LJ-X", n, day, content({"kind": "fixed", "amount_fen": n})) for n, day in enumerate(days)
    ]
    found = [in_force(versions, day) for day in (date(2019, 1, 1), date(2026, 3, 31), days[1], date(2027, 1, 1))]
    assert [one.version if one else None for one in found] == [None, 0, 1, 2]


def test_the_catalogues_own_rules_become_standards_that_ask_for_the_same() -> None:
    rows = {row["code"]: row for row in catalogue()["items"]}
    for code, answers, fen in (
        ("LJ-ZR-QR-001", {"property_use": "dwelling", "extra_copies": 2}, 10_000),
        ("LJ-ZR-QR-001", {"property_use": "other"}, 55_000),
        ("LJ-ZJ-ZS-001", {"pavement": "asphalt", "measured_m2": 24.55}, 1_031_100),
    ):
        fee = build_item(code, 1, "x", rows[code]).fee
        assert fee is not None
        one = read_standard(code, 1, DAY, item_content(fee, fee.legal_source))
        assert asked(one, **answers) == fen
