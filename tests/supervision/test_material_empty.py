from __future__ import annotations

from supervision.rules.material_empty import RULE
from tests.supervision.facts import facts, file, found


def test_a_file_of_a_few_bytes_is_told() -> None:
    (one,) = found(RULE, facts(files=[file(1, 1, "aa", size=9), file(2, 2, "bb")]))
    assert (one.case_id, one.evidence[0]["size"]) == (1, 9)
