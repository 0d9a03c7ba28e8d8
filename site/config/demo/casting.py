"""Ballots and envelopes of the demonstration, put in through the real ballot box."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

from ballots.actions import cast_ballot
from ballots.box import Answer
from ballots.codes import new_code
from ballots.frozen import FrozenQuestion, FrozenVote, frozen_vote
from ballots.models import Question, RollEntry, Vote
from ballots.paper.actions import register_envelope
from ballots.register.models import RegisteredVoter
from ballots.voters import Voter, voter_behind
from people.models import Resident, User
from people.verdict import NotAllowed

Form = Question.Form

TURNOUT = 0.45
CHOICES = 4
BLANK = 0.03
ENVELOPES = 6
VISITORS_HOUSE = 1


def cast_ballots(vote: Vote, random: Random, *, but_not: User) -> int:
    """Lets some of the roll vote; returns how many have voted in all.

    `but_not` keeps their vote for the visitor who tries. Safe to repeat: who voted is refused and passed over.
    """
    frozen = frozen_vote(vote.pk)
    wanted = int(RollEntry.objects.filter(vote=vote).count() * TURNOUT)
    done = RollEntry.objects.filter(vote=vote, has_cast=True).count()
    for voter in _voters(frozen, random, but_not=but_not):
        if done >= wanted:
            break
        with suppress(NotAllowed):
            cast_ballot(vote.pk, voter=voter, answers=_answers(frozen, random), code=new_code())
            done += 1
    return done


def send_envelopes(vote: Vote, random: Random, *, but_not: User, actor: User) -> int:
    """Lets some who have not voted send an envelope; returns how many there are in all. Safe to repeat, before the vote closes."""
    frozen = frozen_vote(vote.pk)
    there = RollEntry.objects.filter(vote=vote, has_cast=True).count() - vote.ballots.count()
    for voter in _voters(frozen, random, but_not=but_not):
        if there >= ENVELOPES:
            break
        with suppress(NotAllowed):
            register_envelope(vote.pk, voter=voter, actor=actor)
            there += 1
    return there


def _voters(vote: FrozenVote, random: Random, *, but_not: User) -> list[Voter]:
    """Who may vote, shuffled: not the visitor by their account, and of a register nobody in the first houses: they are for who tries."""
    if vote.roll_source == Vote.RollSource.REGISTER:
        people = (
            RegisteredVoter.objects.filter(vote_id=vote.id).exclude(house_number=VISITORS_HOUSE).order_by("number_hash")
        )
        voters = [Voter(reference) for reference in people.values_list("pk", flat=True)]
    else:
        residents = Resident.objects.exclude(user=but_not).select_related("user", "neighbourhood__parent__parent")
        voters = [voter_behind(resident) for resident in residents.order_by("pk")]
    random.shuffle(voters)
    return voters


def _answers(vote: FrozenVote, random: Random) -> dict[str, Answer]:
    return {question.reference: _ANSWERS[Form(question.form)](question, random) for question in vote.questions}


def _liked(question: FrozenQuestion, random: Random) -> list[str]:
    """References of the options, the most liked in front; earlier ones a little more often."""
    liked = sorted(question.options, key=lambda option: random.random() * (1 + option.number / 12))
    return [option.reference for option in liked]


def _knapsack(question: FrozenQuestion, random: Random) -> Answer:
    """Up to four options within the sum."""
    chosen: list[str] = []
    left = question.max_sum or 0
    for reference in _liked(question, random):
        cost = question.option_by_reference[reference].cost or 0
        if len(chosen) < CHOICES and cost <= left:
            chosen.append(reference)
            left -= cost
    return chosen


def _choice(question: FrozenQuestion, random: Random) -> Answer:
    """One, now and then none."""
    return [] if random.random() < BLANK else _liked(question, random)[:1]


def _ranking(question: FrozenQuestion, random: Random) -> Answer:
    """The first two or more."""
    if random.random() < BLANK:
        return []
    return _liked(question, random)[: random.randint(2, len(question.options))]


def _points(question: FrozenQuestion, random: Random) -> Answer:
    """Most for the most liked, until the points are gone."""
    if random.random() < BLANK:
        return {}
    left, given = question.points or 0, dict[str, int]()
    for reference in _liked(question, random):
        if left:
            given[reference] = random.randint((left + 1) // 2, left)
            left -= given[reference]
    return given


_ANSWERS: dict[Form, Callable[[FrozenQuestion, Random], Answer]] = {
    Form.YES_NO: _choice,
    Form.CHOICE: _choice,
    Form.KNAPSACK: _knapsack,
    Form.RANKING: _ranking,
    Form.POINTS: _points,
}
"""The forms that the demonstration has."""
