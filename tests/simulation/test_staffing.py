"""A county of more cases has more desks, and nobody there does two people's work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.clock import MovedClock
from service.database.session import transaction
from service.database.upgrading import upgrade
from service.demo.answers import Story
from service.demo.county import found_county
from service.main import build
from service.settings import read_settings
from simulation.arrivals import ITEMS
from simulation.hands import DESK, Hands
from simulation.staffing import A_DAY, desks_needed, staff


def test_desks_follow_the_cases_of_each_department() -> None:
    few = desks_needed(ITEMS, 400, 110)
    many = desks_needed(ITEMS, 40_000, 365)
    assert set(few.values()) == {1}
    assert many["SG"] > many["WJ"] > many["HB"] >= 1
    assert many["SG"] * A_DAY >= 0.32 * 40_000 / (365 * 0.7)


def test_a_case_is_dealt_with_at_its_own_row_of_desks(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path)
    upgrade(settings.database_url)
    founded = datetime(2025, 1, 2, tzinfo=UTC)
    built = build(settings, MovedClock(founded))
    try:
        with transaction(built.engine) as connection:
            found_county(connection, built.services, founded)
            staff(connection, {"SG": 2, "ZR": 1}, founded)
        hands = Hands(built.engine, built.services, 1)
        story = Story("LJ-SG-XK-001", 4, founded.date(), choices={DESK: 1})
        assert [hands.staff(story, post).username for post in ("clerk", "section", "sup1")] == [
            "sg_clerk.1",
            "sg_section.1",
            "sg_sup1",
        ]
        assert [holding.post for holding in hands.staff(story, "section").holdings] == ["section"]
        hands.go_away("sg_clerk.1", founded.date(), 1)
        assert hands.staff(story, "clerk").username == "sg_clerk2.1"
        with pytest.raises(KeyError):
            hands.named("zr_clerk.1")
    finally:
        built.engine.dispose()
