"""What the story says of those whom a leader lets read the case (授权阅件)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.reads.case_list import EventView
from service.web.pages.words import say


def _allowed(_teller: object, event: EventView) -> str:
    return say("授权%(name)s阅件，至 %(until)s 止", name=event.payload["person"], until=event.payload["until"])


def _ended(_teller: object, event: EventView) -> str:
    return say("收回%(name)s的阅件授权", name=event.payload["person"])


READINGS: Mapping[str, tuple[Callable[[object, EventView], str], str]] = {
    "reading_allowed": (_allowed, "yellow"),
    "reading_ended": (_ended, ""),
}
