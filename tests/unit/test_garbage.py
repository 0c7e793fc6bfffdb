"""A process that stays looks for cycles rarely, and not among what it has loaded."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import gc
from service.garbage import YOUNG, collect_rarely
loaded = gc.get_threshold()[0]
collect_rarely()
assert gc.isenabled() and gc.get_threshold()[0] == YOUNG > loaded and gc.get_freeze_count() > 1000

class Cycle:
    def __init__(self):
        self.own = self

begun = gc.get_stats()[0]["collections"]
for _ in range(5 * YOUNG):
    Cycle()
assert len([one for one in gc.get_objects() if type(one) is Cycle]) <= YOUNG
assert 0 < gc.get_stats()[0]["collections"] - begun <= 10
"""


def test_cycles_are_still_found_but_rarely() -> None:
    subprocess.run([sys.executable, "-c", LOOK], check=True, timeout=60)
