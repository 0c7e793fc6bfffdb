"""网下运行: an item that other years had many cases of at this season has none, or nearly none."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from supervision.facts import Facts, Volume
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for volume in facts.volumes:
        figures = choose(volume.place)
        if figures is None or not volume.earlier:
            continue
        usual = median(volume.earlier)
        if usual >= figures["least_usual"] and volume.now * 100 <= usual * figures["percent"]:
            yield _finding(facts, volume, int(usual))


def _whose(volume: Volume) -> str:
    """The item; or the department and category, where earlier years were counted by these."""
    return volume.place.item or f"{volume.place.department}-{volume.place.category}"


def _finding(facts: Facts, volume: Volume, usual: int) -> Finding:
    today = facts.calendar.local_date(facts.now)
    row = {
        "at": today.isoformat(),
        "zh": f"近 {volume.days} 天 {volume.now} 件；往年同期 {'、'.join(map(str, volume.earlier))} 件",
        "en": f"{volume.now} in {volume.days} days; {', '.join(map(str, volume.earlier))} in earlier years",
    }
    return Finding(
        RULE,
        "yellow",
        f"silence/{_whose(volume)}/{today:%Y%m}",
        f"silence/{volume.place.department}/{today:%Y%m}",
        volume.place,
        f"“{volume.name_zh}”近 {volume.days} 天仅 {volume.now} 件，往年同期 {usual} 件",
        f"Only {volume.now} cases of “{volume.name_en}” in {volume.days} days; {usual} in earlier years",
        (row,),
    )


RULE = Rule(
    "off_system.silence",
    2,
    "事项的办件量比往年同期明显偏少（系统启用前的年份，按部门报送的月办件量比较）。",
    "An item has hardly any cases compared with the season of earlier years, or with its department's own counts.",
    "S24",
    find,
    {
        "percent": Figure(20, 0, 90, "占往年同期（%）", "percent of earlier years"),
        "least_usual": Figure(10, 3, 1000, "往年同期至少（件）", "least cases of earlier years"),
    },
)
