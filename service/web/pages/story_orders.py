"""Sentences of a history about people beside the steps: who was named to mend, asked for time, or has a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from service.reads.case_list import EventView
from service.web.pages import words
from service.web.pages.words import say

if TYPE_CHECKING:
    from service.web.pages.story import Teller

Sentence = Callable[["Teller", EventView], str]


def _handler(_teller: Teller, event: EventView) -> str:
    return say("已确定经办人：%(name)s", name=event.payload.get("name", "—"))


def _copied(_teller: Teller, event: EventView) -> str:
    return say("抄送：%(people)s", people="、".join(event.payload.get("people", ())))


def _of_step(text: str) -> Sentence:
    return lambda teller, event: say(text, step=teller.step(event))


ORDER_SENTENCES: Mapping[str, tuple[Sentence, str]] = {
    "handler_named": (_handler, ""),
    "case_copied": (_copied, ""),
    "extension_asked": (_of_step(words.N_("“%(step)s”申请延期")), "now"),
    "extension_granted": (_of_step(words.N_("“%(step)s”的延期已批准")), "done"),
    "extension_refused": (_of_step(words.N_("“%(step)s”的延期未获批准")), "now"),
}
