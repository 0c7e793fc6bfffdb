"""Starts stand-ins of bank, SMS gateway, phone and registers beside the product, where no setting names others."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from service.clock import Clock
from service.settings import Settings
from service.standins.application import StandIn
from service.standins.bank import Bank
from service.standins.phone import Phones
from service.standins.registers import Registers
from service.standins.serving import RunningServer, serve_in_thread, steady_port
from service.standins.sms import SmsGateway

_CLOSE_SECONDS = 0.5


@contextmanager
def stand_ins(settings: Settings, clock: Clock) -> Iterator[Settings]:
    """The settings with the stand-ins' addresses, which stay the same over a restart."""
    running: list[RunningServer] = []
    try:
        if not settings.bank_url:
            settings = replace(settings, bank_url=_start(settings, clock, "bank", Bank, running))
        if not settings.sms_url:
            settings = replace(settings, sms_url=_start(settings, clock, "sms", SmsGateway, running))
        if not settings.phone_url:
            phone_url = _start(settings, clock, "phone", Phones, running)
            settings = replace(settings, phone_url=phone_url, phone_key=settings.bank_key)
        if not settings.registers_url:
            key = settings.registers_key
            url = _start(settings, clock, "registers", Registers, running, key)
            settings = replace(settings, registers_url=url)
        yield settings
    finally:
        _close(running)


def forget_records(settings: Settings) -> None:
    """Of an earlier county in this folder, whose cases had the same numbers; the addresses stay."""
    for name in ("bank", "sms", "phone"):
        shutil.rmtree(settings.data / "stand-ins" / name, ignore_errors=True)


def _start(
    settings: Settings,
    clock: Clock,
    name: str,
    kind: Callable[..., StandIn],
    running: list[RunningServer],
    key: bytes | None = None,
) -> str:
    folder = settings.data / "stand-ins"
    app = kind(key=key or settings.bank_key, now=clock.now, folder=folder / name, testing=settings.testing)
    server, url = serve_in_thread(app, port=steady_port(folder / f"{name}.port"))
    running.append(server)
    return url


def _close(running: list[RunningServer]) -> None:
    """They keep their records with every change, so nobody waits for one that is busy."""
    threads = [threading.Thread(target=server.close, daemon=True) for server in running]
    for thread in threads:
        thread.start()
    end = time.monotonic() + _CLOSE_SECONDS
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
