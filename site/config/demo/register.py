"""The street referendum's extract of the municipal register, and a voting code for the visitor."""

import csv
from io import BytesIO, StringIO
from random import Random

from ballots.codes import in_groups
from ballots.models import Vote
from ballots.register.issuing import issue_at_counter, person_with_number
from ballots.register.loading import load_register
from config.demo.contributions import Cast
from config.demo.geography import HOUSES_PER_STREET
from config.demo.texts import text_of
from people.models import User
from places.models import Address

HEADER = (
    "registernummer",
    "naam",
    "straat",
    "huisnummer",
    "toevoeging",
    "postcode",
    "plaats",
    "geboortedatum",
    "geheim",
)
FIRST_NUMBER = 1001


def load_extract(vote: Vote, cast: Cast) -> None:
    """Two or three people in every house of the vote's streets; the last house of a street has a secret address."""
    streets = [street["street"] for street in vote.streets]
    houses = Address.objects.filter(street__in=streets).order_by("street", "number")
    people = [house for house in houses for _each in range(cast.random.randint(2, 3))]
    rows = [_row(number, house, cast.random) for number, house in enumerate(people, start=FIRST_NUMBER)]
    text = StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER, *rows])
    load_register(vote, BytesIO(text.getvalue().encode()), actor=cast.officer)


def _row(number: int, house: Address, random: Random) -> list[str]:
    names = text_of("people")
    born = f"{random.randint(1940, 2005)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    name = f"{random.choice(names['first'])} {random.choice(names['initials'])}"
    is_secret = "ja" if house.number == HOUSES_PER_STREET else "nee"
    return [str(number), name, house.street, str(house.number), "", house.postcode, "Waterveen", born, is_secret]


def give_code(vote: Vote, *, actor: User) -> str:
    """A voting code for the visitor, of the first person in the extract, as the counter gives it."""
    person = person_with_number(vote, str(FIRST_NUMBER))
    assert person is not None
    return in_groups(issue_at_counter(vote, person, actor=actor))
