from __future__ import annotations

import pytest

from supervision.facts import Volume
from supervision.rules.off_system_silence import RULE
from tests.supervision.facts import HERE, facts, found


def volume(now: int, *earlier: int) -> Volume:
    return Volume(HERE, "许可", "Licence", 30, now, earlier)


def test_an_item_that_falls_silent_against_its_own_season_is_told() -> None:
    (one,) = found(RULE, facts(volumes=[volume(2, 40, 44)]))
    assert (one.colour, one.place.item) == ("yellow", HERE.item)


@pytest.mark.parametrize("given", [volume(20, 40, 44), volume(0, 4, 3), volume(0)], ids=["busy", "rare", "new"])
def test_a_fair_season_a_rare_item_and_a_new_one_are_not(given: Volume) -> None:
    assert found(RULE, facts(volumes=[given])) == []
