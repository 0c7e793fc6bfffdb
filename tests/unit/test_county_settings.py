"""What a county may choose of its rules about people, and what no county chooses away."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import Refused
from service.people.county_settings import ALWAYS, ASKING, DEFAULTS, LOOSENED, MINUTES, Known, checked
from service.people.presence import PRESENCE
from service.people.separation import post_conflict

COUNTY = Known(("YJ", "MZ"))
ALL = sorted(ASKING)


def test_the_defaults_are_choices() -> None:
    for name, content in DEFAULTS.items():
        assert checked(name, content, COUNTY) == content


@pytest.mark.parametrize(
    ("name", "content", "pointer"),
    [
        (PRESENCE, {}, "/second_step"),
        (PRESENCE, {"second_step": ["review"]}, "/second_step"),
        (PRESENCE, {"second_step": [*ALL, "lunch"]}, "/second_step"),
        (PRESENCE, {"second_step": [*ALL, 7]}, "/second_step"),
        (PRESENCE, {"second_step": ALL, MINUTES: 0}, f"/{MINUTES}"),
        (PRESENCE, {"second_step": ALL, MINUTES: 61}, f"/{MINUTES}"),
        (PRESENCE, {"second_step": ALL, MINUTES: True}, f"/{MINUTES}"),
        (LOOSENED, {"sup1": "YJ"}, "/sup1"),
        (LOOSENED, {"sup1": ["XX"]}, "/sup1"),
        (LOOSENED, {"sup1": [["YJ"]]}, "/sup1"),
    ],
)
def test_what_is_no_choice_says_where_it_is_wrong(name: str, content: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(name, content, COUNTY)
    assert [detail.pointer for detail in refused.value.details] == [pointer]


def test_a_setting_that_there_is_not_is_not_found() -> None:
    with pytest.raises(Refused) as refused:
        checked("calendar_version", {"sup1": []}, COUNTY)
    assert refused.value.code == "not_found"


def test_what_grants_something_always_asks_for_the_person() -> None:
    kept = checked(PRESENCE, {"second_step": [*ALWAYS, "decide"], MINUTES: 10}, COUNTY)
    assert kept == {"second_step": sorted(ALWAYS), MINUTES: 10}


def test_a_supervisor_may_hold_a_business_post_where_the_county_allows_it_and_nowhere_else() -> None:
    held, loosened = [("sup1", "YJ")], ("YJ",)
    assert post_conflict(("section", "YJ"), held) is not None
    assert post_conflict(("section", "YJ"), held, loosened) is None
    assert post_conflict(("sup1", "YJ"), [("section", "YJ")], loosened) is None
    assert post_conflict(("section", "MZ"), held, loosened) is not None, "of another department it stays excluded"
    assert post_conflict(("sup2", "YJ"), held, loosened) is not None
    assert post_conflict(("vice", "YJ"), [*held, ("section", "YJ")], loosened) is not None, "the others still exclude"
