"""What an installation is told: secrets by files, and how many proxies stand before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import SettingsError, read_settings
from tests.service_fixtures import Founded, Office, opened, settings_of


def test_a_secret_is_read_from_the_file_that_a_setting_names(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+psycopg://mingjing:of-the-tests@db/mingjing\n")
    told = {"MINGJING_DATABASE_URL_FILE": str(secret)}
    assert read_settings(told, data=tmp_path).database_url.endswith("@db/mingjing")
    told["MINGJING_DATABASE_URL"] = "sqlite:///elsewhere.db"
    assert read_settings(told, data=tmp_path).database_url == "sqlite:///elsewhere.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINGJING_SECRET_KEY_FILE", "/nowhere/at/all"),
        ("MINGJING_FILES_URL", "bucket/prefix"),
        ("MINGJING_TRUSTED_PROXIES", "-1"),
        ("MINGJING_UPLOAD_LIMIT", "0"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value}, data=tmp_path)


def test_a_short_key_from_a_file_is_refused_as_one_from_the_environment_is(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short\n")
    with pytest.raises(SettingsError, match="MINGJING_SECRET_KEY to have at least 32"):
        read_settings({"MINGJING_SECRET_KEY_FILE": str(tmp_path / "key")}, data=tmp_path)


@pytest.fixture(params=["0", "1"])
def office(request: pytest.FixtureRequest, founded_county: Founded, tmp_path: Path) -> Iterator[Office]:
    shutil.copy(founded_county.settings.data / "mingjing.db", tmp_path / "mingjing.db")
    yield from opened(settings_of(tmp_path, MINGJING_TRUSTED_PROXIES=request.param), founded_county)


def test_behind_a_proxy_one_guesser_keeps_nobody_else_out(office: Office) -> None:
    def guess(forwarded_for: str) -> int:
        told = {"username": "yj_clerk", "password": "wrong"}
        headers = {"X-Forwarded-For": forwarded_for}
        return office.client().post("/api/v1/sessions", json=told, headers=headers).status_code

    behind_proxy = office.services.settings.trusted_proxies == 1
    assert [guess("203.0.113.7") for _ in range(11)][-1] == 429
    assert guess("198.51.100.9, 203.0.113.7") == 429, "what the client itself puts before counts for nothing"
    assert guess("198.51.100.9") == (401 if behind_proxy else 429)
