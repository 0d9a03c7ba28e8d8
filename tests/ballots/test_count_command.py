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
    )

    assert result["settings"] == {
        "min_votes": 1,
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


def test_folder_is_refused(tmp_path):
    assert_refused(run(str(tmp_path)), "Is a directory")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--rule", "borda"], "rule must be one of"),
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
    assert_refused(run(), "the following arguments are required: FILE.pb")


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
def test_city_is_counted_in_seconds_and_in_little_memory(real_data):
    """61,668 voters, 83 plans, 184 increments: under ten seconds and 400 MB for the whole process."""
    file = str(real_data / "pb" / "Poland_Warszawa_2026.pb")
    done = run(file, "--increment", "until_overspend", "--json", before=("-c", MEASURE, sys.executable))
    seconds, kilobytes = map(float, done.stderr.split())

    assert (len(json.loads(done.stdout)["winners"]), json.loads(done.stdout)["cost"]) == (49, 22_232_851)
    assert kilobytes < 400 * 1024
    assert seconds < 10
