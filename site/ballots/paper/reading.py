"""What somebody types of a paper ballot, and what it is worth. Typed is what stands on the paper; the site says whether it is valid.

Options are named by their place in the question, 1 for the first: the numbers printed on the paper. A list ("2 5") for the forms with
boxes to tick; for the forms with numbers to write a number for every option in the order of the paper ("3 - 1", "-" where nothing stands).
"""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from ballots.answers import MARKED, Form, blank_answer, problems, rank_problems
from ballots.box import Answer
from ballots.frozen import FrozenQuestion
from ballots.paper.models import PaperBatch

INVALID, BLANK, NOTHING = "x", "b", "-"
LONGEST = 400

Line = list[Any]
"""[answers by question reference (None: invalid), number of ballots]"""

_PARTS = re.compile(r"[\s,;]+")
_NUMBERS = re.compile(r"[0-9]{1,5}")


class NotReadable(Exception):
    """What was typed is nothing that can stand on this ballot: a slip of the keyboard. The message says what is wrong."""


def read_answer(question: FrozenQuestion, typed: str) -> Answer | None:
    """The answer; None when the ballot is invalid for this question. Raises `NotReadable`."""
    text = typed.strip().lower()
    if text in (INVALID, BLANK):
        return None if text == INVALID else blank_answer(question)
    parts = [part for part in _PARTS.split(text) if part]
    if not parts:
        raise NotReadable(_("Type what stands on the ballot: b for blank, x for invalid."))
    if has_numbers(question):
        return _with_numbers(question, parts)
    return _list(question, parts)


def has_numbers(question: FrozenQuestion) -> bool:
    """Whether the voter writes a number at every option."""
    return question.form in MARKED or question.form == Form.RANKING


def _list(question: FrozenQuestion, parts: Sequence[str]) -> Answer | None:
    size = len(question.options)
    for part in parts:
        if not _NUMBERS.fullmatch(part) or not 1 <= int(part) <= size:
            raise NotReadable(_("“%(typed)s” is no number from 1 to %(size)s.") % {"typed": part[:10], "size": size})
    places = sorted({int(part) for part in parts})
    return _if_valid(question, [question.options[place - 1].reference for place in places])


def _with_numbers(question: FrozenQuestion, parts: Sequence[str]) -> Answer | None:
    if len(parts) != len(question.options):
        words = {"size": len(question.options), "given": len(parts)}
        raise NotReadable(
            _("Type %(size)s numbers, one for every option: there are %(given)s. Type - for nothing.") % words
        )
    for part in parts:
        if part != NOTHING and not _NUMBERS.fullmatch(part):
            raise NotReadable(_("“%(typed)s” is no whole number.") % {"typed": part[:10]})
    pairs = zip(question.options, parts, strict=True)
    written = [(option, int(part)) for option, part in pairs if part != NOTHING]
    if question.form != Form.RANKING:
        return _if_valid(question, {option.reference: number for option, number in written if number})
    # Two options at one place, or a place left out: then it is not clear what was meant.
    if rank_problems(written):
        return None
    ranked = sorted(written, key=lambda pair: pair[1])
    return _if_valid(question, [option.reference for option, _place in ranked])


def _if_valid(question: FrozenQuestion, answer: Answer) -> Answer | None:
    """The answer, or None when it breaks the rules of its question: too many, too much, too high."""
    return None if problems(question, answer) else answer


def as_typed(question: FrozenQuestion, answer: Answer | None) -> str:
    """What to type for this answer."""
    if answer is None:
        return INVALID
    if not answer:
        return BLANK
    if not has_numbers(question):
        places = (place for place, option in enumerate(question.options, 1) if option.reference in answer)
        return " ".join(map(str, places))
    numbers = answer if isinstance(answer, dict) else {name: place for place, name in enumerate(answer, 1)}
    return " ".join(str(numbers.get(option.reference, NOTHING)) for option in question.options)


# --- A number for every answer ------------------------------------------------------------------------------


def can_be_tallied(questions: Sequence[FrozenQuestion]) -> bool:
    """Whether a pile can be entered as numbers: one question with one answer."""
    return len(questions) == 1 and questions[0].form in (Form.YES_NO, Form.CHOICE)


def possible_answers(question: FrozenQuestion) -> list[Answer | None]:
    """Every answer of such a question, blank and invalid last."""
    return [*([option.reference] for option in question.options), [], None]


# --- Comparing ----------------------------------------------------------------------------------------------


def different_lines(one: Sequence[Line], other: Sequence[Line]) -> list[int]:
    """Places (from 0) of the lines that two persons entered differently."""
    longest = max(len(one), len(other))
    return [place for place in range(longest) if list(one[place : place + 1]) != list(other[place : place + 1])]


def answers_of(lines: Sequence[Line]) -> list[dict[str, Answer | None]]:
    """The answers of every single ballot in these lines."""
    return [answers for answers, number in lines for _ballot in range(number)]


def manners_of(questions: Sequence[FrozenQuestion]) -> list[PaperBatch.Manner]:
    """How a pile of these can be entered."""
    by_row = [PaperBatch.Manner.ROWS]
    return [*by_row, PaperBatch.Manner.TALLY] if can_be_tallied(questions) else by_row
