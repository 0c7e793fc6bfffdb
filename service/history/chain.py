"""The hash chain of a case's events. Pure: what is hashed, and whether a chain holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.database.types import EPOCH

NO_HASH = "0" * 64
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be written. `payload` is plain JSON data; what happened is told in past participles."""

    kind: str
    element_id: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    actor: int | None = None
    actor_name: str | None = None
    principal: int | None = None
    post: str | None = None


def chained(
    events: Iterable[NewEvent], *, case_id: int, number: str, at: datetime, last: tuple[int, str]
) -> list[dict[str, Any]]:
    """Rows for the event table, continuing from the (sequence number, hash) of the case's last event."""
    seq, previous = last
    rows = []
    micros = (at - EPOCH).total_seconds()
    for new in events:
        seq += 1
        payload = _canonical(new.payload)
        hashed = event_hash(previous, number, seq, micros, new, payload)
        rows.append(
            {
                "case_id": case_id,
                "seq": seq,
                "at": at,
                "kind": new.kind,
                "actor": new.actor,
                "actor_name": new.actor_name,
                "principal": new.principal,
                "post": new.post,
                "element_id": new.element_id,
                "payload": payload,
                "previous_hash": previous,
                "hash": hashed,
            }
        )
        previous = hashed
    return rows


def event_hash(previous: str, number: str, seq: int, seconds: float, new: NewEvent, payload: str) -> str:
    """SHA-256 over the previous hash and every column of the event, parted by the unit separator."""
    parts = (
        previous,
        number,
        seq,
        f"{seconds:.6f}",
        new.kind,
        new.actor,
        new.actor_name,
        new.principal,
        new.post,
        new.element_id,
        payload,
    )
    return hashlib.sha256("\x1f".join("" if p is None else str(p) for p in parts).encode()).hexdigest()


def first_broken(rows: Iterable[Mapping[str, Any]], number: str) -> int | None:
    """The sequence number of the first event that does not follow from the ones before; None if the chain holds."""
    previous, expected = NO_HASH, 1
    for row in rows:
        new = NewEvent(
            row["kind"], row["element_id"], {}, row["actor"], row["actor_name"], row["principal"], row["post"]
        )
        seconds = (row["at"] - EPOCH).total_seconds()
        hashed = event_hash(previous, number, row["seq"], seconds, new, row["payload"])
        if row["seq"] != expected or row["previous_hash"] != previous or row["hash"] != hashed:
            return int(row["seq"])
        previous, expected = hashed, expected + 1
    return None
