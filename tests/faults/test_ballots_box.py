"""A full box, small: what bench/box.py measures with 100,000 ballots, here with 2,000 and a generous limit."""

import json
import subprocess
import sys
import time

import pytest

from ballots.actions import close_vote, count_vote, publish_result, shred_vote, write_checkpoint
from ballots.models import Ballot, Checkpoint
from ballots.publishing.archive import zip_of
from ballots.publishing.files import VERIFIER, files_of
from bench import box
from tests.ballots.clocks import database_clock
from tests.factories.ballots import make_opener

pytestmark = pytest.mark.django_db(transaction=True)

BALLOTS = 2_000


def test_box_of_two_thousand_is_fixed_counted_published_verified_and_shredded(tmp_path):
    began = time.perf_counter()
    vote = box.fill_box(BALLOTS, fixed=BALLOTS * 3 // 4)
    assert write_checkpoint(vote)
    with database_clock(vote.closes_at):
        assert close_vote(vote)
    seal = count_vote(vote)
    vote.refresh_from_db()
    publish_result(vote, actor=make_opener("Gerda"))
    archive = tmp_path / "stemming.zip"
    with archive.open("wb") as file:
        file.writelines(zip_of(files_of(vote)))
    assert shred_vote(vote)
    assert (seal.ballots, Ballot.objects.filter(tag=None).count()) == (BALLOTS, BALLOTS)
    assert sum(Checkpoint.objects.filter(seq__gt=0).values_list("leaves", flat=True)) == BALLOTS
    outcome = subprocess.run(
        [sys.executable, str(VERIFIER), str(archive)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (outcome.returncode, outcome.stdout.splitlines()[-1]) == (0, "Alles klopt."), outcome.stdout
    assert time.perf_counter() - began < 60


def test_process_that_counts_reports_every_step(tmp_path):
    """The step of bench/box.py that is timed stays whole: it is not run by anything else."""
    vote = box.fill_box(300, fixed=0)
    program, archive = box.PROJECT / "bench" / "box.py", tmp_path / "stemming.zip"
    process = box.timed(program, "--step", str(vote.pk), "--archive", str(archive))
    assert process.status == 0, process.said
    assert list(json.loads(process.said[-1])) == [
        "close",
        "last checkpoint",
        "count and seal",
        "publish, with the zip",
        "shred: rewrite",
        "shred: files anew",
    ]
    assert process.clock < 60
    assert process.megabytes < box.MOST_MB
