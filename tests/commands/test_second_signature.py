"""What the second officer signs is what goes out: the signature is bound to the content that lay before him."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.commands.sign_task import SignShown, sign_as_shown
from service.database.tables import notice
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.walking import reach

STEP = "site_survey"


@pytest.fixture
def survey(office: Office) -> Office:
    """At the survey, half an hour later, claimed by the first officer, all papers on file."""
    office.start(YJ)
    office.put()
    reach(office, STEP)
    office.advance(minutes=31)
    office.claim("officer", STEP)
    return office


def answers(office: Office, **choices: Any) -> dict[str, Any]:
    return office.answers(STEP, **choices)


def written_keys(office: Office) -> set[str]:
    with office.looking() as connection:
        form = office.services.bundles.get(connection, office.known().definition_id).form(STEP)
    return {field.key for field in form.fields if not field.readonly}


def signatures(office: Office) -> list[dict[str, Any]]:
    return [one["payload"] for one in office.history(kind="second_officer_signed")]


def told(office: Office, name: str) -> list[Any]:
    """What this person was told in the product of the signature."""
    mine = notice.c.recipient == office.ids[name], notice.c.kind == "signed_unseen"
    return office.rows(select(notice.c.text, notice.c.channel, notice.c.case_id).where(*mine))


def test_what_was_signed_is_handed_in_and_what_was_not_is_refused(survey: Office) -> None:
    office, given = survey, answers(survey)
    office.draft("officer", STEP, given)
    office.sign("officer2", STEP)
    other = given | {"survey_record": "现场与申请材料不一致，另有三处储罐，罐区间距与图纸不符，已当场告知申请人。"}
    with office.refused("control_node_missing") as refusal:
        office.complete_with("officer", STEP, other)
    assert refusal.missing == ("/signature",) and "签字后" in refusal.message
    task = office.task(STEP)
    assert (task.status, task.draft) == ("open", given)
    assert (task.signed_by, task.assignee) == (office.ids["yj_officer2"], office.ids["yj_officer"])
    refused = office.history(kind="act_refused")[-1]["payload"]
    assert (refused["code"], refused["missing"]) == ("control_node_missing", ["/signature"])
    office.complete_with("officer", STEP, given)
    assert told(office, "yj_officer2") == [], "he has seen it"


def test_the_same_in_another_order_with_blanks_and_nulls_is_the_same_content(survey: Office) -> None:
    office, given = survey, answers(survey)
    office.draft("officer", STEP, given)
    office.sign("officer2", STEP)
    unset = {key: None for key in written_keys(office) - given.keys()}
    said = {key: f" {value} " if key == "survey_record" else value for key, value in reversed(given.items())}
    office.complete_with("officer", STEP, unset | said)
    assert office.tasks(STEP) == []


def test_a_draft_that_changes_after_the_signature_leaves_it_and_is_signed_anew_by_the_same_officer(
    survey: Office,
) -> None:
    office, given = survey, answers(survey)
    office.draft("officer", STEP, given)
    office.sign("officer2", STEP)
    first = office.task(STEP)
    other = given | {"survey_record": "复核后补充：值班室已整改，罐区间距与图纸不符，已当场告知申请人。"}
    office.draft("officer", STEP, other)
    assert office.task(STEP).signed_digest == first.signed_digest
    office.advance(minutes=1)
    office.sign("officer2", STEP)
    renewed = office.task(STEP)
    assert renewed.signed_by == first.signed_by and renewed.signed_at > first.signed_at
    assert renewed.signed_digest not in (None, first.signed_digest)
    office.sign("officer2", STEP)
    assert [one.get("renewed", False) for one in signatures(office)] == [False, True], "the same content: nothing"
    assert [one["draft"] for one in signatures(office)] == [first.signed_digest, renewed.signed_digest]
    with office.refused("control_node_missing"):
        office.complete_with("officer", STEP, given)
    office.complete_with("officer", STEP, other)


def test_a_third_officer_does_not_renew_it(survey: Office) -> None:
    office, given = survey, answers(survey)
    office.hire("yj_officer3", "YJ", "officer")
    office.draft("officer", STEP, given)
    office.sign("officer2", STEP)
    office.draft(
        "officer", STEP, given | {"survey_record": "另一份记录，内容不同，罐区间距与图纸不符，已当场告知申请人。"}
    )
    with office.refused("task_taken"):
        office.sign("yj_officer3", STEP)


def test_a_value_that_the_form_does_not_take_is_no_unset_one(survey: Office) -> None:
    office, given = survey, answers(survey)
    office.draft("officer", STEP, given | {"survey_record": 7})
    office.sign("officer2", STEP)
    wrong = office.task(STEP).signed_digest
    office.draft("officer", STEP, {key: value for key, value in given.items() if key != "survey_record"})
    office.sign("officer2", STEP)
    assert office.task(STEP).signed_digest != wrong


def test_who_signed_before_anything_was_written_learns_what_went_out_under_his_name(survey: Office) -> None:
    office = survey
    office.sign("officer2", STEP)
    assert [one["draft"] for one in signatures(office)] == [None] and office.task(STEP).signed_digest is None
    office.complete("officer", STEP)
    ((text, channel, case_id),) = told(office, "yj_officer2")
    assert (channel, case_id) == ("in_app", office.known().id) and "签字时尚无所填内容" in text


def test_a_signature_of_nothing_is_bound_once_he_signs_what_was_written(survey: Office) -> None:
    office, given = survey, answers(survey)
    office.sign("officer2", STEP)
    office.draft("officer", STEP, given)
    office.sign("officer2", STEP)
    with office.refused("control_node_missing"):
        office.complete_with(
            "officer",
            STEP,
            given
            | {"survey_record": "签字之后改写的记录，储罐数量与申请不一致，罐区间距与图纸不符，已当场告知申请人。"},
        )
    office.complete_with("officer", STEP, given)
    assert told(office, "yj_officer2") == []


def test_a_page_signs_what_it_has_shown_and_nothing_else(survey: Office) -> None:
    office, given = survey, answers(survey)
    task_id = office.task(STEP).id

    def sign(shown: str | None) -> int:
        return int(
            office.act(
                "officer2",
                lambda c, a: sign_as_shown(c, office.services, a, SignShown(task_id, shown), office.now),
                task_id,
            )
        )

    with office.refused("control_node_missing") as refusal:
        sign(None)
    assert refusal.missing == ("/draft",)
    office.draft("officer", STEP, given)
    with office.refused("version_conflict"):
        sign("0" * 64)
    assert office.task(STEP).signed_by is None
