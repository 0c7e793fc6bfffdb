"""Headless Chromium for tests that drive pages; a console error, a page error or a policy violation fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error('policy', event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber));
"""
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium_path, args=FLAGS)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of; a test that expects a complaint takes it out of this list."""
    return []


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[OpenPage]:
    """A function of (address, width=, height=) that opens a page in a fresh profile."""
    contexts: list[BrowserContext] = []

    def open_one(address: str, *, width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS)
        # Of the context, so that windows which the page opens are heard too.
        context.on("weberror", lambda web: complaints.append(f"page: {web.error}"))
        context.on("console", lambda line: complaints.append(f"console: {line.text}") if line.type == "error" else None)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
