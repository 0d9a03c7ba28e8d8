"""`manage.py count`: what it prints, and how it refuses. In a process of its own, as people run it, with no server to reach."""

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PROJECT = Path(__file__).resolve().parents[2]
VOTE = """\
META
key;value
num_projects;4
num_votes;5
budget;1000
vote_type;approval
currency;EUR
PROJECTS
project_id;cost;name
park;600;Een park
pond;450.50;Een vijver
path;300;Een pad
tower;5000;Een toren
VOTES
voter_id;vote
1;park
2;park
3;pond
4;path
5;park,pond
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "vote.pb"
    path.write_text(VOTE, encoding="utf-8")
    return str(path)


def run(*words, before=()):
    """The finished process; its servers are named but do not exist, so whoever reaches for them fails."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": "redis://127.0.0.1:1/1",
    }
    return subprocess.run(
        [sys.executable, *before, "manage.py", "count", *words],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def counted(*words):
    """What `--json` prints, from within this process."""
    output = StringIO()
    call_command("count", *words, "--json", stdout=output)
    return json.loads(output.getvalue())


# --- Output -------------------------------------------------------------------------------------------


def test_json_is_one_object_and_nothing_else(file):
    done = run(file, "--rule", "greedy", "--tie", "declared_order", "--json")

    result = json.loads(done.stdout)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert (result["rule"], result["winners"], result["cost"], result["budget"]) == (
        "greedy",
        ["park", "path"],
        900,
        1000,
    )
    assert [(each["option"], each["cost_cents"], each["remaining_cents"]) for each in result["rounds"]] == [
        ("park", 60_000, 40_000),
        ("path", 30_000, 10_000),
    ]
    assert result["warnings"] == ["a project costs more than the whole budget (line 13)"]


def test_cost_with_cents_keeps_them(tmp_path):
    path = tmp_path / "cents.pb"
    path.write_text(VOTE.replace("path;300", "path;300.25"), encoding="utf-8")

    assert counted(str(path), "--rule", "greedy")["cost"] == 900.25


def test_text_tells_winners_in_order_cost_rounds_and_reasons(file):
    output = StringIO()
    call_command(
        "count",
        file,
        "--rule",
        "equal-shares",
        "--increment",
        "until_overspend",
        "--tie",
        "declared_order",
        stdout=output,
    )
    text = output.getvalue()

    assert re.findall(r"^  \d\. (\w+)", text, re.MULTILINE) == ["park", "path"]
    for expected in (
        "1.000 EUR",
        "900 EUR",
        "Een park",
        "pond",
        "450,50 EUR",
        "increment until_overspend",
        "5.000 EUR",
    ):
        assert expected in text, text


def test_text_says_one_voter_as_one_and_leaves_out_nobody(file):
    """Three pay for the park; the path has one voter, who has money left."""
    output = StringIO()
    words = ("--rule", "equal-shares", "--increment", "until_overspend", "--lang", "nl")
    call_command("count", file, *words, stdout=output)

    assert re.findall(r"[^;]*betaalde[^(]*\(", output.getvalue()) == [
        " 3 kiezers betaalden elk 200 EUR (",
        " 1 kiezer betaalde 300 EUR (",
    ]


def test_settings_reach_the_count(file):
    words = (
        "--rule",
        "equal-shares",
        "--increment",
        "until_exhaustive",
        "--increment-cents",
        "50",
        "--start",
        "whole",
        "--seed",
        "ab" * 8,
    )
    result = counted(
        file,
        *words,
        "--completion",
        "greedy",
        "--utility",
        "cardinality",
        "--min-votes",
        "1",
        "--tie",
        "most_votes,lowest_cost",
        "--exclusive",
        "park,pond",
        "--exclusive",
        "pond,path",
    )

    assert result["settings"] == {
        "min_votes": 1,
        "exclusive": [["park", "pond"], ["pond", "path"]],
        "tie": ["most_votes", "lowest_cost"],
        "utility": "cardinality",
        "increment": "until_exhaustive",
        "increment_cents": 50,
        "start": "whole",
        "completion": "greedy",
        "seed": "ab" * 8,
        "seed_source": "given",
    }


def test_same_file_gives_the_same_bytes(file):
    assert run(file, "--json").stdout == run(file, "--json").stdout


OWN = VOTE.replace(
    "PROJECTS\n",
    'participatiemix_counting;"{""rule"": ""greedy"", ""min_votes"": 2, ""tie"": [""lot""]}"\n'
    "participatiemix_seed;abcdef0123456789\nPROJECTS\n",
)


@pytest.mark.parametrize(
    ("words", "rule", "min_votes", "seed"),
    [
        ([], "greedy", 2, "abcdef0123456789"),
        (["--min-votes", "1", "--seed", "00" * 8], "greedy", 1, "00" * 8),
        (["--rule", "equal-shares"], "equal-shares", 0, "abcdef0123456789"),
    ],
)
def test_file_of_this_site_counts_as_it_was_counted_unless_asked_otherwise(tmp_path, words, rule, min_votes, seed):
    path = tmp_path / "own.pb"
    path.write_text(OWN, encoding="utf-8")

    result = counted(str(path), *words)

    assert (result["rule"], result["settings"]["min_votes"], result["settings"]["seed"]) == (rule, min_votes, seed)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("participatiemix_counting;none", "participatiemix_counting in META is no JSON object"),
        ("participatiemix_counting;{}\nparticipatiemix_seed;zz", "hexadecimal"),
    ],
)
def test_what_our_own_lines_cannot_say_is_refused(tmp_path, line, sentence):
    path = tmp_path / "own.pb"
    path.write_text(VOTE.replace("PROJECTS\n", f"{line}\nPROJECTS\n"), encoding="utf-8")

    with pytest.raises(CommandError, match=sentence):
        call_command("count", str(path))


def test_plans_can_be_counted_without_their_money(file):
    result = counted(file, "--rule", "approval", "--seats", "2", "--tie", "declared_order")

    assert (result["rule"], result["winners"], "budget" in result) == ("approval", ["park", "pond"], False)


# --- Rankings -----------------------------------------------------------------------------------------

RANKED = """\
3 2
4 1 2 0
3 2 3 0
2 3 2 0
1 1=3 2 0
1 - 3 0
0
"Anna Alewijnse"
"Bram Bos"
"Chaima El Idrissi"
"A test"
"""


@pytest.fixture
def ranked_file(tmp_path):
    path = tmp_path / "vote.blt"
    path.write_text(RANKED, encoding="utf-8")
    return str(path)


def test_rankings_name_winners_and_votes_as_the_file_does(ranked_file):
    done = run(ranked_file, "--rule", "instant-runoff", "--json")

    result = json.loads(done.stdout)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert (result["rule"], result["winners"], result["title"]) == ("instant-runoff", ["Bram Bos"], "A test")
    assert result["rounds"][0]["votes"] == {"Anna Alewijnse": 4, "Bram Bos": 3, "Chaima El Idrissi": 3}


def test_seats_are_those_of_the_file_unless_asked_otherwise(ranked_file):
    assert counted(ranked_file, "--rule", "scottish-stv")["seats"] == 2
    assert counted(ranked_file, "--rule", "scottish-stv", "--seats", "1")["seats"] == 1
    assert counted(ranked_file, "--rule", "instant-runoff")["seats"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["plurality"],
        ["approval"],
        ["borda", "--convention", "zero"],
        ["instant-runoff", "--overvote", "skip", "--skipped-rank", "stop", "--finish", "two_left"],
        ["scottish-stv", "--tie", "earlier_stages,lot"],
        ["schulze", "--strength", "margins"],
        ["ranked-pairs"],
        ["copeland", "--draw", "full"],
    ],
    ids=lambda words: words[0],
)
def test_every_rule_for_rankings_prints_text_and_json(ranked_file, words):
    output = StringIO()
    call_command("count", ranked_file, "--rule", *words, stdout=output)
    result = counted(ranked_file, "--rule", *words)

    assert result["winners"]
    for option in result["options"]:
        assert option["option"] in output.getvalue()
    assert re.findall(r"^  \d\. (\w+)", output.getvalue(), re.MULTILINE)[: len(result["winners"])] == [
        winner.split()[0] for winner in result["winners"]
    ]


def test_text_of_a_transfer_says_where_votes_went(ranked_file):
    output = StringIO()
    call_command("count", ranked_file, "--rule", "instant-runoff", "--lang", "en", stdout=output)

    assert "2. Chaima El Idrissi goes out" in output.getvalue()
    assert "2 → Bram Bos" in output.getvalue()
    assert "1 → nobody who is still in" in output.getvalue()


@pytest.mark.parametrize(
    ("words", "expected"), [([], "Gekozen, op volgorde:"), (["--lang", "en"], "Elected, in order:")]
)
def test_text_is_dutch_or_english(ranked_file, words, expected):
    """In a process of its own: without the site the texts must be found too."""
    assert expected in run(ranked_file, "--rule", "borda", *words).stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name one with --rule"),
        (["--rule", "score"], "score does not count rankings, and these ballots are rankings"),
        (["--rule", "greedy"], "greedy does not count rankings"),
        (["--rule", "instant-runoff", "--seats", "2"], "instant-runoff elects one"),
        (["--rule", "schulze", "--overvote", "skip"], "no setting 'overvote'"),
    ],
)
def test_rule_that_does_not_fit_rankings_is_refused(ranked_file, words, sentence):
    assert_refused(run(ranked_file, *words, "--json"), sentence)


def test_broken_rankings_are_refused_with_their_line(ranked_file):
    Path(ranked_file).write_text(RANKED.replace("3 2 3 0", "3 2 4 0"))

    assert_refused(
        run(ranked_file, "--rule", "borda"), "vote.blt: line 3: the number of an option must be a whole number"
    )


# --- Refusal ------------------------------------------------------------------------------------------


def assert_refused(done, sentence):
    """Status 1, one line on standard error, nothing on standard output."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    assert sentence in done.stderr


def test_broken_file_is_refused_with_its_line(tmp_path):
    path = tmp_path / "broken.pb"
    path.write_text(VOTE.replace("3;pond", "3;pool"), encoding="utf-8")

    assert_refused(
        run(str(path), "--json"), "broken.pb: line 18: a ballot names project 'pool', which is not in PROJECTS"
    )


def test_missing_file_is_refused(tmp_path):
    assert_refused(run(str(tmp_path / "none.pb")), "none.pb: No such file or directory")


def test_file_of_another_kind_is_refused_as_such(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Beste gemeente,")
    assert_refused(run(str(path)), "its name must end in .pb")


def test_folder_is_refused(tmp_path):
    assert_refused(run(str(tmp_path)), "Is a directory")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--rule", "dowdall"], "rule must be one of"),
        (["--rule", "borda"], "borda counts rankings, and these ballots have no order"),
        (["--rule", "plurality"], "plurality counts ballots that name one option"),
        (["--rule", "greedy", "--exclusive", "park,lake"], "exclusive names the unknown option 'lake'"),
        (["--rule", "greedy", "--increment", "none"], "no setting 'increment'"),
        (["--tie", "id"], "tie must be one of"),
        (["--seed", "xyz"], "hexadecimal"),
        (["--seed", ""], "hexadecimal"),
        (["--min-votes", "-1"], "min_votes must be"),
        (["--min-votes", "some"], "invalid int value"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_wrong_option_is_refused(file, words, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("count", file, *words)


@pytest.mark.parametrize("words", [["--unknown"], ["--min-votes", "some"]])
def test_wrong_option_is_refused_with_status_1(file, words):
    assert run(file, *words).returncode == 1


def test_no_file_is_refused():
    assert_refused(run(), "the following arguments are required: FILE")


# --- Size ---------------------------------------------------------------------------------------------

# Runs a command and says what it took. A small process of its own, because the system counts the memory of
# whoever starts a command as the command's. Processor time, because the tests share their machine; a quiet
# one takes hardly longer by the clock.
MEASURE = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "rule"),
    [
        *(("burlington_2009_mayor.blt", rule) for rule in ("plurality", "approval", "borda", "ranked-pairs")),
        *(("edinburgh_leith_walk_2022.blt", rule) for rule in ("scottish-stv", "schulze", "copeland")),
        ("ryde_2023.soi", "instant-runoff"),
    ],
)
def test_rankings_are_counted_in_less_than_a_second(real_data, file, rule):
    """The whole process with its start and reading, in processor time. Kills: starting the site to count a file."""
    done = run(str(real_data / "ranked" / file), "--rule", rule, "--json", before=("-c", MEASURE, sys.executable))

    assert json.loads(done.stdout)["winners"]
    assert float(done.stderr.split()[0]) < 1


@pytest.mark.data
def test_city_is_counted_in_seconds_and_in_little_memory(real_data):
    """61,668 voters, 83 plans, 184 increments: under ten seconds and 400 MB for the whole process."""
    file = str(real_data / "pb" / "Poland_Warszawa_2026.pb")
    done = run(file, "--increment", "until_overspend", "--json", before=("-c", MEASURE, sys.executable))
    seconds, kilobytes = map(float, done.stderr.split())

    assert (len(json.loads(done.stdout)["winners"]), json.loads(done.stdout)["cost"]) == (49, 22_232_851)
    assert kilobytes < 400 * 1024
    assert seconds < 10
