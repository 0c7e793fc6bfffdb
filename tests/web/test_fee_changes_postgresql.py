"""Standards, reductions and refunds on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.service_fixtures import Office
from tests.web import test_fee_changes as changes
from tests.web import test_fee_standards as standards

pytestmark = pytest.mark.postgresql


def test_a_standard_is_proposed_and_approved_and_cases_keep_their_version(postgresql_office: Office) -> None:
    standards.test_a_version_takes_effect_on_its_day_and_a_case_keeps_that_of_its_acceptance(postgresql_office)


def test_a_preview_computes_open_and_earlier_cases(postgresql_office: Office) -> None:
    standards.test_a_preview_says_what_open_and_earlier_cases_would_pay(postgresql_office)


def test_a_reduction_and_a_refund_are_posted(postgresql_office: Office) -> None:
    changes.test_a_reduction_voids_the_notice_and_a_new_one_asks_for_the_rest(postgresql_office)


def test_a_refund_is_posted_once_the_bank_says_so(postgresql_office: Office) -> None:
    changes.test_a_refund_is_decided_told_to_the_bank_and_posted_when_the_bank_says_so(postgresql_office)
