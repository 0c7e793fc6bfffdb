"""Looks into the bytes of a case without running it: what a page shows needs values, not tokens."""

from __future__ import annotations

from typing import Any

import msgpack


def read_variables(packed: bytes) -> dict[str, Any]:
    """The case's variables; empty for a case that has no state yet.

    The codec puts them first of its maps (codec.py, layout); a test holds the two together.
    """
    if not packed:
        return {}
    parts = msgpack.unpackb(packed, raw=False, strict_map_key=False)
    return next((part for part in parts if isinstance(part, dict)), {})


def read_memory(packed: bytes) -> dict[str, Any]:
    """What the service keeps with the state, such as open clock stops: the second of its maps."""
    if not packed:
        return {}
    parts = msgpack.unpackb(packed, raw=False, strict_map_key=False)
    return [part for part in parts if isinstance(part, dict)][1]
