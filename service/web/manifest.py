"""Where the built islands lie: names to link and script tags, read from the manifest that Vite writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from service.errors import MingjingError

OUTPUT = Path(__file__).parent / "static" / "islands"
ADDRESS = "/static/islands/"

Chunks = Mapping[str, Mapping[str, Any]]


class IslandMissing(MingjingError):
    """A page asks for an island that was not built; the message says how to build."""


def island_tags(name: str) -> Markup:
    """Link tags for the style sheets and one module tag for the script of the island `name`.

    Style sheets of imported chunks come first, so that the island's own has the last word. Raises IslandMissing.
    """
    path = OUTPUT / "manifest.json"
    if not path.is_file():
        raise IslandMissing(f"Expected {path}, but the islands are not built: run python -m service.web.islands_build")
    return _tags(path, path.stat().st_mtime_ns, name)


@lru_cache(maxsize=64)
def _tags(path: Path, _written_ns: int, name: str) -> Markup:
    chunks: Chunks = json.loads(path.read_text("utf-8"))
    key = f"src/islands/{name}.js"
    if key not in chunks:
        known = ", ".join(sorted(c["name"] for c in chunks.values() if c.get("isEntry")))
        raise IslandMissing(f"Expected an island of {known}, but found {name!r}")
    links = [Markup('<link rel="stylesheet" href="{}">').format(ADDRESS + css) for css in _styles(chunks, key)]
    return Markup("\n").join([*links, _script(chunks[key]["file"])])


def _script(file: str) -> Markup:
    return Markup('<script type="module" src="{}"></script>').format(ADDRESS + file)


def _styles(chunks: Chunks, key: str) -> list[str]:
    """Each style sheet once, those of imports before those of the importer."""
    return list(dict.fromkeys(_walk(chunks, key, set())))


def _walk(chunks: Chunks, key: str, seen: set[str]) -> Iterator[str]:
    if key in seen:
        return
    seen.add(key)
    for imported in chunks[key].get("imports", ()):
        yield from _walk(chunks, imported, seen)
    yield from chunks[key].get("css", ())
