"""Extracts of a municipal register, votes whose roll comes from one, and the codes on their cards."""

import io

from ballots.codes import plain
from ballots.frozen import frozen_vote
from ballots.models import Vote
from ballots.register.issuing import export_next
from ballots.register.loading import load_register
from ballots.voters import voter_with_code
from tests.factories.ballots import make_vote, open_by_two

HEADER = "registernummer;naam;straat;huisnummer;toevoeging;postcode;plaats;geboortedatum;geheim"


def line(number="1001", **fields) -> str:
    """A person in the Havenstraat; `fields` are the other columns."""
    values = {
        "name": f"Kiezer {number}",
        "street": "Havenstraat",
        "house_number": "1",
        "addition": "",
        "postcode": "1234 AB",
        "city": "Waterveen",
        "birth_date": "1985-05-05",
        "secret": "nee",
        **fields,
    }
    return ";".join([str(number), *values.values()])


def extract(*lines: str, header: str = HEADER) -> io.BytesIO:
    return io.BytesIO("\r\n".join([header, *lines, ""]).encode())


def make_register_vote(*lines: str, **fields) -> Vote:
    """A draft with these lines as its extract."""
    vote = make_vote(roll_source=Vote.RollSource.REGISTER, **fields)
    load_register(vote, extract(*(lines or (line(),))), actor=None)
    return vote


def open_with_codes(*lines: str, **fields) -> tuple[Vote, list[str]]:
    """An opened vote and the plain codes of its cards, in order of address and name."""
    vote = open_by_two(make_register_vote(*lines, **fields))
    return vote, codes_of(vote)


def codes_of(vote: Vote) -> list[str]:
    return [plain(card.code) for card in export_next(vote, actor=None)]


def voter_of(vote: Vote, code: str):
    return voter_with_code(frozen_vote(vote.pk), code)
