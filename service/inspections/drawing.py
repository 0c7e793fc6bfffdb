"""The draw of a random inspection (双随机): who is inspected and by whom, from a seed that nobody can choose.

A secret number is committed to (its SHA-256 is published) when the plan is made and the pools are frozen. The seed is
made of that number, the frozen pools and the approval, whose instant and place in the case's chain of events nobody
knows before: who plans does not approve, and who approves does not know the number. All of it is published after the
draw, and anyone can draw again by the rules of this module, which need nothing but SHA-256. Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from typing import Any

OFFICERS_EACH = 2  # 行政处罚法 Art. 42: no fewer than two.


@dataclass(frozen=True, slots=True)
class Pool:
    """Objects by credit code, officers by the number of their certificate (执法证号).

    `interests` are pairs (officer, object) that are left out (回避).
    """

    objects: tuple[str, ...]
    officers: tuple[str, ...]
    interests: frozenset[tuple[str, str]] = frozenset()

    def as_json(self) -> dict[str, object]:
        pairs = [list(pair) for pair in sorted(self.interests)]
        return {"objects": sorted(self.objects), "officers": sorted(self.officers), "interests": pairs}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One object that was drawn, with its officers; fewer than two where too few are free of interest."""

    object: str
    officers: tuple[str, ...]


def pool_of(content: Mapping[str, Any]) -> Pool:
    """The pool from its JSON."""
    interests = frozenset((str(officer), str(code)) for officer, code in content["interests"])
    return Pool(tuple(content["objects"]), tuple(content["officers"]), interests)


def digest_of(pool: Pool) -> str:
    """SHA-256 of the pool's canonical JSON: sorted, without spaces."""
    return _sha256(json.dumps(pool.as_json(), sort_keys=True, separators=(",", ":")))


def commitment_to(secret: str) -> str:
    """What is published of the secret number before the draw."""
    return _sha256(secret)


def seed_of(secret: str, pool_digest: str, approval: str) -> str:
    """`approval` is the instant of the approval and the digest of the event before it, joined by a bar."""
    return _sha256(f"{secret}|{pool_digest}|{approval}")


def how_many(pool: Pool, percent: int) -> int:
    """The share of the pool in whole objects, rounded up."""
    return ceil(len(pool.objects) * percent / 100)


def draw(seed: str, pool: Pool, percent: int) -> tuple[Drawn, ...]:
    """The objects with the lowest digests; to each the two officers who have the fewest so far, then the lowest."""
    ranked = sorted(pool.objects, key=lambda code: _sha256(f"{seed}|object|{code}"))
    busy: Counter[str] = Counter()
    drawn = []
    for code in ranked[: how_many(pool, percent)]:
        chosen = tuple(ranked_officers(seed, pool, code, busy)[:OFFICERS_EACH])
        busy.update(chosen)
        drawn.append(Drawn(code, chosen))
    return tuple(drawn)


def ranked_officers(seed: str, pool: Pool, code: str, busy: Mapping[str, int]) -> list[str]:
    """The officers who may inspect an object, the next to be chosen first."""
    free = [one for one in pool.officers if (one, code) not in pool.interests]
    return sorted(free, key=lambda one: (busy.get(one, 0), _sha256(f"{seed}|officer|{code}|{one}")))


def recusal_seed(seed: str, code: str, times: int) -> str:
    """The seed of the `times`-th recusal (from 1) at an object: it follows from the draw's, so nobody chooses it."""
    return _sha256(f"{seed}|recusal|{code}|{times}")


def drawn_again(seed: str, pool: Pool, code: str, left_out: Collection[str]) -> str | None:
    """Who takes the place of a recused officer: of the frozen pool the lowest digest by the recusal's own seed.

    `left_out` are those who are drawn for the object already or were recused there; None where nobody is left.
    """
    free = [one for one in pool.officers if one not in left_out and (one, code) not in pool.interests]
    return min(free, key=lambda one: _sha256(f"{seed}|officer|{code}|{one}"), default=None)


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()
