"""Who stands at the counter, or whose envelope lies there: found by what they show, never by searching people."""

from ballots.frozen import FrozenVote
from ballots.roll import is_by_register
from ballots.voters import Voter, voter_behind, voter_with_code, voter_with_number
from people.models import Resident


def find_voter(vote: FrozenVote, text: str) -> Voter | None:
    """The voter of this vote: by the code of a voting card or the number in the register, or by the exact e-mail address of an account."""
    if is_by_register(vote):
        return voter_with_code(vote, text) or voter_with_number(vote, text)
    residents = Resident.objects.filter(user__email=text.strip().lower(), user__is_active=True)
    resident = residents.select_related("user").first()
    return voter_behind(resident) if resident else None
