from __future__ import annotations

from dataclasses import replace

from supervision.rules.material_empty import RULE
from tests.supervision.facts import facts, file, found


def test_a_file_of_a_few_bytes_is_told() -> None:
    (one,) = found(RULE, facts(files=[file(1, 1, "aa", size=9), file(2, 2, "bb")]))
    assert (one.case_id, one.evidence[0]["size"]) == (1, 9)


def test_blanks_that_make_a_file_longer_are_no_content() -> None:
    padded = replace(file(1, 1, "aa", size=900), filled=15)
    (one,) = found(RULE, facts(files=[padded, replace(file(2, 2, "bb", size=900), filled=850)]))
    assert one.case_id == 1 and "15 字节" in one.summary_zh
