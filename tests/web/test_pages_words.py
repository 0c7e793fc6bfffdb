"""The words of the pages: instants, amounts, laws, and a catalogue without gaps."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from babel.support import Translations

from service.commands.proposal_kinds import KINDS
from service.people.permissions import PERMISSIONS
from service.web.pages import case_words, office_words, timing, words
from service.web.translations_build import SOURCE, collected, compile_if_stale, read_catalogue
from service.working_time import WorkingCalendar, seed_days
from tests.service_fixtures import Office

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
DAYS = WorkingCalendar.build({day: kind for day, kind, _ in seed_days([2025, 2026])})
_HOLES = re.compile(r"%\(\w+\)s")


@pytest.fixture
def chinese(office: Office) -> object:
    with office.app.test_request_context("/work"):
        yield


@pytest.fixture
def english(office: Office) -> object:
    with office.app.test_request_context("/work", headers={"Cookie": "lang=en"}):
        yield


def test_every_source_string_has_its_english_with_the_same_holes() -> None:
    known = {(message.context, message.id): message.string for message in read_catalogue() if message.id}
    for message in collected():
        if not message.id:
            continue
        text = known.get((message.context, message.id))
        assert text, f"no English for {message.id!r}"
        assert set(_HOLES.findall(text)) == set(_HOLES.findall(str(message.id))), message.id
        assert not re.search(r"[\u3400-\u9fff]", text), message.id


def test_no_message_stands_twice_in_the_catalogue() -> None:
    found = re.findall(r'^(?:msgctxt (".*")\n)?msgid (".*")$', SOURCE.read_text("utf-8"), re.MULTILINE)
    assert sorted({one for one in found if found.count(one) > 1}) == []


def test_permissions_and_changes_of_the_office_have_words() -> None:
    assert set(PERMISSIONS) <= set(office_words.PERMISSION_WORDS)
    assert set(KINDS) <= set(office_words.CHANGES)


def test_the_catalogue_is_compiled_again_only_when_it_has_changed(tmp_path: Path) -> None:
    assert compile_if_stale(tmp_path) is True
    compiled = tmp_path / "en" / "LC_MESSAGES" / "messages.mo"
    assert Translations.load(str(tmp_path), ["en"]).gettext("我的工作") == "My work"
    assert compile_if_stale(tmp_path) is False
    os.utime(compiled, (0, 0))
    assert compile_if_stale(tmp_path) is True
    assert list(compiled.parent.iterdir()) == [compiled]


def test_the_end_of_a_limit_at_midnight_is_24_00_of_the_day_before(chinese: object) -> None:
    midnight = datetime(2026, 12, 22, 0, 0, tzinfo=ZONE)
    assert timing.due(midnight, ZONE) == "2026-12-21 24:00"
    assert timing.due_near(midnight, ZONE, NOON) == "12-21 24:00"
    assert timing.due_near(datetime(2026, 11, 24, tzinfo=ZONE), ZONE, NOON) == "今天 24:00"
    assert timing.due_near(NOON, ZONE, NOON) == "今天 12:00"
    assert timing.due(None, ZONE) == "—"


def test_instants_are_told_in_the_countys_zone(chinese: object) -> None:
    at = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert timing.instant(at, ZONE) == "2026-11-23 09:30"
    assert timing.near(at, ZONE, NOON) == "今天 09:30"
    assert timing.near(datetime(2025, 1, 2, 1, 0, tzinfo=UTC), ZONE, NOON) == "2025-01-02 09:00"
    assert timing.day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC), ZONE) == "2026-11-23"
    assert (timing.instant(None, ZONE), timing.day(None, ZONE), timing.near(None, ZONE, NOON)) == ("—", "—", "—")


@pytest.mark.parametrize(
    ("due", "colour", "said"),
    [
        (datetime(2026, 11, 30, 17, 30, tzinfo=ZONE), "", "剩 5 个工作日"),
        (datetime(2026, 11, 23, 17, 30, tzinfo=ZONE), "yellow", "今天 17:30 到期"),
        (datetime(2026, 11, 20, 17, 30, tzinfo=ZONE), "red", "超期 1 个工作日"),
    ],
)
def test_a_clock_says_what_is_left_first(chinese: object, due: datetime, colour: str, said: str) -> None:
    began = datetime(2026, 11, 16, 9, 0, tzinfo=ZONE) if colour else NOON
    found = timing.clock_view(due, began, NOON, DAYS)
    assert found is not None
    assert (found.words, found.colour, 0 <= found.percent <= 100) == (said, colour, True)


def test_a_step_without_a_limit_has_no_clock(chinese: object) -> None:
    assert timing.clock_view(None, NOON, NOON, DAYS) is None


@pytest.mark.parametrize(("fen", "said"), [(123_450, "¥1,234.50"), (0, "¥0.00"), (None, "—"), (9_000, "¥90.00")])
def test_amounts_are_yuan_with_two_places(fen: int | None, said: str) -> None:
    assert timing.yuan(fen) == said


def test_sizes_are_never_zero() -> None:
    assert (timing.size(1), timing.size(190_000), timing.size(13_000_000)) == ("1 kB", "186 kB", "12.4 MB")


def test_durations_have_two_units_at_most(chinese: object) -> None:
    said = [case_words.duration(seconds) for seconds in (0, 58, 153, 1800, 11_100, 90_061)]
    assert said == ["不到 1 秒", "58 秒", "2 分 33 秒", "30 分", "3 小时 5 分", "1 天 1 小时"]


def test_durations_are_told_in_english_too(english: object) -> None:
    assert (case_words.duration(58), case_words.duration(153)) == ("58 s", "2 min 33 s")
    assert (words.quantity(1, "working_days"), words.quantity(45, "natural_days")) == ("1 working day", "45 days")


def test_a_ground_in_english_leaves_the_law_alone_on_a_chinese_page(chinese: object) -> None:
    assert words.law_words("before acceptance (行政许可法 Art. 32)") == "行政许可法 第 32 条"
    assert words.law_words("安全生产许可证条例 Art. 7") == "安全生产许可证条例 第 7 条"
    assert words.law_words("after the decision: no limit of the office runs") == ""
    assert words.law_words(None) == ""


def test_a_warning_of_a_limit_is_not_called_late(chinese: object) -> None:
    warned = SimpleNamespace(kind="overdue", colour="yellow")
    late = SimpleNamespace(kind="overdue", colour="red")
    assert (words.alarm_kind(warned), words.alarm_kind(late)) == ("临近时限", "超期")


def test_answers_are_told_by_the_labels_of_their_form(chinese: object) -> None:
    schema = {
        "components": [
            {"type": "radio", "key": "result", "label": "结论", "values": [{"value": "pass", "label": "符合"}]},
            {"type": "group", "components": [{"type": "checkbox", "key": "complex", "label": "工艺复杂"}]},
            {"type": "number", "key": "price", "label": "价款", "properties": {"format": "money_fen"}},
            {
                "type": "dynamiclist",
                "key": "experts",
                "label": "专家",
                "components": [{"type": "textfield", "key": "name", "label": "姓名"}],
            },
        ]
    }
    answers = {"result": "pass", "complex": False, "price": 12_300, "experts": [{"name": "张"}], "other": 1}
    assert list(case_words.answers_in_words(answers, schema)) == [
        ("结论", "符合"),
        ("工艺复杂", "否"),
        ("价款", "¥123.00"),
        ("专家", "姓名 张"),
    ]
