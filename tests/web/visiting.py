"""Somebody at the pages: signs in at the door, opens pages, sends forms with the token that the pages carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse, stream_encode_multipart

from service.demo.county import PASSWORD
from service.web.request import CSRF_HEADER, LANGUAGE_COOKIE
from tests.service_fixtures import Office

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HAN = re.compile(r"[\u3400-\u9fff]+")
_EMPTY = frozenset("input meta link br img use rect line path circle hr source".split())


def token_of(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, "Expected a form with a token"
    return found[1]


@dataclass
class Visitor:
    """A browser without scripts. `token` is the session's."""

    client: FlaskClient
    token: str = ""
    office: Office | None = None
    username: str = ""

    def sure(self) -> Visitor:
        """The same with the second step open."""
        assert self.office is not None

        def give(code: str) -> bool:
            headers = {CSRF_HEADER: self.token}
            path = "/api/v1/sessions/current/second-factor"
            return self.client.post(path, json={"code": code}, headers=headers).status_code == 200

        self.office.codes.open_with(self.username, give)
        return self

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def page(self, path: str) -> str:
        """The page; it must open."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status, answer.headers.get("Location"))
        return answer.text

    def send(self, path: str, **form: Any) -> TestResponse:
        """A form of a page, with the token."""
        # Encoded here, since the test client would leave a temporary file open for a large one.
        stream, _, boundary = stream_encode_multipart({"csrf_token": self.token, **form}, use_tempfile=False)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(path, data=stream.read(), content_type=kind, buffered=True)

    def sent(self, path: str, **form: Any) -> str:
        """The page that comes after a form that was taken."""
        answer = self.send(path, **form)
        assert answer.status_code == 303, (answer.status, told(answer.text))
        return self.page(answer.headers["Location"])


def visit(office: Office, username: str = "", language: str = "zh-CN") -> Visitor:
    """A fresh browser; signed in if a user name is given."""
    client = office.client()
    client.set_cookie(LANGUAGE_COOKIE, language)
    if not username:
        return Visitor(client)
    door = client.get("/sign-in").text
    form = {"username": username, "password": PASSWORD, "csrf_token": token_of(door)}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 303, told(answer.text)
    return Visitor(client, token_of(client.get("/notices").text), office, username)


class Page(HTMLParser):
    """What a test asks of a page: its elements with attributes, and its words with the language they are in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        for name in ("aria-label", "title", "placeholder", "alt", "data-confirm"):
            if given.get(name):
                self.words.append((language, given[name]))
        if tag not in _EMPTY:
            self._open.append((tag, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] not in ("script", "code") and data.strip():
            self.words.append((self._open[-1][1], data.strip()))

    def all(self, tag: str, **wanted: str) -> Iterator[dict[str, str]]:
        for name, given in self.elements:
            if name == tag and all(given.get(key.rstrip("_")) == value for key, value in wanted.items()):
                yield given

    def with_class(self, *names: str) -> list[dict[str, str]]:
        return [given for _, given in self.elements if set(names) <= set(given.get("class", "").split())]


def told(html: str) -> str:
    """The words of a page's main part, in one line; for messages of failed tests and for looking things up."""
    return " ".join(words for _, words in Page(html.partition("<main")[2]).words)


def han_in_english(html: str) -> set[str]:
    """Chinese words of an English page that do not say that they are Chinese."""
    return {run for language, words in Page(html).words if language == "en" for run in _HAN.findall(words)}
