"""The one root of our errors, and the table of codes with their HTTP status (API.md, Conventions)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]

STATUS: Mapping[str, int] = {
    "bad_request": 400,
    "not_signed_in": 401,
    "not_permitted": 403,
    "second_factor_required": 403,
    "csrf_failed": 403,
    "not_found": 404,
    "no_device": 409,
    "method_not_allowed": 405,
    "task_taken": 409,
    "case_halted": 409,
    "case_suspended": 409,
    "case_closed": 409,
    "case_open": 409,
    "move_refused": 409,
    "work_open": 409,
    "fee_unpaid": 409,
    "certificate_ended": 409,
    "separation_of_duty": 409,
    "terminal_shared": 409,
    "idempotency_conflict": 409,
    "not_waiting": 409,
    "offset_conflict": 409,
    "incident_settled": 409,
    "step_running": 409,
    "already_urged": 409,
    "cannot_take_back": 409,
    "calendar_busy": 409,
    "leave_ended": 409,
    "on_leave": 409,
    "outage_over": 409,
    "receipt_refused": 422,
    "ticket_refused": 422,
    "spot_refused": 422,
    "version_conflict": 412,
    "payload_too_large": 413,
    "unsupported_media": 415,
    "control_node_missing": 422,
    "invalid_answers": 422,
    "invalid_diagram": 422,
    "invalid_request": 422,
    "rate_limited": 429,
    "incident": 500,
    "not_ready": 503,
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of a refusal. `pointer` is an RFC 6901 pointer into the request; `material` a material's key."""

    code: str
    message: str
    message_en: str = ""
    pointer: str | None = None
    material: str | None = None


class MingjingError(Exception):
    """Root of everything that we raise on purpose."""

    code = "incident"


class TooSoon(MingjingError):
    """A message overtook the one that it builds on. The outbox does it again later."""


class Stopped(BaseException):
    """This process has to go at once: what is half done is undone, what is claimed is handed back. No failure."""


class Refused(MingjingError):
    """An act that a rule refuses: a value for the clerk, not a failure of the machine.

    `message` is Chinese, `message_en` English; both say what was expected and what was found.
    """

    def __init__(
        self, code: str, message: str, message_en: str, details: Sequence[Detail] = (), facts: Facts | None = None
    ) -> None:
        super().__init__(message_en)
        self.code = code
        self.message = message
        self.message_en = message_en
        self.details = tuple(details)
        self.facts = facts or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message_en}"

    @property
    def status(self) -> int:
        return STATUS[self.code]


def not_found(what_zh: str, what_en: str) -> Refused:
    """The answer for a thing that is not there, or not for this person to know of."""
    return Refused("not_found", f"没有找到{what_zh}", f"Expected to find {what_en}, but there is none")
