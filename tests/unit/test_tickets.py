"""Numbered tickets, purely: ranges, gaps, and which leaf is next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Refused
from service.fees.tickets import BLANK, LOST, USED, VOID, Span, require_next, skipped, unregistered, wrong_span

SERIES = "临财罚A"


@pytest.mark.parametrize(
    ("span", "field"),
    [
        (Span("", 1, 25), "/series"),
        (Span("A/B", 1, 25), "/series"),
        (Span(SERIES, 0, 25), "/last"),
        (Span(SERIES, 25, 1), "/last"),
        (Span(SERIES, 1, 201), "/last"),
        (Span(SERIES, 99_999_990, 100_000_001), "/last"),
        (Span(SERIES, 75, 99), "/first"),
    ],
)
def test_a_book_out_of_bounds_or_with_numbers_of_another_is_refused(span: Span, field: str) -> None:
    refusal = wrong_span(span, [Span(SERIES, 51, 75), Span("临财罚B", 1, 200)])
    assert refusal is not None and refusal.details[0].pointer == field


def test_the_same_numbers_of_another_series_are_other_numbers() -> None:
    assert wrong_span(Span("临财罚B", 51, 75), [Span(SERIES, 51, 75)]) is None
    assert wrong_span(Span(SERIES, 76, 275), [Span(SERIES, 51, 75)]) is None


def test_numbers_between_two_books_are_told() -> None:
    books = [Span(SERIES, 51, 75), Span(SERIES, 1, 25), Span("B", 100, 124), Span(SERIES, 77, 100)]
    assert unregistered(books) == [Span(SERIES, 26, 50), Span(SERIES, 76, 76)]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), min_size=1, max_size=8))
def test_books_and_gaps_together_are_every_number_from_first_to_last(given_books: list[tuple[int, int]]) -> None:
    books = [Span(SERIES, first, first + more) for first, more in given_books]
    held = {n for one in books for n in range(one.first, one.last + 1)}
    gaps = [n for one in unregistered(books) for n in range(one.first, one.last + 1)]
    assert not held & set(gaps) and len(gaps) == len(set(gaps))
    assert held | set(gaps) == set(range(min(held), max(held) + 1))


def test_a_blank_leaf_before_a_used_one_was_skipped() -> None:
    assert skipped([(1, USED), (2, BLANK), (3, VOID), (4, LOST), (5, USED), (6, BLANK)]) == [2]
    assert skipped([(1, VOID), (2, BLANK)]) == []


def test_the_next_number_alone_may_be_used_and_without_one_the_party_may_refuse() -> None:
    require_next("A-00000001", "A-00000001")
    with pytest.raises(Refused, match="A-00000001"):
        require_next("A-00000002", "A-00000001")
    with pytest.raises(Refused, match=r"Art\. 70"):
        require_next("A-00000002", None)
