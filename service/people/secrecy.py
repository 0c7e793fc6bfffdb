"""A caller who wants to stay unknown (保密): who took the call knows, whoever handles the matter does not.

Such a case carries no name and no number anywhere but in the applicant's own column, which is shown to the case's own
department and to those who look after the county alone. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from service.people.actor import Actor
from service.people.permissions import may

UNKNOWN_CALLER: Final = "保密诉求人"
HIDDEN: Final = "secret"
_IDENTITY: Final = ("name", "mobile", "id_number", "credit_code")


def wants_secrecy(applicant_from: Mapping[str, str], answers: Mapping[str, Any]) -> bool:
    """Whether the first form says so."""
    return answers.get(applicant_from.get("secret", "")) == "yes"


def without_identity(applicant_from: Mapping[str, str], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without those that say who it is."""
    hidden: Collection[str | None] = {applicant_from.get(part) for part in _IDENTITY}
    return {key: value for key, value in answers.items() if key not in hidden}


def knows_applicant(actor: Actor | None, applicant: Mapping[str, Any], department: str) -> bool:
    """Whether the person may know whom the case is about: anybody, unless it is kept secret."""
    if not applicant.get(HIDDEN):
        return True
    if actor is None:
        return False
    own = any(held.department == department and held.principal_id is None for held in actor.holdings)
    return own or may(actor, "know_secret_callers")


def applicant_for(
    actor: Actor | None, name: str, applicant: Mapping[str, Any], department: str
) -> tuple[str, Mapping[str, Any]]:
    """The name and what else is known of the applicant, as this person may read it."""
    if not applicant.get(HIDDEN):
        return name, applicant
    if knows_applicant(actor, applicant, department):
        return str(applicant.get("name") or name), applicant
    return name, {HIDDEN: True}
