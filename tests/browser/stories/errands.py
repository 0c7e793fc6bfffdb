"""What a story does not tell: brings a case to the step where the story begins, over the county's interface."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import requests

from service.demo.county import PASSWORD
from service.demo.playing import paper_bytes
from tests.browser.stories.people import APPLICANT, known
from tests.browser.stories.town import Town

_MOST_STEPS = 12


class Errands:
    """Everybody of the county at their work, each as the catalogue has it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._tokens: dict[str, str] = {}

    def case(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("auditor", "GET", f"/cases/{number}")
        return found

    def start(self, item: str, **choices: Any) -> str:
        """A case of the item, entered by the window clerk; its number."""
        applicant = dict(zip(("name", "credit_code", "mobile"), APPLICANT, strict=True))
        given = known(item, "apply", self.town.now(), **choices)
        body = {"power_item": item, "applicant": applicant, "answers": given}
        return str(self.ask(f"{_place(item)}_clerk", "POST", "/cases", body)["number"])

    def bring(self, item: str, until: str, **choices: Any) -> str:
        """A new case of the item, worked on by everybody until that step is open; its number."""
        return self.go_on(self.start(item, **choices), until, **choices)

    def go_on(self, number: str, until: str, **choices: Any) -> str:
        """The same with a case that is there."""
        for _ in range(_MOST_STEPS):
            case = self.case(number)
            task = next(iter(case["user_tasks"]), None)
            if task is not None and task["element_id"] == until:
                return number
            if task is None:
                self.town.wait_working_days(1)
            else:
                self.do(case, task, **choices)
        raise AssertionError(f"Expected {number} to reach {until}")

    def do(self, case: dict[str, Any], task: dict[str, Any], **choices: Any) -> None:
        """One step as it should be done: papers, both officers, the time that it takes, the form."""
        item, who = case["power_item"], f"{(task['department'] or _place(case['power_item'])).lower()}_{task['post']}"
        self._bring_papers(task["id"], case["number"], who)
        self.ask(who, "POST", f"/user-tasks/{task['id']}/claim", {})
        if task["earliest_at"] is not None:
            self.town.put(max(self.town.now(), datetime.fromisoformat(task["earliest_at"])))
        given = known(item, task["form_key"], self.town.now(), **choices)
        if task["officers"] > 1:
            self.ask(who, "PUT", f"/user-tasks/{task['id']}/draft", {"answers": given})
            self.ask(f"{who}2", "POST", f"/user-tasks/{task['id']}/sign", {})
        self.ask(who, "POST", f"/user-tasks/{task['id']}/complete", {"answers": given})

    def _bring_papers(self, task: str, number: str, who: str) -> None:
        for material in self.ask(who, "GET", f"/user-tasks/{task}")["required_materials"]:
            for copy in range(material["need"] - material["have"]):
                paper = paper_bytes(f"{number} {material['key']} {copy}")
                files = {"file": ("paper.pdf", paper, "application/pdf")}
                data = {"material": material["key"]}
                self.ask(who, "POST", f"/cases/{number}/attachments", data=data, files=files)

    def ask(self, username: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """One call of somebody; its answer. Refusals are errors of the test."""
        headers = {"Authorization": f"Bearer {self._token(username)}", "Idempotency-Key": str(uuid4())}
        address = f"{self.town.address}/api/v1{path}"
        answer = requests.request(method, address, json=json, headers=headers, timeout=30, **more)
        assert answer.ok, f"{username} {method} {path}: {answer.text}"
        return answer.json()

    def _token(self, username: str) -> str:
        if username not in self._tokens:
            given = {"username": username, "password": PASSWORD}
            answer = requests.post(f"{self.town.address}/api/v1/sessions", json=given, timeout=30)
            self._tokens[username] = answer.json()["token"]
            self.town.codes.open_with(username, lambda code: self._give(username, code))
        return self._tokens[username]

    def _give(self, username: str, code: str) -> bool:
        headers = {"Authorization": f"Bearer {self._tokens[username]}"}
        address = f"{self.town.address}/api/v1/sessions/current/second-factor"
        return requests.post(address, json={"code": code}, headers=headers, timeout=30).ok


def _place(item: str) -> str:
    return item.split("-")[1].lower()
