"""The stand-alone verifier: it finds nothing wrong in an honest vote, and every kind of tampering in another."""

import ast
import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ballots.actions import rewrite_box, write_checkpoint
from ballots.codes import new_code
from ballots.publishing import verify
from ballots.publishing.files import VERIFIER
from tests.ballots.published import (
    answers_of,
    hold,
    make_many_questions,
    read_json,
    read_lines,
    write_files,
    write_json,
    write_lines,
)
from tests.ballots.second_verifier import problems_in
from tests.factories.ballots import cast, cast_answers, make_open_vote, make_voters, open_by_two

pytestmark = pytest.mark.django_db

VOTERS = 26


@pytest.fixture(autouse=True)
def small_batches(settings):
    settings.BALLOTS_LEAST_BATCH, settings.BALLOTS_HELD_BACK = 5, 3


@pytest.fixture
def opened(places):
    voters = make_voters(VOTERS + 2, places.harbour)
    vote = open_by_two(make_many_questions())
    codes = [new_code() for _voter in range(VOTERS)]
    for n, code in enumerate(codes[:20]):
        cast_answers(vote, voters[n], answers_of(n), code)
    assert write_checkpoint(vote)
    for n in range(4):
        cast_answers(vote, voters[n], answers_of(n + 9), codes[n])
    for n, code in enumerate(codes[20:], start=20):
        cast_answers(vote, voters[n], answers_of(n), code)
    assert write_checkpoint(vote)
    return vote


@pytest.fixture
def folder(opened, tmp_path):
    return write_files(hold(opened), tmp_path)


def run(folder, *options):
    """(status, what it says)."""
    said = []
    status = verify.main([str(folder), *options], said.append)
    return status, "\n".join(said)


# --- An honest vote -----------------------------------------------------------------------------------------------------


def test_honest_vote_is_right(folder):
    status, said = run(folder)
    assert status == 0, said
    assert said.splitlines()[-1] == "Alles klopt."
    assert "FOUT" not in said
    assert said.count("opnieuw geteld, dezelfde uitslag") == 8
    # Something was changed after it was fixed, so the log holds more than the ballots.
    assert len(read_lines(folder, "superseded.jsonl")) > 0


def test_shredding_changes_no_byte_of_what_is_published(opened, tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    vote = hold(opened)
    write_files(vote, before)
    rewrite_box(vote)
    write_files(vote, after)
    assert {file.name: file.read_bytes() for file in before.iterdir()} == {
        file.name: file.read_bytes() for file in after.iterdir()
    }


def test_it_runs_alone_on_the_downloaded_zip(opened, tmp_path):
    """The program out of the zip, in a Python that sees no package and not our folder."""
    vote = hold(opened)
    response = Client().get(reverse("ballots:file", args=[vote.pk, "stemming.zip"]))
    (tmp_path / "stemming.zip").write_bytes(b"".join(response.streaming_content))
    with zipfile.ZipFile(tmp_path / "stemming.zip") as archive:
        archive.extract("verify.py", tmp_path)
    command = [sys.executable, "-I", "-S", "verify.py", "stemming.zip", "--lang", "en"]
    outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (outcome.returncode, outcome.stdout.splitlines()[-1]) == (0, "Everything is right."), (
        outcome.stdout + outcome.stderr
    )


def test_it_needs_no_more_than_python_3_9_and_its_library():
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 9))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)
    assert not [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(word.arg == "strict" for word in node.keywords)
    ]


def test_command_checks_a_vote_of_this_site_and_a_folder(opened, tmp_path, capsys):
    vote = hold(opened)
    call_command("verify_vote", str(vote.pk))
    assert "Alles klopt." in capsys.readouterr().out
    write_files(vote, tmp_path)
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_vote", str(tmp_path))
    assert ended.value.code != 0


def test_second_implementation_agrees_that_it_is_right(folder):
    assert problems_in(folder) == []


# --- Heads somebody saved -----------------------------------------------------------------------------------------------------


def test_saved_heads_are_looked_up(folder, tmp_path):
    head = read_json(folder, "log.json")["checkpoints"][1]["head"]
    mail = tmp_path / "mail.txt"
    mail.write_text(f"Regel 1.\nKop: {head}\nBewaar deze mail.")
    saved = tmp_path / "saved-log.json"
    saved.write_text((folder / "log.json").read_text())
    assert run(folder, "--head", head, "--head", str(mail), "--head", str(saved))[0] == 0
    status, said = run(folder, "--head", "0" * 64)
    assert status == 1
    assert "staat niet in het logboek" in said


def test_log_written_again_is_found_by_who_saved_a_head(folder, tmp_path):
    """The one attack that needs a witness: the whole log is made anew around another ballot, and everything in it fits."""
    head = read_json(folder, "log.json")["checkpoints"][2]["head"]
    lines = read_lines(folder, "ballots.jsonl")
    lines[0]["nonce"] = "00" * 16
    seal_again(folder, lines)
    assert run(folder)[0] == 0
    status, said = run(folder, "--head", head)
    assert status == 1, said


def seal_again(folder, lines):
    """Everything an insider could make anew: leaves, roots, heads, seed, result."""
    about, log = read_json(folder, "vote.json"), read_json(folder, "log.json")
    for line in lines:
        content = {name: line[name] for name in ("ballot", "nonce", "tracker", "version")} | {"vote": about["vote"]}
        line["leaf"] = hashlib.sha256(b"\0" + as_json(content)).hexdigest()
    superseded = read_lines(folder, "superseded.jsonl")
    previous = bytes.fromhex(log["checkpoints"][0]["head"])
    for point in log["checkpoints"][1:]:
        leaves = [bytes.fromhex(line["leaf"]) for line in lines + superseded if line["checkpoint"] == point["seq"]]
        root = verify.merkle_root(leaves)
        head = hashlib.sha256(previous + point["seq"].to_bytes(8, "big") + root).digest()
        point |= {"leaves": len(leaves), "root": root.hex(), "previous": previous.hex(), "head": head.hex()}
        previous = head
    seed = hashlib.sha256(b"".join(sorted(bytes.fromhex(line["leaf"]) for line in lines))).hexdigest()
    result = read_json(folder, "result.json")
    for question in about["rules"]["questions"]:
        name = question["reference"]
        own = hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
        count = verify.Count(question, [(line["ballot"]["answers"][name], 1) for line in lines], own)
        winners = [count.names[place] for place in verify.RULES[question["counting"]["rule"]](count)]
        result["questions"][name] |= {"winners": winners}
        result["questions"][name]["settings"]["seed"] = own
        for place, option in enumerate(result["questions"][name]["options"]):
            option["votes"] = count.votes[place]
    write_json(folder, "result.json", result)
    about |= {
        "seed": seed,
        "ballots": len(lines),
        "result_digest": hashlib.sha256((folder / "result.json").read_bytes()).hexdigest(),
    }
    write_json(folder, "vote.json", about)
    write_json(folder, "log.json", log)
    write_lines(folder, "ballots.jsonl", lines)


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


# --- Tampering ---------------------------------------------------------------------------------------------------------------


def flip(folder):
    lines = read_lines(folder, "ballots.jsonl")
    lines[3]["ballot"]["answers"]["ja"] = ["ja-b"] if lines[3]["ballot"]["answers"]["ja"] == ["ja-a"] else ["ja-a"]
    write_lines(folder, "ballots.jsonl", lines)


def flip_with_its_leaf(folder):
    flip(folder)
    lines, about = read_lines(folder, "ballots.jsonl"), read_json(folder, "vote.json")
    content = {name: lines[3][name] for name in ("ballot", "nonce", "tracker", "version")} | {"vote": about["vote"]}
    lines[3]["leaf"] = hashlib.sha256(b"\0" + as_json(content)).hexdigest()
    write_lines(folder, "ballots.jsonl", lines)


def delete(folder):
    write_lines(folder, "ballots.jsonl", read_lines(folder, "ballots.jsonl")[1:])


def delete_as_superseded(folder):
    """A ballot that is left out, and its leaf passed off as one that was changed: for more ballots than were changed."""
    gone = read_lines(folder, "ballots.jsonl")
    superseded = read_lines(folder, "superseded.jsonl")
    changed = sum(line["version"] - 1 for line in gone)
    number = changed - len(superseded) + 1
    superseded += [{"checkpoint": line["checkpoint"], "leaf": line["leaf"]} for line in gone[:number]]
    write_lines(folder, "superseded.jsonl", superseded)
    left = gone[number:]
    # All else is made to fit, the number of ballots too.
    seal_again(folder, left)


def add(folder):
    lines = read_lines(folder, "ballots.jsonl")
    write_lines(folder, "ballots.jsonl", [*lines, {**lines[0], "tracker": "EXTRA"}])


def copy(folder):
    lines = read_lines(folder, "ballots.jsonl")
    write_lines(folder, "ballots.jsonl", [*lines, lines[0]])


def stuff(folder):
    """More ballots than people on the roll, everything else made to fit."""
    lines = read_lines(folder, "ballots.jsonl")
    seal_again(folder, lines + [{**lines[0], "tracker": f"EXTRA{n}"} for n in range(10)])


def break_the_rules(folder):
    """A ballot with more than is allowed, everything else made to fit."""
    lines = read_lines(folder, "ballots.jsonl")
    lines[0]["ballot"]["answers"]["meer"] = [f"meer-{name}" for name in "abcde"]
    seal_again(folder, lines)


def change_totals(folder):
    result, about = read_json(folder, "result.json"), read_json(folder, "vote.json")
    result["questions"]["een"]["options"][0]["votes"] += 1
    write_json(folder, "result.json", result)
    about["result_digest"] = hashlib.sha256((folder / "result.json").read_bytes()).hexdigest()
    write_json(folder, "vote.json", about)


def change_winners(folder):
    result, about = read_json(folder, "result.json"), read_json(folder, "vote.json")
    result["questions"]["geld"]["winners"].reverse()
    write_json(folder, "result.json", result)
    about["result_digest"] = hashlib.sha256((folder / "result.json").read_bytes()).hexdigest()
    write_json(folder, "vote.json", about)


def change_result_only(folder):
    result = read_json(folder, "result.json")
    result["questions"]["een"]["options"][0]["reason"] = "another"
    write_json(folder, "result.json", result)


def change_rules(folder):
    about = read_json(folder, "vote.json")
    about["rules"]["questions"][2]["max_options"] = 5
    write_json(folder, "vote.json", about)


def change_rules_and_hash(folder):
    change_rules(folder)
    about = read_json(folder, "vote.json")
    about["rules_hash"] = hashlib.sha256(as_json(about["rules"])).hexdigest()
    write_json(folder, "vote.json", about)


def change_roll(folder):
    write_json(folder, "vote.json", read_json(folder, "vote.json") | {"roll_root": "ab" * 32})


def draw_another_lot(folder):
    write_json(folder, "vote.json", read_json(folder, "vote.json") | {"seed": "ab" * 32})


def cut_the_log(folder):
    log = read_json(folder, "log.json")
    log["checkpoints"].pop(1)
    write_json(folder, "log.json", log)


def change_a_head(folder):
    log = read_json(folder, "log.json")
    log["checkpoints"][1]["head"] = "ab" * 32
    write_json(folder, "log.json", log)


def forget_superseded(folder):
    write_lines(folder, "superseded.jsonl", read_lines(folder, "superseded.jsonl")[1:])


def move_between_batches(folder):
    lines = read_lines(folder, "ballots.jsonl")
    first = next(line for line in lines if line["checkpoint"] == 1)
    other = next(line for line in lines if line["checkpoint"] == 2)
    first["checkpoint"], other["checkpoint"] = 2, 1
    write_lines(folder, "ballots.jsonl", lines)


TAMPERING = [
    *(
        flip,
        flip_with_its_leaf,
        delete,
        delete_as_superseded,
        add,
        copy,
        stuff,
        break_the_rules,
        change_totals,
        change_winners,
    ),
    *(
        change_result_only,
        change_rules,
        change_rules_and_hash,
        change_roll,
        draw_another_lot,
        cut_the_log,
        change_a_head,
    ),
    *(forget_superseded, move_between_batches),
]


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found(folder, tamper):
    tamper(folder)
    status, said = run(folder)
    assert status == 1, said
    assert said.splitlines()[-1] == "Er klopt iets niet."


COUNTED_ONLY = {"change_totals", "change_winners", "break_the_rules"}


@pytest.mark.parametrize(
    "tamper", [each for each in TAMPERING if each.__name__ not in COUNTED_ONLY], ids=lambda each: each.__name__
)
def test_second_implementation_finds_tampering_too(folder, tamper):
    """It checks everything but the forms of ballots and the count."""
    tamper(folder)
    assert problems_in(folder) != []


# --- What cannot be checked ------------------------------------------------------------------------------------------------------


def test_few_ballots_are_checked_as_far_as_they_are_published(places, tmp_path):
    voters = make_voters(6, places.harbour)
    vote = open_by_two(make_many_questions(publication_threshold=7))
    for n, voter in enumerate(voters):
        cast_answers(vote, voter, answers_of(n))
    folder = write_files(hold(vote), tmp_path)
    status, said = run(folder)
    assert status == 3, said
    assert "De stembiljetten zelf zijn niet gepubliceerd: het zijn er minder dan 7." in said
    assert not (folder / "ballots.jsonl").exists()
    everything = b"".join(file.read_bytes() for file in folder.iterdir() if file.name != "verify.py")
    assert b"tracker" not in everything
    assert b'"rounds"' not in everything
    write_lines(folder, "leaves.jsonl", read_lines(folder, "leaves.jsonl")[1:])
    assert run(folder)[0] == 1


def test_unknown_rule_is_said_and_gives_its_own_status(folder, monkeypatch):
    monkeypatch.delitem(verify.RULES, "approval")
    status, said = run(folder)
    assert status == 3
    assert "Vraag meer: de telregel approval kent dit programma niet." in said


@pytest.mark.parametrize("content", [None, "not a zip", {}])
def test_unreadable_files_are_said_in_a_sentence(tmp_path, content):
    path = tmp_path / "vote"
    if content is None:
        path.mkdir()
    elif isinstance(content, str):
        path.write_text(content)
    else:
        path.mkdir()
        (path / "vote.json").write_text("{}")
        (path / "log.json").write_text("{}")
    status, said = run(path)
    assert (status, said.splitlines()[0].split(":")[0]) == (2, "De bestanden zijn niet te lezen")


# --- Downloading -----------------------------------------------------------------------------------------------------------------


def test_nothing_is_published_before_the_result(opened, clerk, client_for):
    vote = hold(opened, publish=False)
    for client in (Client(), client_for(clerk)):
        for name in ("ballots.jsonl", "result.json", "stemming.zip", "vote.json"):
            assert client.get(reverse("ballots:file", args=[vote.pk, name])).status_code == 404


def test_files_are_linked_from_the_page_and_streamed(site_root, anna, bram):
    vote = make_open_vote(publication_threshold=2)
    for person in (anna, bram):
        cast(vote, person, [1, 2])
    hold(vote)
    page = Client().get(reverse("ballots:vote", args=[vote.pk])).content.decode()
    for name in (
        "vote.json",
        "log.json",
        "ballots.jsonl",
        "superseded.jsonl",
        "result.json",
        "verify.py",
        "stemming.zip",
    ):
        address = reverse("ballots:file", args=[vote.pk, name])
        assert f'href="{address}"' in page
        response = Client().get(address)
        assert response.streaming
        assert response.status_code == 200
    assert Client().get(reverse("ballots:file", args=[vote.pk, "leaves.jsonl"])).status_code == 404


def test_zip_is_the_same_bytes_every_time(opened):
    vote = hold(opened)
    first, second = (
        b"".join(Client().get(reverse("ballots:file", args=[vote.pk, "stemming.zip"])).streaming_content)
        for _time in range(2)
    )
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
