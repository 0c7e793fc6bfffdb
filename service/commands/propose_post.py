"""A security administrator proposes a post for somebody; `grant_proposal` says who decides and what happens then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.commands.grant_proposal import POST_GRANT, subject_of_grant
from service.commands.post_people import GrantPost
from service.commands.propose import Propose, propose
from service.commands.services import Services
from service.people.actor import Actor


def propose_post(connection: Connection, services: Services, actor: Actor, command: GrantPost, now: datetime) -> int:
    """The proposal's id. Raises Refused as `propose` and `post_people.require_grantable`."""
    content = {"post": command.post, "department": command.department}
    asked = Propose(POST_GRANT, subject_of_grant(command), content, command.reason)
    return propose(connection, services, actor, asked, now)
