"""Runs benches by name and shows what they found."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Iterator, Mapping
from typing import Any

from bench.record import Findings, Options, Row, circumstances, result

QUICK = ("steps", "http", "loop", "answers", "definitions", "sweep", "compare", "reconciliation")
LONG = ("storm", "load")


def run(name: str, options: Options) -> Row:
    """One bench from beginning to end; its result as JSON."""
    signal.signal(signal.SIGTERM, _leave)  # What a bench has started ends with it, however it is told to.
    started = circumstances()
    module = importlib.import_module(f"bench.{name}")
    found: Findings = module.measure(options)
    return result(name, found, started)


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(143)


def as_text(found: Mapping[str, Any]) -> Iterator[str]:
    """A result for a terminal, line by line."""
    on = found["machine"]
    load = f"load {found['load_average_before']} to {found['load_average_after']}"
    yield f"{found['bench']} · {found['at']} · {on['processor']}, {on['cores']} cores · Python {on['python']} · {load}"
    for row in found["rows"]:
        yield "  " + "  ".join(f"{name} {value}" for name, value in row.items())
    for target in found["targets"]:
        met = {True: "met", False: "not met", None: "not measured"}[target["met"]]
        yield f"  {target['what']}: {target['found']} of at most {target['at_most']} {target['unit']}: {met}"
    for what, why in found["absent"].items():
        yield f"  {what}: absent: {why}"
