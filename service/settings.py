"""Environment to frozen Settings; a value that is missing or wrong stops the start, by name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations. Paths are absolute; keys are bytes."""

    data: Path
    database_url: str
    secret_key: bytes
    broker_url: str
    public_url: str = "http://127.0.0.1:8000"
    bank_url: str = ""
    sms_url: str = ""
    bank_key: bytes = b""
    testing: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    definition_cache_size: int = 300
    upload_limit_bytes: int = 50 * 1024 * 1024

    @property
    def queue_folder(self) -> Path:
        return self.data / "queue"

    @property
    def files_folder(self) -> Path:
        return self.data / "files"


def read_settings(environment: Mapping[str, str], *, data: Path | None = None) -> Settings:
    """Settings of this process.

    `MINGJING_DATA` is the folder (default `./.data`); everything else has a default that lives inside it, so that
    an empty environment runs. Raises SettingsError, naming the variable.
    """
    folder = (data or Path(environment.get("MINGJING_DATA", ".data"))).resolve()
    return Settings(
        data=folder,
        database_url=environment.get("MINGJING_DATABASE_URL") or f"sqlite:///{folder / 'mingjing.db'}",
        secret_key=_key(environment, "MINGJING_SECRET_KEY", folder),
        broker_url=environment.get("MINGJING_BROKER_URL", "filesystem://"),
        public_url=_url(environment, "MINGJING_PUBLIC_URL", "http://127.0.0.1:8000"),
        bank_url=_url(environment, "MINGJING_BANK_URL", ""),
        sms_url=_url(environment, "MINGJING_SMS_URL", ""),
        bank_key=_key(environment, "MINGJING_BANK_KEY", folder),
        testing=environment.get("MINGJING_TESTING") == "1",
        definition_cache_size=_number(environment, "MINGJING_DEFINITION_CACHE", 300),
        upload_limit_bytes=_number(environment, "MINGJING_UPLOAD_LIMIT", 50 * 1024 * 1024),
    )


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name, default)
    if value and not value.startswith(("http://", "https://")):
        raise SettingsError(f"Expected {name} to be an http or https address, but found {value!r}")
    return value.rstrip("/")


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise SettingsError(f"Expected {name} to be a positive number, but found {value!r}")
    return int(value)


def _key(environment: Mapping[str, str], name: str, folder: Path) -> bytes:
    """A key from the environment, else one made once and kept in the data folder, readable by its owner alone."""
    if name in environment:
        if len(environment[name]) < 32:
            raise SettingsError(f"Expected {name} to have at least 32 characters, but found {len(environment[name])}")
        return environment[name].encode()
    path = folder / f"{name.removeprefix('MINGJING_').lower()}.txt"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().encode()
