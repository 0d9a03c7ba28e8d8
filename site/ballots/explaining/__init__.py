"""How a result came about, for the page of its vote: sentences, tables and pictures.

Made from the sealed count only; nothing is counted again for a page. Below the publication threshold only votes and ties are shown,
because details of a count can give away single ballots.
"""

from dataclasses import dataclass

from ballots.explaining.bars import bars_of
from ballots.explaining.figures import Place, Sealed, Titles
from ballots.explaining.lots import Ties, ties_of
from ballots.explaining.money import Account, account_of
from ballots.explaining.pairs import Pairs, pairs_of
from ballots.explaining.rounds import Rounds, rounds_of
from pages.charts import BarChart

__all__ = ["Explained", "Place", "explain"]

WITHOUT_BARS = frozenset({"instant-runoff", "scottish-stv", "schulze", "ranked-pairs", "copeland"})
"""Rules that do more than add up. They have pictures of their own."""


@dataclass(frozen=True)
class Explained:
    """What explains one count; None for what its rule has not, or what few ballots would give away (`is_short`)."""

    bars: BarChart | None
    rounds: Rounds | None
    pairs: Pairs | None
    money: Account | None
    ties: Ties | None
    place: Place
    is_short: bool


def explain(sealed: Sealed, titles: Titles, place: Place, *, heading: str, shows_details: bool) -> Explained:
    """The explanation of a sealed count. `heading` says what an option received: votes, points."""
    has_rounds = any("transfers" in each for each in sealed["rounds"])
    has_bars = sealed["rule"] not in WITHOUT_BARS and bool(sealed["options"])
    return Explained(
        bars=bars_of(sealed, titles, place, heading) if has_bars else None,
        rounds=rounds_of(sealed, titles, place) if has_rounds and shows_details else None,
        pairs=pairs_of(sealed, titles, place) if "pairs" in sealed and shows_details else None,
        money=account_of(sealed, titles, shows_payments=shows_details) if "budget_cents" in sealed else None,
        ties=ties_of(sealed, titles),
        place=place,
        is_short=not shows_details and (has_rounds or "pairs" in sealed or "shares" in sealed),
    )
