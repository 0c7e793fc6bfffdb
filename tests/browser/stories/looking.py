"""What every page that a story visits is held to: nothing sticks out, axe-core finds nothing, a picture is kept."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from service.web.islands_build import SOURCE

AXE = SOURCE / "node_modules" / "axe-core" / "axe.min.js"
# What passes is told by one node of each rule: it is most of what a page has, and nobody reads it.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
_FAULTS = """([context, rules]) => axe.run(context, rules).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`)))"""
# Drawings and the panels of libraries: a list with the same words stands beside each (UX, bpmn-js).
_NOT_OURS = [".djs-container", ".bio-properties-panel", ".mj-minimap"]
_STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = node => {
    for (let up = node.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')]
    .filter(node => node.getBoundingClientRect().right > wide + 1 && !scrolls(node))
    .map(node => node.outerHTML.slice(0, 120)).slice(0, 5);
}"""
# A page whose classes, roles and tags were all seen at its place has nothing new to check.
_MAKE = """() => [...new Set([...document.querySelectorAll('body *')].filter(node => !node.closest('.djs-container'))
  .map(node => node.tagName + '.' + (node.getAttribute('class') || '') + node.getAttribute('role')))]"""


class Eye:
    """Checks each kind of page once a run; pictures go to the folder that MINGJING_SHOTS names."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        self._shots = os.environ.get("MINGJING_SHOTS")
        self._number = 0

    def check(self, page: Page) -> None:
        """Raises AssertionError with what is wrong."""
        size = page.viewport_size or {"width": 0}
        place = re.sub(r"\d+", "1", page.url.split("/", 3)[-1].partition("?")[0])
        seen = self._seen[place, size["width"], page.locator("html").get_attribute("lang")]
        makes = set(page.evaluate(_MAKE))
        if makes <= seen:
            return
        seen |= makes
        assert page.evaluate(_STICKS_OUT) == [], page.url
        assert self.faults(page) == [], page.url

    def faults(self, page: Page) -> list[str]:
        """What axe-core finds: the rule and the place of each."""
        page.evaluate(AXE.read_text("utf-8"))
        context = {"exclude": [[selector] for selector in _NOT_OURS]}
        found: list[str] = page.evaluate(_FAULTS, [context, RULES])
        return found

    def keep(self, page: Page, name: str, *, whole: bool = True) -> None:
        """A picture, for whoever looks at how the product looks."""
        if self._shots:
            self._number += 1
            Path(self._shots).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(self._shots) / f"{self._number:03d}-{name}.png", full_page=whole)
