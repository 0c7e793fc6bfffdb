"""A document's number is read back by the pattern that gave it."""

from __future__ import annotations

import pytest

from service.cases.numbers import _KINDS, fill_pattern, read_number
from service.demo.county import catalogue


@pytest.mark.parametrize(
    ("pattern", "values", "year"),
    [
        ("JY{form:1}32990{seq:08d}", {"form": "23", "seq": 7}, ""),
        ("苏({year})临江县不动产权第{seq:07d}号", {"year": 2025, "seq": 7}, "2025"),
        ("临环审〔{year}〕{seq}号", {"year": 2025, "seq": 7}, "2025"),
        ("PDY{year}{seq:06d}", {"year": 2025, "seq": 7}, "2025"),
        ("{date}-{seq:03d}", {"date": "20250102", "seq": 7}, "2025"),
    ],
)
def test_a_number_tells_its_year_and_its_place(pattern: str, values: dict[str, object], year: str) -> None:
    assert read_number(pattern, fill_pattern(pattern, values)) == (year, 7)


def test_no_two_kinds_of_a_department_have_the_same_number() -> None:
    own = {
        (d["key"], i["department"]["code"])
        for i in catalogue()["items"]
        for d in i["documents"]
        if "number_pattern" not in d
    }
    for kind, department in own - {("fine_ticket", "CG")}:  # its number stands on the paper already
        assert _KINDS.get(kind), (kind, department)
    assert len(set(_KINDS.values())) == len(_KINDS)


def test_a_number_of_another_pattern_is_not_read() -> None:
    assert read_number("临环审〔{year}〕{seq}号", "临应急受〔2026〕0001号") is None
    assert read_number("no running number", "no running number") is None
