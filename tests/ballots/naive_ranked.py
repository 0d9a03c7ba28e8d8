"""The rules for rankings once more, slow and plain as their definitions: the oracle of the tests and of bench/ranked.py.

Nothing here is shared with ballots.counting. Voters are single; a ballot is a list of ranks, a rank a list of places. Paths are found by
walking all of them, circles by searching, values are fractions that are cut off ballot by ballot. `order(level)` puts level places in the
order of the tie rule; for rules with stages `order(level, history)` also gets the votes after every stage so far.
"""

from fractions import Fraction
from itertools import permutations

FIVE_DECIMALS = 10**5


# --- Two by two ---------------------------------------------------------------------------------------


def naive_pairs(size, ballots):
    """{(a, b): voters who prefer a to b}."""
    preferred = dict.fromkeys(permutations(range(size), 2), 0)
    for ballot in ballots:
        seen = []
        for rank in ballot:
            for place in rank:
                for other in range(size):
                    if other not in seen and other not in rank:
                        preferred[place, other] += 1
            seen += rank
    return preferred


def victories(preferred, strength):
    """{(a, b): strength} of the pairs that a wins."""
    return {
        (a, b): votes if strength == "winning_votes" else votes - preferred[b, a]
        for (a, b), votes in preferred.items()
        if votes > preferred[b, a]
    }


def naive_levels(places, beats):
    """Places in levels: who is beaten by nobody that is left."""
    left, levels = set(places), []
    while left:
        level = {place for place in left if not any(beats(other, place) for other in left if other != place)}
        levels.append(sorted(level))
        left -= level
    return levels


def naive_schulze(size, ballots, strength):
    """The levels; the strongest path is looked for among all paths."""
    won = victories(naive_pairs(size, ballots), strength)

    def strongest(start, end, passed=()):
        best = 0
        for (a, b), power in won.items():
            if a == start and b not in passed:
                rest = power if b == end else strongest(b, end, (*passed, start))
                best = max(best, min(power, rest))
        return best

    paths = {(a, b): strongest(a, b) for a, b in permutations(range(size), 2)}
    return naive_levels(ranked_places(size, ballots), lambda a, b: paths[a, b] > paths[b, a])


def naive_ranked_pairs(size, ballots, strength, order):
    """The levels after locking; level victories by the tie rule (Zavist and Tideman)."""
    won = victories(naive_pairs(size, ballots), strength)
    rank = order(list(range(size)))
    locked = []

    def leads(start, end):
        return start == end or any(leads(b, end) for a, b in locked if a == start)

    for a, b in sorted(won, key=lambda pair: (-won[pair], rank.index(pair[0]), -rank.index(pair[1]))):
        if not leads(b, a):
            locked.append((a, b))
    return naive_levels(ranked_places(size, ballots), leads)


def naive_copeland(size, ballots, draw):
    """(levels, scores)."""
    preferred = naive_pairs(size, ballots)
    worth = {"half": Fraction(1, 2), "nothing": Fraction(0), "full": Fraction(1)}[draw]
    scores = [Fraction(0)] * size
    for (a, b), votes in preferred.items():
        scores[a] += 1 if votes > preferred[b, a] else worth if votes == preferred[b, a] else 0
    return by_score(ranked_places(size, ballots), scores), scores


# --- Points -------------------------------------------------------------------------------------------


def naive_borda(size, ballots, convention):
    """(levels, scores): every ballot lays its options on numbered steps and hands out the points of the steps."""
    scores = [Fraction(0)] * size
    for ballot in ballots:
        ranks = [rank for rank in ballot if rank]
        named = sum(map(len, ranks))
        top = {"average": size - 1, "zero": size - 1, "from_n": size, "modified": named}[convention]
        steps = [top - step for step in range(size)]
        if convention == "average":
            ranks = [*ranks, [place for place in range(size) if not any(place in rank for rank in ranks)]]
        at = 0
        for rank in ranks:
            for place in rank:
                scores[place] += Fraction(sum(steps[at : at + len(rank)]), len(rank))
            at += len(rank)
    return by_score(ranked_places(size, ballots), scores), scores


def by_score(places, scores):
    """Places in levels, the highest score first."""
    return [
        [place for place in places if scores[place] == score]
        for score in sorted({scores[p] for p in places}, reverse=True)
    ]


def ranked_places(size, ballots):
    """Places that stand on a ballot."""
    return [place for place in range(size) if any(place in rank for ballot in ballots for rank in ballot)]


def seated(levels, seats, order):
    """The winners in order."""
    return [place for level in levels for place in order(level)][:seats]


# --- Transfers ----------------------------------------------------------------------------------------


def next_choice(ballot, continuing, overvote, skipped):
    """Where a ballot goes: read from the top every time. None when it goes nowhere."""
    gaps = 0
    for rank in ballot:
        if not rank:
            gaps += 1
            if skipped == "stop" or (skipped == "stop_at_two" and gaps == 2):
                return None
            continue
        gaps = 0
        if len(rank) > 1 and overvote == "stop":
            return None
        if len(rank) == 1 and rank[0] in continuing:
            return rank[0]
    return None


def naive_runoff(size, ballots, order, *, overvote="stop", skipped="skip"):
    """(winner or None, votes per stage as {place: votes}); every stage counts all ballots anew. Ends at a majority."""
    continuing, history, stages = set(range(size)), [], []
    while True:
        votes = dict.fromkeys(sorted(continuing), 0)
        for ballot in ballots:
            choice = next_choice(ballot, continuing, overvote, skipped)
            if choice is not None:
                votes[choice] += 1
        stages.append(votes)
        history.append([votes.get(place, 0) for place in range(size)])
        best = max(votes.values(), default=0)
        if not best:
            return None, stages
        if 2 * best > sum(votes.values()) or len(votes) == 1:
            return next(place for place in votes if votes[place] == best), stages
        lowest = min(votes.values())
        continuing.discard(order([place for place in votes if votes[place] == lowest], history)[-1])


def naive_scottish(size, seats, ballots, order, *, overvote="stop", skipped="skip"):
    """(winners in order, votes per stage as lists of fractions, quota)."""
    naive = _Scottish(size, seats, ballots, order, overvote, skipped)
    naive.run()
    return naive.winners, naive.history, naive.quota


class _Scottish:
    """Every voter's paper lies somewhere, and has a value of its own."""

    def __init__(self, size, seats, ballots, order, overvote, skipped):
        self.size, self.seats, self.ballots, self.order = size, seats, ballots, order
        self.rules = (overvote, skipped)
        self.continuing, self.history, self.winners = set(range(size)), [], []
        self.named = set(ranked_places(size, ballots))
        self.at = [next_choice(ballot, self.continuing, *self.rules) for ballot in ballots]
        self.value = [Fraction(1)] * len(ballots)
        self.quota = sum(place is not None for place in self.at) // (seats + 1) + 1
        self.handed_on = set()

    def run(self):
        self.fill()
        while len(self.winners) < self.seats and self.continuing & self.named:
            surpluses = [place for place in self.winners if self.votes(place) > self.quota]
            if surpluses:
                self.hand_on(self.ordered(surpluses)[0])
            else:
                place = self.ordered(sorted(self.continuing))[-1]
                self.continuing.discard(place)
                self.send(place)
            self.fill()

    def votes(self, place):
        if place in self.handed_on:
            return Fraction(self.quota)
        return sum((value for at, value in zip(self.at, self.value, strict=True) if at == place), Fraction(0))

    def ordered(self, places):
        return sorted(self.order(places, self.history), key=lambda place: -self.votes(place))

    def hand_on(self, place):
        total = self.votes(place)
        for paper, at in enumerate(self.at):
            if at == place:
                exact = (total - self.quota) * self.value[paper] / total
                self.value[paper] = Fraction(exact * FIVE_DECIMALS // 1, FIVE_DECIMALS)
        self.handed_on.add(place)
        self.send(place)

    def send(self, place):
        for paper, at in enumerate(self.at):
            if at == place:
                self.at[paper] = next_choice(self.ballots[paper], self.continuing, *self.rules)

    def fill(self):
        for place in self.ordered(sorted(self.continuing)):
            if self.votes(place) >= self.quota:
                self.win(place)
        if len(self.continuing) <= self.seats - len(self.winners):
            for place in self.ordered(sorted(self.continuing & self.named)):
                self.win(place)
        self.history.append([self.votes(place) for place in range(self.size)])

    def win(self, place):
        self.winners.append(place)
        self.continuing.discard(place)
