"""Our own Python sources as syntax trees, for the tests that hold the house to its style."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("service", "supervision", "simulation")
EVERYTHING = (*PRODUCT, "tests", "deploy", "bench")
_LEFT_OUT = frozenset({"node_modules", "islands", "__pycache__"})


@dataclass(frozen=True)
class Source:
    """`name` is the path from the root, as a reader would look for it."""

    name: str
    text: str
    tree: ast.Module

    @cached_property
    def _nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    def names_of(self, *kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
        """Where each node of these kinds stands, and the node."""
        for node in self._nodes:
            if isinstance(node, kinds):
                yield f"{self.name}:{getattr(node, 'lineno', 1)}", node


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file below the folders that exist, in order of name."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    gc.disable()  # Some millions of nodes stay; to look through them again and again takes longer than to make them.
    try:
        return tuple(read(path) for path in found if not _LEFT_OUT & set(path.relative_to(ROOT).parts))
    finally:
        gc.freeze()
        gc.enable()


@cache
def read(path: Path, root: Path = ROOT) -> Source:
    text = path.read_text("utf-8")
    return Source(path.relative_to(root).as_posix(), text, ast.parse(text))
