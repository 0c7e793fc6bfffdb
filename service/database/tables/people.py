"""Persons, posts, delegations and sessions. No rules live here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table

from service.database.metadata import metadata
from service.database.types import Instant, Key

department = Table(
    "department",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("credit_code", String(18)),
)
person = Table(
    "person",
    metadata,
    Column("id", Key, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    Column("mobile", String(20)),
    Column("officer_number", String(40)),
    Column("password_hash", String(200), nullable=False),
    Column("totp_secret", String(64), nullable=False),
    # The half minute (since 1970) of the last code that was taken: none is taken twice (RFC 6238, 5.2).
    Column("totp_taken", BigInteger),
    Column("active", Boolean, nullable=False, default=True),
)
post_holding = Table(
    "post_holding",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("department", String(16), nullable=False),
    Column("post", String(32), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("granted_by", Key),
    Column("reason", String(500), nullable=False),
    Column("ended_at", Instant),
    Index("ix_post_holding_post", "department", "post"),
)
delegation = Table(
    "delegation",
    metadata,
    Column("id", Key, primary_key=True),
    Column("principal_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("delegate_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("post", String(32), nullable=False),
    Column("department", String(16), nullable=False),
    # Set where this one task is lent and nothing else of the post.
    Column("task_id", String(32)),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
# 请假: while it lasts, tasks go to the stand-in or back to the pool, and none come.
leave = Table(
    "leave",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("stand_in", Key, ForeignKey("person.id")),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("entered_by", Key, ForeignKey("person.id"), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Key, ForeignKey("person.id")),
    Index("ix_leave_person", "person_id", "ends_at"),
)
session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("second_factor_until", Instant),
    Column("address", String(64)),
    # At which browser or program it was opened; none for sessions of an older version.
    Column("terminal", String(32)),
)
# Who signed in when and from where, for the supervision log (监察日志), by the county's clock; sessions end and go.
signing_in = Table(
    "signing_in",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("address", String(64)),
    Column("terminal", String(32)),
    Index("ix_signing_in_at", "at"),
)
# A question to the device of the person of a session (本人操作), and how it ended; by the system's own clock.
confirmation = Table(
    "confirmation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("session", String(64), nullable=False),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    # Shown by our page alone; the person gives it to the device.
    Column("number", String(2), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    # waiting, approved, refused, expired, wrong_number
    Column("status", String(12), nullable=False),
    Column("answered_at", Instant),
)
