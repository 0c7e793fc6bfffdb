"""The posting rules: whatever is posted in whatever order, the books stay sound and no account goes below nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fees.facts import fine_settled, settles
from service.fees.ledger import (
    Account,
    Books,
    Entry,
    apply_overpaid,
    approve_refund,
    assess,
    faults,
    hand_over,
    issue,
    pay_refund,
    receive,
    reduce,
    remit,
    reverse,
    take_on_the_spot,
    withdraw,
    write_off,
)

CODES = ("1" * 20, "2" * 20)
Post = Callable[[Books, str, str, int], list[Entry]]
POSTS: dict[str, Post] = {
    "assess": lambda books, code, name, fen: assess("fee", name, fen),
    "issue": lambda books, code, name, fen: issue(books, code, fen),
    "withdraw": lambda books, code, name, fen: withdraw(books, code),
    "receive": lambda books, code, name, fen: receive(books, code, name, fen),
    "reverse": lambda books, code, name, fen: reverse(books, received_last(books)),
    "apply": lambda books, code, name, fen: apply_overpaid(books, code, name, fen),
    "reduce": lambda books, code, name, fen: reduce(books, name, fen),
    "write_off": lambda books, code, name, fen: write_off(books, name, fen),
    "approve_refund": lambda books, code, name, fen: approve_refund(books, name, fen),
    "pay_refund": lambda books, code, name, fen: pay_refund(books, name, fen),
    "take": lambda books, code, name, fen: take_on_the_spot(books, name, books.balance(Account.ASSESSED)),
    "hand_over": lambda books, code, name, fen: hand_over(books, name),
    "remit": lambda books, code, name, fen: remit(books, code, name, fen),
}


def received_last(books: Books) -> str:
    """The receipt that came last."""
    receipts = [entry.reference for entry in books.entries if entry.kind == "received"]
    return receipts[-1].removeprefix("receipt/") if receipts else ""


ACTS = st.tuples(st.sampled_from(sorted(POSTS)), st.sampled_from(CODES), st.integers(1, 50))


@given(st.lists(ACTS, max_size=25))
def test_the_books_balance_whatever_is_posted_in_whatever_order(acts: list[tuple[str, str, int]]) -> None:
    books, issued = Books(), set[str]()
    for number, (verb, code, fen) in enumerate(acts):
        if verb == "issue" and code in issued:
            continue  # A code is given out once.
        try:
            entries = POSTS[verb](books, code, f"{verb}/{number}", fen)
        except ValueError:
            continue  # Refused: nothing is posted.
        issued |= {code} if verb == "issue" else set()
        books = books.then(entries)
        assert faults(books) == []
    assert books.kept + books.balance(Account.OVERPAID) + books.balance(Account.REFUND_DUE) == books.balance(
        Account.BANK
    )


@given(st.lists(ACTS, max_size=25), st.integers(1, 60))
def test_nothing_is_settled_for_less_than_what_was_owed(acts: list[tuple[str, str, int]], owed: int) -> None:
    books = Books(tuple(assess("fee", "fee", owed)))
    for number, (verb, code, fen) in enumerate(acts):
        try:
            entries = POSTS[verb](books, code, f"{verb}/{number}", fen)
        except ValueError:
            continue
        if verb != "assess":
            books = books.then(entries)
        covered = books.balance(Account.BANK) + books.balance(Account.REDUCED)
        assert not settles(books, owed) or covered >= owed


def test_a_fine_taken_on_the_spot_is_settled_when_it_is_at_the_bank_and_not_before() -> None:
    books = Books(tuple(assess("fine", "fine", 100)))
    with pytest.raises(ValueError, match="the whole fine"):
        take_on_the_spot(books, "A-1", 99)
    books = books.then(take_on_the_spot(books, "A-1", 100))
    assert books.outstanding == 0 and not fine_settled(books)
    with pytest.raises(ValueError, match="at the bank"):
        reduce(books, "reduction", 1)
    books = books.then(hand_over(books, "A-1"))
    books = books.then(remit(books, CODES[0], "a", 60))
    assert (books.in_hand, books.kept) == (40, 60) and not fine_settled(books)
    books = books.then(remit(books, CODES[0], "b", 41))
    assert (books.in_hand, books.balance(Account.OVERPAID)) == (0, 1) and fine_settled(books)
    books = books.then(reverse(books, "b"))
    assert books.in_hand == 40 and not fine_settled(books) and faults(books) == []


def test_a_payment_in_three_parts_settles_only_with_the_last() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    for receipt, fen, settled in (("a", 40, False), ("b", 59, False), ("c", 1, True)):
        books = books.then(receive(books, CODES[0], receipt, fen))
        assert settles(books, 100) is settled


def test_a_reversed_payment_is_owed_again_and_its_excess_is_gone() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 130))
    books = books.then(reverse(books, "a"))
    assert (books.outstanding, books.balance(Account.OVERPAID), books.balance(Account.BANK)) == (100, 0, 0)


def test_a_receipt_is_reversed_once_and_one_of_nobody_not_at_all() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 100))
    books = books.then(reverse(books, "a"))
    assert reverse(books, "a") == [] and reverse(books, "b") == []


def test_what_was_to_be_refunded_has_gone_back_with_the_payment() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 100))
    books = books.then(approve_refund(books, "refund", 40))
    books = books.then(reverse(books, "a"))
    assert (books.outstanding, books.balance(Account.REFUND_DUE), books.balance(Account.BANK)) == (60, 0, 0)


def test_what_was_refunded_before_the_bank_took_it_back_is_owed_too() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 100))
    books = books.then(approve_refund(books, "refund", 40))
    books = books.then(pay_refund(books, "paid", 40))
    books = books.then(reverse(books, "a"))
    assert (books.outstanding, books.balance(Account.BANK), faults(books)) == (100, -40, [])


def test_a_reversed_payment_whose_notice_was_withdrawn_is_owed_without_one() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 60))
    books = books.then(withdraw(books, CODES[0]))
    books = books.then(reverse(books, "a"))
    assert (books.balance(Account.ASSESSED), books.balance(Account.NOTIFIED)) == (100, 0)


def test_a_reduction_after_payment_becomes_money_to_give_back() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(issue(books, CODES[0], 100))
    books = books.then(receive(books, CODES[0], "a", 100))
    books = books.then(reduce(books, "reduction", 30))
    assert (books.outstanding, books.balance(Account.OVERPAID)) == (0, 30)
    assert settles(books, 100)


def test_what_is_written_off_is_owed_no_more_but_settles_nothing() -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    books = books.then(write_off(books, "w", 100))
    assert books.outstanding == 0 and not settles(books, 100)


@pytest.mark.parametrize(
    ("verb", "fen"), [("reduce", 101), ("write_off", 101), ("approve_refund", 1), ("pay_refund", 1), ("issue", 101)]
)
def test_no_more_is_posted_than_there_is(verb: str, fen: int) -> None:
    books = Books(tuple(assess("fee", "fee", 100)))
    with pytest.raises(ValueError, match="Expected"):
        POSTS[verb](books, CODES[0], "x", fen)


@pytest.mark.parametrize("fen", [0, -5])
def test_an_entry_moves_some_money_between_accounts_that_the_rules_name(fen: int) -> None:
    with pytest.raises(ValueError, match="rules allow"):
        Entry("received", "receipt/1", Account.BANK, Account.NOTIFIED, fen)
    with pytest.raises(ValueError, match="rules allow"):
        Entry("received", "receipt/1", Account.INCOME, Account.BANK, 5)


def test_faults_name_what_is_below_nothing_and_what_was_posted_twice() -> None:
    over = Entry("received", "receipt/1", Account.BANK, Account.NOTIFIED, 5, CODES[0])
    assert faults(Books((over, over))) == [
        "notified is -10",
        f"notice {CODES[0]} is -10",
        "receipt/1 was posted 2 times",
    ]
