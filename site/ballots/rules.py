"""Who may do what with a vote, and when; each refusal has its reason."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from ballots.answers import ballot_problems, valid_part
from ballots.box import Answers
from ballots.clock import Window
from ballots.combinations import needs_money, rules_for
from ballots.counting import SettingsError, parse_settings
from ballots.counting.settings import CountSettings, RuleSettings
from ballots.days import age_day, end_of, known_since, opening_day, reference_day
from ballots.frozen import FrozenElectorate, FrozenQuestion, FrozenVote, asked_of, rules_hash
from ballots.models import Question, RollEntry, Vote
from pages.templatetags.components import euro
from people.models import Resident
from people.rules import is_old_enough, lives_in
from people.verdict import ALLOWED, Verdict, refused
from places.streets import Street, without_address

State, Form = Vote.State, Question.Form

# What an option of these receives is not a number of voters who chose it.
FORMS_WITHOUT_WINNING_VOTES = (Form.RANKING, Form.SCORE, Form.POINTS)

# More are not counted by every rule while somebody waits for a page (docs/decisions/0017).
MOST_COMPARED = 20_000
MOST_TEST_VOTERS = 200


# --- Casting ------------------------------------------------------------------------------------------


def takes_ballots(window: Window, vote: FrozenVote) -> Verdict:
    """Whether the box is open at this moment of the database clock."""
    if window.is_open:
        return ALLOWED
    if window.state == State.ANNULLED:
        return refused(_("This vote has been annulled."))
    if window.state == State.OPEN and not window.has_begun:
        return refused(_("Voting opens on %(moment)s.") % {"moment": in_words(vote.opens_at)})
    return refused(_("Voting closed on %(moment)s.") % {"moment": in_words(vote.closes_at)})


def is_valid_ballot(vote: FrozenVote, answers: Answers) -> Verdict:
    """Whether these answers make a ballot of this vote; blank answers do."""
    found = ballot_problems(vote, answers)
    return refused(found[0].text) if found else ALLOWED


def is_valid_paper_ballot(vote: FrozenVote, answers: Answers) -> Verdict:
    """The same for a ballot from an envelope: there an answer can also be invalid (None)."""
    if not vote.on_paper:
        return refused(_("In this vote there are no ballots on paper."))
    if answers.keys() != vote.question_by_reference.keys():
        return is_valid_ballot(vote, answers)
    return is_valid_ballot(vote, valid_part(vote, answers))


def why_not_on_roll(vote: FrozenVote, resident: Resident | None) -> Verdict:
    """The reason why somebody is not on the roll of this vote; never allowed.

    Nothing that somebody does now brings them on it, so no reason asks for anything.
    """
    for verdict in _lasting_reasons(vote, resident):
        if not verdict:
            return verdict
    words = {"moment": in_words(vote.opened_at or vote.opens_at)}
    return refused(
        _("The list of voters was made on %(moment)s and no longer changes. You were not on it then.") % words
    )


def _lasting_reasons(vote: FrozenVote, resident: Resident | None) -> Iterator[Verdict]:
    """Place, age and the day of proof, where they are known."""
    if resident is None:
        return
    yield from _place_reasons(vote, resident)
    reasons = {
        next((reason for reason in _group_reasons(vote, group, resident) if not reason), ALLOWED)
        for group in vote.electorates or (None,)
    }
    if len(reasons) == 1:
        yield reasons.pop()
    elif ALLOWED not in reasons:
        titles = "; ".join(group.title for group in vote.electorates)
        yield refused(_("You belong to none of the groups of voters: %(groups)s.") % {"groups": titles})


def _place_reasons(place: FrozenVote | FrozenElectorate, resident: Resident) -> Iterator[Verdict]:
    if resident.neighbourhood is not None:
        yield lives_in(resident, place.area)
        yield lives_in_streets(resident, place.streets)


def _group_reasons(vote: FrozenVote, group: FrozenElectorate | None, resident: Resident) -> Iterator[Verdict]:
    """What a group, or a vote without groups, asks besides living where the vote is about."""
    proof, age = asked_of(vote, group)
    if resident.birth_date is not None:
        yield is_old_enough(resident, age, age_day(vote))
    if group is not None:
        yield from _place_reasons(group, resident)
    if day := reference_day(vote):
        yield was_known_by(resident, proof, day)


def lives_in_streets(resident: Resident, streets: Iterable[Street]) -> Verdict:
    """Whether somebody's address lies in one of these streets; no streets are all streets."""
    streets, address = tuple(streets), resident.address
    if not streets or (address is not None and any(street.has(address) for street in streets)):
        return ALLOWED
    words = {"streets": "; ".join(map(str, streets))}
    if address is None:
        return refused(_("This is for people who live in: %(streets)s. We do not know your address.") % words)
    return refused(_("This is for people who live in: %(streets)s.") % words)


def was_known_by(resident: Resident, minimum_proof: int, day: date) -> Verdict:
    """Whether what somebody proved was proved on or before a day, as far as it was proved at all."""
    since = known_since(resident, minimum_proof)
    if since is None or since <= day:
        return ALLOWED
    words = {"since": date_format(since, "j F Y"), "day": date_format(day, "j F Y")}
    if not minimum_proof:
        return refused(_("You made your account on %(since)s. For this vote that had to be done by %(day)s.") % words)
    return refused(_("You proved where you live on %(since)s. For this vote that had to be done by %(day)s.") % words)


def has_voted_already(vote: FrozenVote) -> Verdict:
    """The reason for who has voted; it says whether the vote can be changed. An envelope that came in is a vote too."""
    if vote.on_paper:
        return refused(_voted_or_sent(vote))
    if vote.change_policy == Vote.ChangePolicy.CODE:
        return refused(_("You have voted already. You can change your vote with your voting receipt code."))
    if vote.change_policy == Vote.ChangePolicy.LOGIN:
        return refused(_("You have voted already, but not on this site. So you cannot change it here."))
    return refused(_("You have voted already. In this vote you cannot change your vote."))


def has_changed_already(vote: FrozenVote) -> Verdict:
    """The reason for who sends an old page: it would undo a later choice."""
    if vote.change_policy == Vote.ChangePolicy.LOGIN:
        return refused(_("You voted already, with other choices. Look at your ballot first."))
    return refused(_("A ballot with this code was cast already, with other choices. Look it up with your code."))


def _voted_or_sent(vote: FrozenVote) -> str:
    sentence = _("You have voted already, or we have received your envelope. So you cannot vote again.")
    if vote.change_policy != Vote.ChangePolicy.CODE:
        return sentence
    change = _("Did you vote on this site? Then you can change your vote with your voting receipt code.")
    return f"{sentence} {change}"


# --- Staff ----------------------------------------------------------------------------------------------


def may_edit(vote: Vote) -> Verdict:
    if vote.state == State.DRAFT:
        return ALLOWED
    return refused(_("This vote has been opened, so its rules stay as they are."))


def may_open(vote: Vote, frozen: FrozenVote, now: datetime) -> Verdict:
    """Whether a draft is complete. `now` is the database clock."""
    if vote.state != State.DRAFT:
        return refused(_("This vote has been opened already."))
    if vote.closes_at <= now:
        return refused(_("The closing time has passed. Choose a later one."))
    return next((verdict for verdict in (can_have_roll(frozen, now), is_complete(frozen)) if not verdict), ALLOWED)


def can_have_roll(vote: FrozenVote, now: datetime) -> Verdict:
    """Whether the roll can be made now: its day is over, and there are addresses in its streets."""
    day = reference_day(vote)
    if day and day > opening_day(vote):
        return refused(_("The day of the list of voters lies after the first day of voting."))
    if day and end_of(day) > now:
        words = {"day": date_format(day, "j F Y")}
        return refused(
            _("The list of voters is made as things stood on %(day)s. Open the vote after that day.") % words
        )
    if unknown := without_address(
        (*vote.streets, *(each for group in vote.electorates for each in group.streets)), vote.area
    ):
        return refused(_("We know no address in “%(street)s”.") % {"street": unknown[0]})
    if len(vote.electorates) == 1:
        return refused(_("One group of voters is no group. Make another one, or delete it."))
    return ALLOWED


def may_agree(user: Any, vote: Vote, frozen: FrozenVote, now: datetime) -> Verdict:
    """Whether somebody can be the first of the two who open a vote."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if not (verdict := may_open(vote, frozen, now)):
        return verdict
    if vote.agreed_by_id == user.pk and _agreed_to(vote) == rules_hash(frozen):
        return refused(_("You agreed to this vote already. Somebody else opens it."))
    return ALLOWED


def may_open_as(user: Any, vote: Vote, frozen: FrozenVote) -> Verdict:
    """Whether somebody can be the second: another person agreed to the vote as it is now, and one of the two is the clerk."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if vote.agreed_by is None:
        return refused(_("Two persons open a vote. Nobody agreed to it yet."))
    if _agreed_to(vote) != rules_hash(frozen):
        return refused(_("The vote was changed after somebody agreed to it. Somebody must agree again."))
    if vote.agreed_by_id == user.pk:
        return refused(_("You agreed to this vote, so somebody else opens it."))
    if not any(person.has_perm("ballots.guard_vote") for person in (user, vote.agreed_by)):
        return refused(_("One of the two who open a vote must be the clerk."))
    return ALLOWED


def _agreed_to(vote: Vote) -> bytes:
    return bytes(vote.agreed_hash or b"")


def is_complete(vote: FrozenVote) -> Verdict:
    """Whether a count can follow from the questions, their options and their counting rules, and people know what it is for."""
    if not vote.commitment.strip():
        return refused(_("Say first what the council does with the outcome."))
    if not vote.questions:
        return refused(_("Give the vote a question first."))
    if vote.threshold_kind == Vote.Threshold.OUTCOME and any(
        each.form in FORMS_WITHOUT_WINNING_VOTES for each in vote.questions
    ):
        return refused(_("A minimum for the winner does not go with places, scores or points."))
    if vote.not_secret and any(each.budget or each.form == Form.KNAPSACK for each in vote.questions):
        return refused(_("A vote about money is secret. So people cannot change it by logging in."))
    verdicts = (is_question_complete(question) for question in vote.questions)
    return next((verdict for verdict in verdicts if not verdict), ALLOWED)


def is_question_complete(question: FrozenQuestion) -> Verdict:
    """Whether a count can follow from this question."""
    try:
        rule, settings = parse_settings(question.counting)
    except SettingsError as problem:
        return refused(_("The counting rule is not right: %(problem)s.") % {"problem": problem})
    if rule.key not in rules_for(question.form):
        return refused(_("This rule cannot count this form of ballot."))
    if not question.options:
        return refused(_("Give the vote its options first."))
    if not (verdict := _words_fit(question)):
        return verdict
    if needs_money(rule.key) and not question.budget:
        return refused(_("Say what the chosen options may cost together."))
    for reference in named_options(settings):
        if reference not in question.option_by_reference:
            return refused(_("The counting rule names option %(option)s, which is not there.") % {"option": reference})
    return _costs_fit(question) if needs_money(rule.key) or question.form == Form.KNAPSACK else ALLOWED


def _words_fit(question: FrozenQuestion) -> Verdict:
    """Supporters and opponents have the same room."""
    for option in question.options:
        longest = max(len(option.argument_for), len(option.argument_against))
        if longest > (question.argument_length or 0):
            words = {"option": option.title, "number": question.argument_length or 0}
            return refused(_("The words at option %(option)s are longer than %(number)s characters.") % words)
    return ALLOWED


def named_options(settings: CountSettings) -> set[str]:
    """References of options that the settings of a count name: those of which only one may win."""
    groups = settings.exclusive if isinstance(settings, RuleSettings) else ()
    return {reference for group in groups for reference in group}


def _costs_fit(question: FrozenQuestion) -> Verdict:
    limit = min(amount for amount in (question.budget, question.max_sum) if amount)
    for option in question.options:
        if option.cost is None:
            return refused(_("Option %(option)s has no cost.") % {"option": option.title})
        if option.cost > limit:
            words = {"option": option.title, "limit": euro(limit)}
            return refused(_("Option %(option)s costs more than %(limit)s, so it can never win.") % words)
    return ALLOWED


def may_open_test(user: Any, vote: Vote, frozen: FrozenVote, voters: int) -> Verdict:
    """Whether somebody can hold a dry run of this draft, with so many test codes."""
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if vote.state != State.DRAFT or vote.is_test:
        return refused(_("A dry run is held of a draft."))
    if not 1 <= voters <= MOST_TEST_VOTERS:
        return refused(_("Take 1 to %(number)s test codes.") % {"number": MOST_TEST_VOTERS})
    return is_complete(frozen)


def may_close_test(user: Any, vote: Vote) -> Verdict:
    """Only a dry run is closed by hand; a real vote closes by the database clock and nothing else."""
    if not vote.is_test:
        return refused(_("Only the clock closes a vote."))
    if not user.has_perm("ballots.open_vote"):
        return refused(_("You may not open votes."))
    if vote.state != State.OPEN:
        return refused(_("This dry run is closed already."))
    return ALLOWED


def may_wipe(vote: Vote) -> Verdict:
    if vote.is_test:
        return ALLOWED
    return refused(_("Only a dry run can be deleted. A real vote stays."))


def may_annul(vote: Vote) -> Verdict:
    if vote.state in (State.DRAFT, State.ANNULLED):
        return refused(_("Only an opened vote can be annulled."))
    return ALLOWED


def may_see_result(user: Any, vote: Vote) -> Verdict:
    """Nobody sees a result before publication but who may publish it, after the count (promise P8)."""
    if vote.state == State.PUBLISHED:
        return ALLOWED
    if vote.state == State.COUNTED and user.has_perm("ballots.publish_vote"):
        return ALLOWED
    return refused(_("There is no published result."))


def may_publish(user: Any, vote: Vote) -> Verdict:
    """Who opened a vote about money does not publish its result: that takes a second person."""
    if vote.state != State.COUNTED:
        return refused(_("Only a counted vote can be published."))
    if not user.has_perm("ballots.publish_vote"):
        return refused(_("You may not publish results."))
    if not vote.is_test and vote.opened_by_id == user.pk and vote.questions.filter(budget__gt=0).exists():
        return refused(_("You opened this vote, so somebody else publishes the result."))
    return ALLOWED


def may_publish_single_ballots(vote: Vote) -> Verdict:
    """Few ballots say who cast them; so single ballots are published from the threshold on."""
    seal = getattr(vote, "seal", None)
    if vote.state != State.PUBLISHED or seal is None:
        return refused(_("There is no published result."))
    if seal.ballots < vote.publication_threshold:
        return refused(_("There are fewer than %(number)s ballots.") % {"number": vote.publication_threshold})
    return ALLOWED


def may_compare_rules(user: Any, vote: Vote) -> Verdict:
    """Staff see what other rules would have given, only after publication, and not where few ballots would give away choices."""
    if not user.has_perm("ballots.view_vote"):
        return refused(_("You may not see this."))
    if not (verdict := may_publish_single_ballots(vote)):
        return verdict
    if vote.seal.ballots > MOST_COMPARED:
        words = {"number": number_format(MOST_COMPARED)}
        return refused(_("There are more than %(number)s ballots. Download them to count by another rule.") % words)
    return ALLOWED


def may_forget_roll(vote: Vote, now: datetime) -> Verdict:
    """The roll goes when the term to object has passed (`BALLOTS_APPEAL_DAYS` after publication or annulment)."""
    ended = vote.annulled_at or vote.published_at
    if ended is None or now < ended + timedelta(days=settings.BALLOTS_APPEAL_DAYS):
        return refused(_("The term to object has not passed yet."))
    if not RollEntry.objects.filter(vote=vote).exists():
        return refused(_("There is no roll any more."))
    return ALLOWED


def in_words(moment: datetime) -> str:
    """A moment as people read it; in English too without a full stop at its end."""
    return date_format(timezone.localtime(moment), "j F Y, H:i")
