"""Filling a form of the county as a person does: field by field with the mouse, or from key to key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playwright.sync_api import Page

Component = Mapping[str, Any]
Answers = Mapping[str, Any]
_SCHEMA = "id => JSON.parse(document.getElementById(document.getElementById(id).dataset.schemaId).textContent)"
_FOCUSED = "() => document.activeElement.id"
_MOST_STEPS = 300


def components_of(page: Page, form: str) -> list[Component]:
    """The components of a form on the page, groups opened."""
    page.locator(f"#{form}[data-ready]").wait_for()
    return list(_flat(page.evaluate(_SCHEMA, form)["components"]))


def _flat(components: Sequence[Component]) -> Iterator[Component]:
    for component in components:
        if component["type"] == "group":
            yield from _flat(component["components"])
        else:
            yield component


def fill(page: Page, answers: Answers, form: str = "task") -> None:
    """Fill every field of the form that has an answer."""
    for component in components_of(page, form):
        _put(page, component, answers, "")


def _put(page: Page, component: Component, answers: Answers, before: str) -> None:
    key = _key(component)
    if key not in answers:
        return
    place, value = f"#f-{before}{key}", answers[key]
    match component["type"]:
        case "dynamiclist":
            _put_rows(page, component, value, place)
        case "radio":
            page.locator(f"{place}-{_places(component, [value])[0]}").check()
        case "checklist" | "taglist":
            for at in range(len(component["values"])):
                page.locator(f"{place}-{at}").set_checked(at in _places(component, value))
        case "select":
            page.locator(place).select_option(str(_places(component, [value])[0]))
        case "checkbox":
            page.locator(place).set_checked(value)
        case _:
            page.locator(place).fill(text_of(component, value))


def _key(component: Component) -> str:
    """What the answer of a component is called; empty for a text."""
    return str(component.get("path") or component.get("key") or "")


def _places(component: Component, wanted: Sequence[Any]) -> list[int]:
    """Where the wanted values stand among the options."""
    return [at for at, option in enumerate(component["values"]) if option["value"] in wanted]


def _put_rows(page: Page, component: Component, rows: Sequence[Answers], place: str) -> None:
    for at, row in enumerate(rows):
        first = component["components"][0]["key"]
        if not page.locator(f"{place}-{at}-{first}").count():
            page.locator(place).get_by_role("button", name="添加一行").click()
        for cell in component["components"]:
            _put(page, cell, row, f"{place.removeprefix('#f-')}-{at}-")


def text_of(component: Component, value: Any) -> str:
    """As a person types it: money in yuan."""
    if component.get("properties", {}).get("format") == "money_fen":
        return f"{value / 100:.2f}"
    return str(value)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element."""
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Expected the keys to reach {selector}")


def type_through(page: Page, answers: Answers, form: str) -> None:
    """Fill the form by the keyboard alone, from its first field to its button, and press that."""
    texts, choices = _by_id(components_of(page, form), answers)
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused in texts:
            page.keyboard.press("Control+A")
            page.keyboard.insert_text(texts.pop(focused))
        elif focused.rpartition("-")[0] in choices:
            _choose(page, choices.pop(focused.rpartition("-")[0]))
        elif page.evaluate("() => 'submitForm' in document.activeElement.dataset"):
            assert not texts and not choices, f"Expected the keys to reach {[*texts, *choices]}"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Expected the keys to reach the button of {form}")


def _choose(page: Page, at: int) -> None:
    """In a group of radio buttons that the focus has just entered: down to the option."""
    page.keyboard.press("Space")
    for _ in range(at):
        page.keyboard.press("ArrowDown")


def _by_id(components: Sequence[Component], answers: Answers) -> tuple[dict[str, str], dict[str, int]]:
    """Texts by the id of their field, and the place of the chosen option by the stem of its group's ids."""
    texts: dict[str, str] = {}
    choices: dict[str, int] = {}
    for component in components:
        key = _key(component)
        if key not in answers:
            continue
        if component["type"] == "dynamiclist":
            (row,) = answers[key]
            texts |= {f"f-{key}-0-{name}": str(value) for name, value in row.items()}
        elif component["type"] == "radio":
            choices[f"f-{key}"] = _places(component, [answers[key]])[0]
        else:
            texts[f"f-{key}"] = text_of(component, answers[key])
    return texts, choices
