"""What an opened vote refuses, whichever door somebody tries: every field, by form, by any method of HTTP, and in the shell.

The fields are taken from the models, so that one that somebody adds later is attacked too. `docs/reference/bad-input.md` lists the rest.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.urls import reverse

from ballots.actions import CodeRefused, find_ballot
from ballots.codes import new_code
from ballots.frozen import freeze, rules_of
from ballots.models import Ballot, Option, Question, Vote
from ballots.urls import urlpatterns
from places.models import Area
from tests.ballots.test_casting import in_box, reason_of
from tests.factories.ballots import cast, make_open_vote, make_vote

pytestmark = pytest.mark.django_db

# What a vote writes down about its own course; `test_guards` says how each may change.
COURSE = {"id", "state", "pepper", "closed_at", "published_at", "published_by", "annulled_at", "annulled_by"}
COURSE |= {"annulment_reason", "voters_told_at"}


@pytest.fixture
def vote(site_root, anna, bram):
    return make_open_vote()


def other_value(row, field):
    """A value of the field's own type that is not the one it has."""
    value = getattr(row, field.attname)
    if field.is_relation:
        return None if value else (Area.objects.first() or Area(pk=1)).pk if field.related_model is Area else 0
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.JSONField):
        return [{"street": "Anders"}] if isinstance(value, list) else {"rule": "plurality", "seats": 2}
    if isinstance(field, models.DateTimeField):
        return (value or row.opens_at) + timedelta(minutes=1)
    if isinstance(field, models.DateField):
        return row.opens_at.date() + timedelta(days=1)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(field, models.BinaryField):
        return b"x" * 32
    if field.choices:
        return next(key for key, _label in field.choices if key != value)
    return f"{value}x"[: field.max_length]


def changeable(model, but):
    return [field for field in model._meta.concrete_fields if field.name not in but]


@pytest.mark.parametrize(
    "field",
    [f"vote.{each.name}" for each in changeable(Vote, COURSE)]
    + [f"question.{each.name}" for each in changeable(Question, {"id", "vote"})]
    + [f"option.{each.name}" for each in changeable(Option, {"id", "vote", "question"})],
)
def test_shell_changes_no_field_of_an_opened_vote(vote, field):
    """Mutant killed: a trigger that names the frozen columns, and so forgets the next one."""
    kind, name = field.split(".")
    row = {"vote": vote, "question": vote.questions.first(), "option": vote.options.first()}[kind]
    column = row._meta.get_field(name)
    setattr(row, column.attname, other_value(row, column))
    with pytest.raises(IntegrityError, match=r"frozen|a test from its first"), transaction.atomic():
        row.save(update_fields=[name])


def test_form_changes_no_field_of_an_opened_vote(vote, clerk, client_for):
    from ballots.staff_forms import VoteForm

    before = rules_of(freeze(vote))
    names = {*VoteForm.base_fields, *(field.name for field in Vote._meta.concrete_fields)}
    answer = client_for(clerk).post(reverse("vote:edit", args=[vote.pk]), dict.fromkeys(names, "1"))
    assert answer.headers["Location"] == reverse("vote:inspect", args=[vote.pk])
    assert rules_of(freeze(Vote.objects.get(pk=vote.pk))) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_address_of_a_vote_takes_another_method(vote, clerk, client_for, method):
    """There is no writing API: nothing but GET and POST of our own forms."""
    client = client_for(clerk)
    arguments = {"vote_id": vote.pk, "name": "vote.json", "number": 1}
    for pattern in urlpatterns:
        names = pattern.pattern.converters
        url = reverse(f"ballots:{pattern.name}", kwargs={name: arguments[name] for name in names})
        assert getattr(client, method)(url).status_code == 405, url
    assert in_box(vote) == (0, 0)


def test_receipt_code_of_another_vote_opens_nothing(vote, anna, bram):
    """Two guards: the tag holds the vote's id (its mutant is in `tests/mutants.toml`), and it is looked up in one vote."""
    other, code = make_open_vote(), new_code()
    cast(other, anna, [1], code)
    assert find_ballot(vote.pk, code) is None
    receipt = cast(vote, anna, [2], code)
    assert receipt.version == 1
    assert find_ballot(other.pk, code).answers == {"1": ["A"]}
    assert find_ballot(vote.pk, code).answers == {"1": ["B"]}
    kind, _reason = reason_of(lambda: cast(vote, bram, [1], code))
    assert kind is CodeRefused


def test_ballot_of_a_vote_that_is_not_there_is_refused(anna):
    from ballots.actions import cast_ballot
    from ballots.voters import voter_behind

    for vote_id in (uuid4(), make_vote().pk):
        with pytest.raises(Vote.DoesNotExist):
            cast_ballot(vote_id, voter=voter_behind(anna), answers={"1": ["A"]}, code=new_code())
    assert not Ballot.objects.exists()
    assert Client().get(reverse("ballots:vote", args=[uuid4()])).status_code == 404
