"""How many wrong voting codes may come from one internet address in an hour, for each vote.

Counted in the shared cache, under a keyed hash of the address of today: nothing of it reaches the database, where it would say when
somebody voted. Without the cache nothing is counted and people go on voting: a code cannot be guessed anyway (`ballots.register.codes`).
The limit keeps guessers from trying, and one address from keeping the database busy.
"""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from people.verdict import ALLOWED, Verdict, refused

# A library or a school stands behind one address; only wrong codes count.
TRIES, HOUR = 20, 60 * 60
SALT = "ballots.code_tries"


def count_try(request: HttpRequest, vote_id: UUID) -> Verdict:
    """Counts before the code is looked at, so that no error and no race gives a free try; `give_back` after a right one."""
    key = _key(request, vote_id)
    cache.add(key, 0, HOUR)
    try:
        tries = cache.incr(key)
    except ValueError:  # it went just now
        return ALLOWED
    if tries > TRIES:
        return refused(
            _("Too many wrong codes came from your internet address. Try again in an hour, or come to our counter.")
        )
    return ALLOWED


def give_back(request: HttpRequest, vote_id: UUID) -> None:
    """A right code costs no try."""
    try:
        cache.incr(_key(request, vote_id), -1)
    except ValueError:
        return


def _key(request: HttpRequest, vote_id: UUID) -> str:
    address = get_adapter().get_client_ip(request)
    return f"ballots:codes:{vote_id}:{salted_hmac(SALT, f'{localdate()} {address}').hexdigest()[:20]}"
