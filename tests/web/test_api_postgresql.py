"""The interface on PostgreSQL: what depends on the database, once more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.service_fixtures import Office
from tests.web import (
    test_api_access,
    test_api_administration,
    test_api_cases,
    test_api_definitions,
    test_api_papers,
    test_api_public,
    test_api_repetition,
    test_api_supervision,
    test_api_treasury,
    test_calendar,
    test_order_papers,
)

SAME = (
    test_api_access.test_a_list_holds_the_cases_of_ones_own_department_alone,
    test_api_administration.test_a_granted_post_works_at_once_and_a_taken_one_no_more,
    test_calendar.test_a_day_that_is_closed_moves_the_limits_of_open_cases_and_of_new_ones,
    test_api_administration.test_a_lent_post_works_within_its_dates_and_until_it_is_taken_back,
    test_api_administration.test_two_posts_that_exclude_each_other_granted_at_once_do_not_both_stand,
    test_api_administration.test_thresholds_move_the_warnings_of_limits_that_begin_afterwards,
    test_api_cases.test_a_case_goes_its_whole_way_over_the_interface,
    test_api_cases.test_a_list_of_cases_is_filtered_searched_and_paged,
    test_api_cases.test_a_stale_version_is_refused_and_nothing_is_recorded,
    test_api_cases.test_a_survey_of_58_seconds_halts_the_case_and_everything_but_the_ruling_waits,
    test_api_cases.test_the_history_is_one_unbroken_chain_in_order,
    test_api_cases.test_the_work_list_has_what_one_may_claim_what_one_has_and_what_one_has_done,
    test_api_definitions.test_a_diagram_is_given_back_byte_for_byte,
    test_api_definitions.test_a_new_version_is_for_new_cases_and_running_ones_stay_on_theirs,
    test_api_definitions.test_the_catalogue_is_searched_and_filtered,
    test_api_papers.test_a_callback_that_comes_twice_books_once,
    test_api_papers.test_a_certificate_states_its_item_and_every_copy_is_counted,
    test_api_papers.test_a_fee_is_the_standards_and_no_certificate_is_printed_before_it_is_paid,
    test_api_papers.test_a_file_may_be_taken_back_until_its_step_is_reached,
    test_api_public.test_a_result_shows_the_items_public_fields_alone_and_masks_them,
    test_api_public.test_an_applicant_sends_a_correction_through_the_public_door,
    test_api_repetition.test_a_double_click_completes_a_task_once,
    test_api_repetition.test_a_double_click_starts_one_case_even_when_both_arrive_at_once,
    test_api_repetition.test_a_refusal_may_be_tried_again_with_the_same_key,
    test_api_repetition.test_answers_are_forgotten_after_their_time,
    test_api_repetition.test_many_start_cases_at_once_and_no_number_is_missing_or_given_twice,
    test_api_repetition.test_the_same_key_with_another_body_is_a_conflict_and_no_event,
    test_api_repetition.test_two_clerks_claim_one_task_at_once_and_one_gets_it,
    test_api_repetition.test_two_officers_complete_at_once_and_one_form_wins,
    test_api_repetition.test_without_a_key_the_second_click_is_told_that_the_task_is_done,
    test_api_treasury.test_a_file_is_taken_in_and_its_report_tells_each_row,
    test_api_treasury.test_a_mapping_is_saved_and_read_by,
    test_api_supervision.test_a_red_alarm_has_an_order_with_its_ladder_and_its_messages,
    test_api_supervision.test_an_order_that_nobody_takes_up_climbs_to_level_2,
    test_order_papers.test_an_order_that_says_more_is_drawn_anew_as_its_next_version_and_the_earlier_stays,
    test_order_papers.test_anybody_sees_by_its_bytes_that_the_file_is_genuine_or_was_altered,
    test_order_papers.test_anybody_sees_that_the_paper_is_genuine_its_number_organ_and_day_and_no_more,
    test_order_papers.test_two_who_open_it_at_the_same_moment_get_one_paper,
    test_api_supervision.test_warnings_come_in_the_order_in_which_they_fell_due,
)


@pytest.mark.postgresql
@pytest.mark.parametrize("test", SAME, ids=lambda test: test.__name__.removeprefix("test_"))
def test_on_postgresql_it_is_the_same(postgresql_office: Office, test: Callable[[Office], None]) -> None:
    test(postgresql_office)
