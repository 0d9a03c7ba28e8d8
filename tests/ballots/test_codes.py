"""Voting receipt codes: enough chance, typed over without tears, and nothing to be learned from what is kept."""

from uuid import UUID

import pytest

from ballots.codes import ALPHABET, CODE_LENGTH, TRACKER_LENGTH, in_groups, new_code, read_code, tag_of, tracker_of

VOTE = UUID("11111111-2222-3333-4444-555555555555")
OTHER_VOTE = UUID("11111111-2222-3333-4444-555555555556")


def test_code_uses_every_one_of_its_120_bits():
    assert new_code(lambda size: b"\xff" * size) == "Z" * CODE_LENGTH
    assert new_code(lambda size: b"\0" * size) == "0" * CODE_LENGTH
    one_bit = {new_code(lambda size, bit=bit: (1 << bit).to_bytes(size, "big")) for bit in range(120)}
    assert len(one_bit) == 120


def test_alphabet_has_no_lookalikes():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_code_is_shown_in_groups_of_four():
    assert in_groups("0123456789ABCDEFGHJKMNPQ") == "0123-4567-89AB-CDEF-GHJK-MNPQ"


@pytest.mark.parametrize(
    "typed",
    [
        "0123-4567-89AB-CDEF-GHJK-MNPQ",
        "0123456789abcdefghjkmnpq",
        " O123 4567 89ab cdef ghjk mnpq ",
        "oI23–4567–89AB–CDEF–GHJK–MNPQ",
        "0L23.4567.89AB.CDEF.GHJK.MNPQ",
    ],
)
def test_mistakes_people_make_are_put_right(typed):
    assert read_code(typed) == "0123456789ABCDEFGHJKMNPQ"


@pytest.mark.parametrize(
    "typed", ["", "0123-4567", "0123456789ABCDEFGHJKMNPU", "0123456789ABCDEFGHJKMNPQ0", "é" * 24, "\0" * 24]
)
def test_what_is_no_code_is_not_read(typed):
    assert read_code(typed) is None


def test_tag_and_tracker_belong_to_one_vote():
    code = new_code()
    assert tag_of(VOTE, code) != tag_of(OTHER_VOTE, code)
    assert tracker_of(VOTE, code) != tracker_of(OTHER_VOTE, code)


def test_tracker_says_nothing_about_code_or_tag():
    code = new_code()
    tracker = tracker_of(VOTE, code)
    assert len(tracker) == TRACKER_LENGTH
    assert tracker not in code
    assert tracker.lower() not in tag_of(VOTE, code).hex()
