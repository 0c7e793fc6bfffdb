"""Posts and delegations: power shifts only with a reason, and never into one hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.commands.check_staff import ask_for_check
from service.commands.office_changes import OfficeChange, note_change, stated
from service.database.tables import delegation, department, person, post_holding, setting
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.county_settings import LOOSENED
from service.people.permissions import PERMISSIONS, may
from service.people.posts import OUTSIDE_POSTS, POST_NAMES, post_name
from service.people.queries import posts_held, posts_lent
from service.people.separation import PostConflict, post_conflict

_LOOSENED = select(setting.c.content).where(setting.c.name == LOOSENED)


@dataclass(frozen=True, slots=True)
class GrantPost:
    person_id: int
    post: str
    department: str
    reason: str


@dataclass(frozen=True, slots=True)
class Delegate:
    """A leader lends a post for given dates (委托代办); the delegate counts as himself and as the principal."""

    delegate_id: int
    post: str
    department: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def grant_post(connection: Connection, granted_by: int | None, command: GrantPost, now: datetime) -> int:
    """Give a person a post; its id. Who it takes is for `grant_proposal`; `granted_by` None is the installation itself.

    Raises Refused as `require_grantable`.
    """
    require_grantable(connection, command, now)
    return _hold(connection, granted_by, command, now)


def require_grantable(connection: Connection, command: GrantPost, now: datetime) -> None:
    """The person may hold the post beside those held and lent, and somebody has said why; the person is locked.

    Raises Refused: not_found, invalid_request, separation_of_duty where the set of posts would let one person do two
    separated acts (DOMAIN: 4).
    """
    _require_person(connection, command.person_id)
    _require_post(connection, command.post, command.department)
    _require_reason(command.reason)
    held = posts_held(connection, command.person_id)
    if (command.post, command.department) in held:
        words = "该人员已有此岗位", "Expected a post that is not held yet"
        raise Refused("invalid_request", *words, [Detail("held_already", *words, pointer="/post")])
    wanted = (command.post, command.department)
    loosened = connection.execute(_LOOSENED).scalar_one_or_none() or {}
    lent = post_conflict(wanted, posts_lent(connection, command.person_id, now))
    conflict = post_conflict(wanted, held, loosened.get("sup1", ())) or (lent if lent and lent.always else None)
    if conflict is not None:
        raise _posts_exclude(conflict)


def _hold(connection: Connection, granted_by: int | None, command: GrantPost, now: datetime) -> int:
    values = {
        "person_id": command.person_id,
        "department": command.department,
        "post": command.post,
        "granted_at": now,
        "granted_by": granted_by,
        "reason": command.reason,
    }
    holding_id = int(connection.execute(insert(post_holding).values(values).returning(post_holding.c.id)).scalar_one())
    if granted_by is not None:  # What an installation begins with concerns no case yet.
        ask_for_check(connection, command.post, command.department, f"{holding_id}/granted", ended=False, now=now)
    return holding_id


def delegate_post(connection: Connection, actor: Actor, command: Delegate, now: datetime) -> int:
    """Lend one's own post to another for given dates; the delegation's id.

    Posts that one person may not hold in a department can be lent all the same: what the delegate may not do because
    of either of the two is refused at the act. Posts that never go together (■) are not.
    Raises Refused: not_permitted, not_found, invalid_request, separation_of_duty.
    """
    own = any(h.serves(command.post, command.department) and h.principal_id is None for h in actor.holdings)
    if not own or command.post not in PERMISSIONS["delegate"]:
        raise Refused("not_permitted", "只能委托本人的负责人岗位", "Expected a leading post of one's own")
    if command.delegate_id == actor.person_id or command.ends_at <= command.starts_at:
        raise Refused("invalid_request", "委托对象或期限不正确", "Expected another person and an end after the start")
    _require_person(connection, command.delegate_id)
    _require_reason(command.reason)
    _require_no_watcher(connection, command, now)
    return int(
        connection.execute(
            insert(delegation)
            .values(
                principal_id=actor.person_id,
                delegate_id=command.delegate_id,
                post=command.post,
                department=command.department,
                starts_at=command.starts_at,
                ends_at=command.ends_at,
                reason=command.reason,
                created_at=now,
            )
            .returning(delegation.c.id)
        ).scalar_one()
    )


def revoke_delegation(connection: Connection, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Take a lent post back; only who lent it may. Raises Refused not_found."""
    done = connection.execute(
        update(delegation)
        .where(
            delegation.c.id == delegation_id,
            delegation.c.principal_id == actor.person_id,
            delegation.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    if done.rowcount != 1:
        raise not_found("该委托", f"delegation {delegation_id}")


def revoke_for(connection: Connection, actor: Actor, delegation_id: int, reason: str, now: datetime) -> None:
    """The security administrator ends a loan of others. Raises Refused: not_permitted, invalid_request, not_found."""
    if not may(actor, "grant_posts"):
        raise Refused("not_permitted", "只有安全管理员可以终止他人的委托", "Expected a security administrator")
    given = stated(reason)
    ended = update(delegation).where(delegation.c.id == delegation_id, delegation.c.revoked_at.is_(None))
    row = connection.execute(ended.values(revoked_at=now).returning(delegation)).one_or_none()
    if row is None:
        raise not_found("该委托", f"delegation {delegation_id}")
    before = {"principal": row.principal_id, "delegate": row.delegate_id, "post": row.post}
    subject = f"person/{row.principal_id}"
    note_change(connection, actor, OfficeChange("loan_ended", subject, given, before), now)


def _posts_exclude(conflict: PostConflict) -> Refused:
    held, wanted = (post_name(post) for post in (conflict.held, conflict.wanted))
    held_en, wanted_en = (post_name(post, "en") for post in (conflict.held, conflict.wanted))
    return Refused(
        "separation_of_duty",
        f"岗位“{wanted}”与已有岗位“{held}”不相容，一人不得兼任",
        f"Expected posts that one person may hold together, but {wanted_en} excludes {held_en}",
        [Detail("posts_exclude", f"{held} × {wanted}", f"{held_en} × {wanted_en}")],
    )


def _require_no_watcher(connection: Connection, command: Delegate, now: datetime) -> None:
    """Who supervises or administers gets no power over cases, not even for a day."""
    has = posts_held(connection, command.delegate_id) + posts_lent(connection, command.delegate_id, now)
    for holding in has:
        conflict = post_conflict((command.post, command.department), [holding])
        if conflict is not None and conflict.always:
            raise _posts_exclude(conflict)


def _require_post(connection: Connection, post: str, department_code: str) -> None:
    """A post that somebody of the county holds, in a department that there is."""
    known = select(department.c.code).where(department.c.code == department_code)
    if post not in POST_NAMES or post in OUTSIDE_POSTS or connection.execute(known).one_or_none() is None:
        raise Refused("invalid_request", "没有该岗位或该部门", f"Expected a post of a department, found {post!r}")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("invalid_request", "须写明理由", "Expected a reason, but there is none")


def _require_person(connection: Connection, person_id: int) -> None:
    """The person is there, and locked: two posts that exclude each other may be granted at once."""
    known = select(person.c.id).where(person.c.id == person_id, person.c.active.is_(True)).with_for_update()
    if connection.execute(known).one_or_none() is None:
        raise not_found("该人员", f"person {person_id}")
