"""Somebody at a browser of their own: signs in at the door, opens pages, presses what they see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from service.demo.county import PASSWORD
from service.demo.playing import paper_bytes, picture_bytes
from tests.browser.stories.filling import fill
from tests.browser.stories.looking import Eye
from tests.browser.stories.town import Town

_SETTLED = """() => document.documentElement && 'ready' in document.documentElement.dataset
  && !document.querySelector('[data-island]:not([data-ready])')"""
_CALL = """async ([method, path, body]) => {
  const token = document.querySelector('meta[name=csrf-token]').content;
  const headers = {'X-CSRF-Token': token, 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json'};
  const answer = await fetch(path, {method, headers, body: JSON.stringify(body)});
  return {status: answer.status, code: (await answer.json()).code ?? null};
}"""
_FAILED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Seat:
    """`complaints` is what the browser complained of; `refused` takes out what a refusal makes it say."""

    def __init__(self, page: Page, town: Town, eye: Eye, complaints: list[str]) -> None:
        self.page, self.town, self._eye, self._complaints = page, town, eye, complaints
        self.username = ""

    # Pages ---------------------------------------------------------------------------------------------------------
    def open(self, path: str) -> None:
        self.page.goto(self.town.address + path)
        self.look()

    def look(self, name: str | None = None) -> None:
        """Wait until the page is whole, check it, and keep a picture under the name."""
        self.page.wait_for_function(_SETTLED)
        self._eye.check(self.page)
        if name:
            self._eye.keep(self.page, name)

    def picture(self, name: str, *, whole: bool = True) -> None:
        self._eye.keep(self.page, name, whole=whole)

    def picture_of(self, window: Page, name: str) -> None:
        """Another window of this browser: checked, and a picture kept."""
        self._eye.check(window)
        self._eye.keep(window, name)

    def sign_in(self, username: str) -> Seat:
        """By the keyboard, as one does who does it each morning."""
        self.open("/sign-in")
        self.page.get_by_label("工号").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.goes_on(lambda: self.page.keyboard.press("Enter"))
        self.username = username
        return self

    def sure(self) -> Seat:
        """With the second step open, as reviews, decisions, printing and rulings on halts ask for it."""
        path = "/api/v1/sessions/current/second-factor"
        self.town.codes.open_with(self.username, lambda code: self.call("POST", path, {"code": code})[0] == 200)
        return self

    def goes_on(self, act: Callable[[], Any]) -> None:
        """Do what leads to another page, and look at that."""
        self.page.evaluate("window.beforeThis = true")
        act()
        self.page.wait_for_function("() => !window.beforeThis")
        self.look()

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Something in here is refused with that status, and the browser's console says so; nothing else goes wrong."""
        before = len(self._complaints)
        yield
        told = [_FAILED.search(one) for one in self._complaints[before:]]
        assert [one and int(one[1]) for one in told] == [status], self._complaints[before:]
        del self._complaints[before:]

    def second_window(self) -> Seat:
        """Another window of the same browser, on the same page."""
        window = self.page.context.new_page()
        window.set_default_timeout(10_000)
        other = Seat(window, self.town, self._eye, self._complaints)
        other.open(self.page.url.removeprefix(self.town.address))
        return other

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str | None]:
        """What a script of the page would send, past the buttons: the status and the code of the answer."""
        answer = self.page.evaluate(_CALL, [method, path, body or {}])
        return answer["status"], answer["code"]

    # The case page -------------------------------------------------------------------------------------------------
    def open_case(self, number: str) -> None:
        self.open(f"/cases/{number}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """A button that leads to another page."""
        self.goes_on(self.button(name).click)

    def agree(self, name: str) -> None:
        """The button of that name in the dialog that asks back; it leads to another page."""
        self.goes_on(self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click)

    def claim(self) -> None:
        self.press("领取")

    @contextmanager
    def move(self, name: str) -> Iterator[Locator]:
        """One of the ways of the office, unfolded; pressed when the block is left."""
        way = self.page.locator("details.move").filter(
            has=self.page.locator("summary", has_text=re.compile(f"^{name}$"))
        )
        way.locator("summary").click()
        yield way
        self.goes_on(way.get_by_role("button", name=name, exact=True).click)

    def upload(self, material: str, count: int = 1) -> None:
        """Choose files for a material; they are stored when this returns."""
        picture = "photo" in material
        files: list[FilePayload] = [
            {
                "name": f"{material}-{at + 1}.{'png' if picture else 'pdf'}",
                "mimeType": "image/png" if picture else "application/pdf",
                "buffer": (picture_bytes if picture else paper_bytes)(f"{self.page.url}{material}{at}"),
            }
            for at in range(count)
        ]
        field = self.page.locator(f".field:has(#m-{material})")
        there = field.locator("ul.files li.ok").count()
        field.locator("input[type=file]").set_input_files(files)
        expect(field.locator("ul.files li.ok")).to_have_count(there + count)

    def upload_missing(self) -> None:
        """Everything that the task's step still asks for."""
        wanted = self.page.locator("fieldset .upload[data-material]").evaluate_all(
            """all => all.map(box => [box.dataset.material,
              Number(box.dataset.need) - box.closest('.field').querySelectorAll('li.ok').length])"""
        )
        for material, lacking in wanted:
            self.upload(material, lacking)

    def fill(self, answers: dict[str, Any], form: str = "task") -> None:
        fill(self.page, answers, form)

    def save_draft(self) -> None:
        """Whether by the button or by itself just before: the page says that the draft is kept."""
        self.button("存草稿").click()
        expect(self.page.locator("[data-draft-state]")).to_contain_text("草稿已存")

    def submit(self) -> None:
        """The task's button; the next page is there when this returns."""
        self.goes_on(self.page.locator("[data-submit-form]").click)

    def submit_with_code(self, picture: str | None = None) -> None:
        """The same where the second step is asked for: the dialog takes the code and the act is done again."""
        with self.refused(403):
            self.page.locator("[data-submit-form]").click()
            code = self.page.get_by_role("dialog").get_by_label("六位口令")
            code.wait_for()
            if picture:
                self.picture(picture, whole=False)
            code.fill(self.town.codes.next(self.username))
            self.goes_on(lambda: self.page.keyboard.press("Enter"))

    def submit_refused(self, status: int) -> list[str]:
        """The lines of the summary that the refusal puts at the head of the form."""
        with self.refused(status):
            self.page.locator("[data-submit-form]").click()
            self.page.locator(".summary").wait_for()
        return self.page.locator(".summary li").all_inner_texts()

    def tab(self, name: str) -> Locator:
        """One of the tabs at the right of a case, opened."""
        self.page.locator(".tabset .tabs label", has_text=name).click()
        return self.page.locator(f".tabset section[aria-label={name}]")

    def print_document(self, name: str) -> bytes:
        """The PDF that the document's button brings, in a window of its own."""
        self.tab("文书")
        came: list[bytes] = []

        def pass_on(route: Route) -> None:
            answer = route.fetch()
            assert answer.status == 200, answer.text()
            came.append(answer.body())
            route.fulfill(response=answer)

        context = self.page.context
        context.route("**/print", pass_on)
        with context.expect_page() as opened:
            self.button(f"打印{name}").click()
        opened.value.wait_for_load_state()
        opened.value.close()
        context.unroute("**/print", pass_on)
        return came[0]

    def banner(self) -> Locator:
        return self.page.locator("main > .gap-top .notice")

    def number(self) -> str:
        """Of the case whose page this is."""
        return re.sub(r"[?#].*", "", self.page.url).rsplit("/", 1)[-1]
