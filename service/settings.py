"""Environment to frozen Settings; a value that is missing or wrong stops the start, by name."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_MAILBOX = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


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
    registers_url: str = ""
    registers_key: bytes = b""
    bank_key: bytes = b""
    files_url: str = ""
    trusted_proxies: int = 0
    mail_url: str = ""
    mail_from: str = ""
    push_url: str = ""
    push_key: bytes = b""
    # The gateway that asks people on their phones for the second step; empty asks for codes alone.
    phone_url: str = ""
    phone_key: bytes = b""
    events_url: str = ""
    webhook_networks: str = ""
    metrics_token: str = ""
    # A PKCS#12 file with the key and the chain that documents are signed with; None for a test key of our own.
    signing_pkcs12: Path | None = None
    signing_password: bytes = b""
    testing: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    definition_cache_size: int = 300
    upload_limit_bytes: int = 50 * 1024 * 1024

    @property
    def queue_folder(self) -> Path:
        return self.data / "queue"

    @property
    def metrics_folder(self) -> Path:
        return self.data / "metrics"

    @property
    def files_folder(self) -> Path:
        return self.data / "files"


def read_settings(environment: Mapping[str, str], *, data: Path | None = None) -> Settings:
    """Settings of this process.

    `MINGJING_DATA` is the folder (default `./.data`); everything else has a default that lives inside it, so that
    an empty environment runs. `NAME_FILE` names a file that holds the value of `NAME`, for secrets that no environment
    shall show; `NAME` itself goes before it. Raises SettingsError, naming the variable.
    """
    environment = {**_from_files(environment), **environment}
    folder = (data or Path(environment.get("MINGJING_DATA", ".data"))).resolve()
    return Settings(
        data=folder,
        database_url=environment.get("MINGJING_DATABASE_URL") or f"sqlite:///{folder / 'mingjing.db'}",
        secret_key=_key(environment, "MINGJING_SECRET_KEY", folder),
        broker_url=environment.get("MINGJING_BROKER_URL", "filesystem://"),
        public_url=_url(environment, "MINGJING_PUBLIC_URL", "http://127.0.0.1:8000"),
        bank_url=_url(environment, "MINGJING_BANK_URL", ""),
        sms_url=_url(environment, "MINGJING_SMS_URL", ""),
        registers_url=_url(environment, "MINGJING_REGISTERS_URL", ""),
        registers_key=_key(environment, "MINGJING_REGISTERS_KEY", folder),
        bank_key=_key(environment, "MINGJING_BANK_KEY", folder),
        files_url=_files_url(environment),
        trusted_proxies=_number(environment, "MINGJING_TRUSTED_PROXIES", 0, least=0),
        metrics_token=_token(environment, "MINGJING_METRICS_TOKEN"),
        **_ways_out(environment, folder),
        signing_pkcs12=_existing_file(environment, "MINGJING_SIGNING_PKCS12"),
        signing_password=environment.get("MINGJING_SIGNING_PASSWORD", "").encode(),
        testing=environment.get("MINGJING_TESTING") == "1",
        definition_cache_size=_number(environment, "MINGJING_DEFINITION_CACHE", 300),
        upload_limit_bytes=_number(environment, "MINGJING_UPLOAD_LIMIT", 50 * 1024 * 1024),
    )


def _url(environment: Mapping[str, str], name: str, default: str, schemes: Sequence[str] = ("http", "https")) -> str:
    """An address; the message of a wrong one shows none of it, since it may carry a password."""
    value = environment.get(name, default)
    if value and value.partition("://")[0] not in schemes:
        raise SettingsError(f"Expected {name} to be an address that begins with {' or '.join(schemes)}://")
    return value.rstrip("/") if schemes[0] == "http" else value


def _token(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if value and len(value) < 32:
        raise SettingsError(f"Expected {name} to have at least 32 characters, but found {len(value)}")
    return value


def _ways_out(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Mail, push, events and webhooks; what is not set is not sent."""
    mail_url = _url(environment, "MINGJING_MAIL_URL", "", ("smtp", "smtp+tls", "smtps"))
    mail_from = environment.get("MINGJING_MAIL_FROM", "")
    if mail_url and not _MAILBOX.fullmatch(mail_from):
        raise SettingsError(f"Expected MINGJING_MAIL_FROM to be a mailbox, but found {mail_from!r}")
    networks = environment.get("MINGJING_WEBHOOK_NETWORKS", "")
    try:
        [ip_network(each.strip()) for each in networks.split(",") if each.strip()]
    except ValueError as problem:
        raise SettingsError(f"Expected MINGJING_WEBHOOK_NETWORKS to be networks, but {problem}") from None
    push_url = _url(environment, "MINGJING_PUSH_URL", "")
    phone_url = _url(environment, "MINGJING_PHONE_URL", "")
    return {
        "mail_url": mail_url,
        "mail_from": mail_from,
        "push_url": push_url,
        "push_key": _key(environment, "MINGJING_PUSH_KEY", folder) if push_url else b"",
        "phone_url": phone_url,
        "phone_key": _key(environment, "MINGJING_PHONE_KEY", folder) if phone_url else b"",
        "events_url": _url(environment, "MINGJING_EVENTS_URL", "", ("amqp", "amqps")),
        "webhook_networks": networks,
    }


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """What the files hold that `MINGJING_…_FILE` name, without the line's end."""
    found = {}
    for name, place in environment.items():
        if name.startswith("MINGJING_") and name.endswith("_FILE"):
            try:
                found[name.removesuffix("_FILE")] = Path(place).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as problem:
                raise SettingsError(f"Expected {name} to name a text file, but found {place!r}: {problem}") from problem
    return found


def _files_url(environment: Mapping[str, str]) -> str:
    """Empty for the folder beside the database, else the address of a bucket and a prefix in it, for fsspec."""
    value = environment.get("MINGJING_FILES_URL", "")
    if value and not re.fullmatch(r"[a-z][a-z0-9+]*://.+", value):
        raise SettingsError(f"Expected MINGJING_FILES_URL to be like s3://bucket/prefix, but found {value!r}")
    return value.rstrip("/")


def _existing_file(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    if value and not Path(value).is_file():
        raise SettingsError(f"Expected {name} to name a file, but there is none at {value!r}")
    return Path(value).resolve() if value else None


def _number(environment: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    value = environment.get(name, str(default))
    if not value.isdigit() or int(value) < least:
        raise SettingsError(f"Expected {name} to be a number, at least {least}, but found {value!r}")
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
