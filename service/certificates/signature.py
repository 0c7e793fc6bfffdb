"""Knowing a signature of ours again in a file of a stranger, without reading that file as a PDF."""

from __future__ import annotations

import hashlib
import re

# The signature's own bytes stand in the file as one long hexadecimal string (ISO 32000-1, 12.8.1). A signature of ours
# takes some 8,000 signs of it; anything that is much longer is none.
_CONTENTS = re.compile(rb"/Contents\s{0,8}<([0-9A-Fa-f]{1000,200000})>")


def signature_digest(pdf: bytes) -> str | None:
    """SHA-256 in hex of the first signature that stands in the file; None if there is none. Linear in the file."""
    found = _CONTENTS.search(pdf)
    return hashlib.sha256(found[1].lower()).hexdigest() if found else None
