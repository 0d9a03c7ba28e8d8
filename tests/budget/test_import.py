"""`manage.py import_budget`: real files with their known outcomes, and files that must leave no trace."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from ballots.actions import count_vote, publish_result
from ballots.models import Ballot, Option, Vote
from budget.cards import cards
from budget.imports import period_of, read_day
from budget.models import BudgetRoundPage, Plan, PlanEvent, RoundVote
from process.models import Phase, ProcessIndexPage, ProcessPage
from process.periods import overall_state
from process.staff_cards import phases_without_outcome
from tests.factories.budget import home_below, make_process, make_published_round

pytestmark = pytest.mark.django_db

# Outcomes: ../shared/data/README.md (Assen: official; De Pijp: greedy).
KNOWN = {
    "Netherlands_Assen_2024.pb": ("equal-shares", {2, 3, 5, 6, 9, 11, 12, 13, 14}, 76_700_00, 84),
    "Netherlands_Amsterdam_289.pb": (
        "greedy",
        {36957, 36932, 36942, 36955, 36943, 36952, 36951, 36936},
        99_290_00,
        7045,
    ),
}

SMALL = """META
key;value
description;Kleine proef
country;Netherlands
unit;Waterveen
num_projects;3
num_votes;4
budget;100
vote_type;approval
rule;greedy
date_begin;01.03.2024
date_end;31.03.2024
max_length;2
PROJECTS
project_id;cost;votes;name
a;60;3;Speeltuin
b;50;2;Bankjes
c;40;1;Bomen
VOTES
voter_id;vote
1;a,b
2;a,b
3;a
4;c
"""


@pytest.fixture
def process_list(site_root):
    return home_below(site_root).add_child(instance=ProcessIndexPage(title="Trajecten", slug="trajecten"))


@pytest.fixture
def file(tmp_path):
    def write(text=SMALL, name="proef.pb") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def run(path, *options):
    out = StringIO()
    call_command("import_budget", str(path), *options, stdout=out, stderr=StringIO())
    return RoundVote.objects.select_related("round", "vote").latest("pk"), out.getvalue()


def publish(vote, publisher):
    count_vote(vote)
    publish_result(vote, actor=publisher)


# --- Real files ---------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize("name", KNOWN)
def test_real_file_gives_its_known_outcome_on_the_result_page(process_list, real_data, client_for, clerk, name):
    rule, winners, cost, ballots = KNOWN[name]
    link, _out = run(real_data / "pb" / name)
    assert (link.vote.state, link.vote.questions.get().counting["rule"]) == ("closed", rule)
    assert (link.vote.ballots.count(), {ballot.channel for ballot in link.vote.ballots.all()}) == (ballots, {"import"})
    publish(link.vote, clerk)
    result = json.loads(link.vote.seal.result)["questions"]["1"]
    assert ({int(winner) for winner in result["winners"]}, result["cost_cents"]) == (winners, cost)
    shown = client_for().get(reverse("budget:result", args=[link.round.pk])).content.decode()
    assert f"{ballots:,} people voted." in shown
    assert f"They chose {len(winners)} of {len(result['options'])} plans." in shown
    assert f"Together these plans cost €{cost // 100:,}." in shown
    for option in link.vote.options.filter(reference__in=map(str, winners)):
        from django.utils.html import escape

        assert escape(option.title) in shown


@pytest.mark.data
def test_exported_real_file_comes_back_with_the_same_winners(process_list, real_data, client_for, clerk, tmp_path):
    first, _out = run(real_data / "pb" / "Netherlands_Amsterdam_289.pb")
    publish(first.vote, clerk)
    response = client_for().get(reverse("budget:result_pb", args=[first.round.pk]))
    path = tmp_path / "terug.pb"
    path.write_bytes(b"".join(response))
    second, _out = run(path)
    count_vote(second.vote)
    results = [json.loads(link.vote.seal.result)["questions"]["1"] for link in (first, second)]
    assert results[0]["winners"] == results[1]["winners"]
    assert first.vote.questions.get().counting == second.vote.questions.get().counting


# --- What is made -------------------------------------------------------------------------------------


def test_import_makes_process_round_plans_vote_and_ballots(process_list, file):
    link, out = run(file())
    process = ProcessPage.objects.get()
    assert link.round.get_parent().specific == process
    assert [(phase.opens, phase.starts_on) for phase in Phase.objects.filter(process=process)] == [
        (["budget.vote"], date(2024, 3, 1)),
        (["budget.result"], date(2024, 4, 1)),
    ]
    assert sorted(Plan.objects.values_list("reference", "title", "cost", "verdict", "origin")) == [
        ("a", "Speeltuin", 60_00, "feasible", "file"),
        ("b", "Bankjes", 50_00, "feasible", "file"),
        ("c", "Bomen", 40_00, "feasible", "file"),
    ]
    assert sorted(ballot.payload for ballot in link.vote.ballots.all()) == [
        '{"answers":{"1":["a","b"]}}',
        '{"answers":{"1":["a","b"]}}',
        '{"answers":{"1":["a"]}}',
        '{"answers":{"1":["c"]}}',
    ]
    assert link.vote.source.endswith("proef.pb")
    question = link.vote.questions.get()
    assert (question.form, question.max_options, question.budget) == ("approval", 2, 100_00)
    assert "3 plans, 4 ballots" in out


def test_import_below_a_process_makes_no_second_one(site_root, file):
    process = make_process(site_root, stage="vote")
    link, _out = run(file(), "--process", str(process.pk), "--title", "Proef in Oost")
    assert link.round.get_parent().specific == process
    assert (link.round.title, ProcessPage.objects.count()) == ("Proef in Oost", 1)


def test_import_with_own_rule(process_list, file):
    link, _out = run(file(), "--rule", "equal-shares", "--increment", "until_overspend", "--tie", "lowest_cost,lot")
    counting = link.vote.questions.get().counting
    assert (counting["rule"], counting["increment"], counting["tie"]) == (
        "equal-shares",
        "until_overspend",
        ["lowest_cost", "lot"],
    )


def test_import_keeps_the_rule_of_the_file_and_adds_a_minimum(process_list, file):
    link, _out = run(file(), "--min-votes", "3")
    assert (link.vote.questions.get().counting["rule"], link.vote.questions.get().counting["min_votes"]) == (
        "greedy",
        3,
    )


def test_import_reads_the_minimum_in_the_file(process_list, file):
    text = SMALL.replace("rule;greedy", "rule;greedy-threshold\nmin_project_score_threshold;2")
    link, _out = run(file(text))
    assert link.vote.questions.get().counting["min_votes"] == 2


def test_import_long_name_is_shortened_and_kept_whole_in_the_text(process_list, file):
    name = "Een heel lang plan " * 15
    link, _out = run(file(SMALL.replace("Speeltuin", name.strip())))
    plan = Plan.objects.get(reference="a")
    assert (len(plan.title), plan.text) == (200, name.strip())
    assert Option.objects.get(vote=link.vote, reference="a").title == plan.title


def test_imported_vote_is_told_to_nobody(process_list, file, clerk):
    from budget import tasks
    from notices.models import OutboxLine

    link, _out = run(file())
    publish(link.vote, clerk)
    tasks.settle_round(link.round_id)
    tasks.tell_round(link.round_id)
    link.refresh_from_db()
    assert (OutboxLine.objects.count(), bool(link.told_at)) == (0, True)


# --- What is refused ----------------------------------------------------------------------------------


def test_staff_read_nothing_about_a_list_of_voters_that_never_was(process_list, file, clerk, client_for):
    run(file())
    vote, client = Vote.objects.get(), client_for(clerk)
    inspect, check = (reverse(f"vote:{name}", args=[vote.pk]) for name in ("inspect", "publish"))
    assert "Opkomst" not in client.get(inspect).content.decode()
    count_vote(vote)
    assert "Opkomst" in client.get(inspect).content.decode()
    shown = client.get(check).content.decode()
    assert ("waarvan 0 blanco." in shown, "op de lijst" in shown) == (True, False)


def test_result_of_an_import_says_where_it_is_from_and_in_what_money(process_list, file, clerk, client_for):
    link, _out = run(file(SMALL.replace("PROJECTS\n", "currency;PLN\nPROJECTS\n", 1)))
    client = client_for(clerk, recent=True)
    count_vote(link.vote)
    answer = client.post(reverse("vote:publish", args=[link.vote.pk]), follow=True).content.decode()
    assert ("De uitslag is openbaar." in answer, "krijgt een mail" in answer) == (True, False)
    shown = client_for().get(reverse("budget:result", args=[link.round.pk])).content.decode()
    assert "in PLN" in shown


def nothing_was_imported():
    models = (BudgetRoundPage, ProcessPage, Plan, PlanEvent, Vote, Option, Ballot, RoundVote)
    return [model.objects.count() for model in models] == [0] * len(models)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("4;c\n", "4;zzz\n"), "line 24: "),
        (("4;c\n", "4;c;extra\n"), "line 24: "),
        (("4;c\n", "1;c\n"), "line 24: "),
        (("4;c\n", '4;"c\n'), "line 24: "),
        (("num_votes;4", "num_votes;5"), "line 24: "),
        (("num_projects;3", "num_projects;4"), "line "),
        (("budget;100", "budget;veel"), "line 8: "),
        (("budget;100", "budget;-1"), "line 8: "),
        (("c;40;1;Bomen", "a;40;1;Bomen"), "line 18: "),
        (("c;40;1;Bomen", "c;gratis;1;Bomen"), "line 18: "),
        (("VOTES\n", ""), "line "),
        (("META\n", ""), "line 1: "),
        ((SMALL, ""), "empty"),
        ((SMALL, "\x00\x01\x02"), "line 1: "),
        (("rule;greedy", "rule;het-lot"), "say --rule"),
        (("vote_type;approval", "vote_type;ordinal"), "line 9: "),
        (("c;40;1;Bomen", "c;0;1;Bomen"), "costs nothing"),
        (("rule;greedy", 'rule;greedy\nparticipatiemix_counting;"{""rule"":""onzin""}"'), "rule must be one of"),
        (("rule;greedy", "rule;greedy\nparticipatiemix_counting;onzin"), "no JSON object"),
    ],
)
def test_broken_file_is_refused_with_a_sentence_and_leaves_nothing(process_list, file, change, sentence):
    text = SMALL.replace(*change)
    assert text != SMALL
    with pytest.raises(CommandError) as refusal:
        run(file(text))
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert nothing_was_imported()


def test_failure_halfway_leaves_nothing(process_list, file, monkeypatch):
    """Kills the mutant without a transaction around the whole import."""

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("budget.imports.import_closed_vote", fail)
    with pytest.raises(CommandError, match="No space left"):
        run(file())
    assert nothing_was_imported()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--process", "999999"), "no process with id"),
        (("--rule", "onzin"), "rule must be one of"),
        (("--rule", "greedy", "--increment", "none"), "has no setting"),
        (("--rule", "greedy", "--min-votes", "-1"), "min_votes must be"),
    ],
)
def test_wrong_option_is_refused(process_list, file, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(file(), *options)
    assert nothing_was_imported()


def test_missing_file_is_refused(process_list, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "weg.pb")


def test_without_a_list_of_processes_it_says_what_to_do(site_root, file):
    with pytest.raises(CommandError, match="no list of processes"):
        run(file())
    assert nothing_was_imported()


def test_same_file_twice_only_when_asked(process_list, file):
    run(file())
    with pytest.raises(CommandError, match="imported before, as “Kleine proef”"):
        run(file(name="andere-naam.pb"))
    run(file(), "--again")
    assert RoundVote.objects.count() == 2


def test_from_the_command_line_status_and_one_sentence(process_list, file, capsys):
    from budget.management.commands.import_budget import Command

    path = file(SMALL.replace("4;c\n", "4;zzz\n"))
    with pytest.raises(SystemExit) as status:
        Command().run_from_argv(["manage.py", "import_budget", str(path)])
    assert status.value.code == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith(f"{path}: line 24: ")


# --- Dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "last", "day"),
    [
        ("2020", False, date(2020, 1, 1)),
        ("2020", True, date(2020, 12, 31)),
        ("31.03.2024", False, date(2024, 3, 31)),
        ("2024-03-31", True, date(2024, 3, 31)),
        ("31.02.2024", False, None),
        ("maart", False, None),
        ("", True, None),
    ],
)
def test_read_day(text, last, day):
    assert read_day(text, last=last) == day


def test_period_never_ends_after_now_and_begins_before_it_ends():
    from ballots.formats.pabulib import PabulibMeta

    now = datetime(2024, 3, 15, 12, tzinfo=UTC)
    for values in (
        {},
        {"date_begin": "2030", "date_end": "2031"},
        {"date_begin": "31.03.2024", "date_end": "01.03.2024"},
    ):
        opens, closes = period_of(PabulibMeta(values), now)
        assert opens < closes <= now


def test_rule_that_divides_no_budget_is_refused():
    from ballots.formats.pabulib import PabulibMeta
    from budget.imports import ImportRefused, counting_of

    with pytest.raises(ImportRefused, match="approval divides no budget"):
        counting_of(PabulibMeta({}), {"rule": "approval"})


def test_round_trip_of_our_own_export_keeps_rule_and_winners(site_root, process_list, clerk, client_for, tmp_path):
    counting = {"rule": "equal-shares", "increment": "until_exhaustive", "completion": "greedy", "tie": ["lowest_cost"]}
    page = make_published_round(site_root, clerk, counting=counting, titles=("=1+1", "Bank;jes", 'Zwem"bad'))
    response = client_for().get(reverse("budget:result_pb", args=[page.pk]))
    path = tmp_path / "export.pb"
    path.write_bytes(b"".join(response))
    link, _out = run(path)
    count_vote(link.vote)
    first, second = (json.loads(vote.seal.result)["questions"]["1"] for vote in (page.vote, link.vote))
    assert (first["winners"], first["cost_cents"]) == (second["winners"], second["cost_cents"])
    assert link.vote.questions.get().counting["completion"] == "greedy"
    assert timezone.now() > link.vote.closes_at


def test_imported_vote_of_long_ago_makes_nobody_late(process_list, file, dirk, clerk):
    """Kills the mutants that ask staff for its outcome, and that count its end as a day to keep."""
    link, _out = run(file())
    assert link.vote.closes_at < timezone.now() - timedelta(days=30)
    count_vote(link.vote)
    assert phases_without_outcome(dirk) == []
    # More than a year after its vote a process is over, whenever the file came here.
    process = ProcessPage.objects.get(pk=link.round.get_parent().pk)
    states = {
        years: overall_state(
            list(process.phases.all()), timezone.localdate(link.vote.closes_at) + timedelta(days=years * 366)
        )
        for years in (0, 1)
    }
    assert states == {0: "running", 1: "finished"}
    (card,) = [card for card in cards(clerk) if str(card.label) == "Budget results to publish"]
    assert (card.count, card.due, card.is_late) == (1, None, False)
