"""How often Python looks for cycles of objects that nobody reaches any more: rarely, and never among what stays.

Each act leaves one small cycle, the tree of its case's tasks. By Python's own thresholds every act is interrupted to
look for it, and now and then all that the process has loaded is looked through too.
"""

from __future__ import annotations

import gc
from typing import Final

# Objects made and not freed before the youngest are looked through; some fifty acts leave so many, about a megabyte.
YOUNG: Final = 7_000
# All are looked through as often as by Python's own thresholds (700, 10, 10): evicted definitions weigh most.
_OLDER: Final = (3, 3)


def collect_rarely() -> None:
    """For a process that stays: to be called once it has loaded what it is made of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *_OLDER)
