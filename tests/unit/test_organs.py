"""How papers name organs, in both languages."""

from __future__ import annotations

import pytest

from service.demo.county import catalogue
from service.people.organs import organ_in_english, organ_in_full


@pytest.mark.parametrize(
    ("zh", "en", "said"),
    [
        (
            "县应急管理局",
            "Emergency Management (formerly work safety)",
            "Emergency Management Bureau of Linjiang County",
        ),
        ("县卫生健康委员会", "Health", "Health Commission of Linjiang County"),
        ("县民政局", "Civil Affairs Bureau", "Civil Affairs Bureau of Linjiang County"),
        ("县行政权力网上公开透明运行控制中心", "Control centre (3 staff)", "Control centre of Linjiang County"),
        ("城关镇人民政府", "Chengguan Town People's Government", "Chengguan Town People's Government"),
    ],
)
def test_a_translation_names_the_organ_in_english_and_without_remarks(zh: str, en: str, said: str) -> None:
    assert organ_in_english(zh, en) == said


def test_no_department_of_the_catalogue_is_left_without_a_name_in_either_language() -> None:
    for one in catalogue()["meta"]["departments"]:
        assert organ_in_full(one["name_zh"]).startswith("临江县")
        assert "(" not in organ_in_english(one["name_zh"], one["name_en"])
