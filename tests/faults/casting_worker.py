"""A web worker in short: `python casting_worker.py VOTE VOTERS JOURNAL`. Casts for every voter in the file until there is a receipt.

VOTERS is JSON: [[reference, code, choices], …]. A receipt is written down at once; who stands in the journal has been answered.
"""

import json
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import django

PROJECT = Path(__file__).resolve().parents[2]
CLIENTS = 6


def main(vote_id: str, voters: Path, journal: Path) -> None:
    answered = {line.split()[0] for line in journal.read_text().splitlines()}
    waiting = [each for each in json.loads(voters.read_text()) if each[1] not in answered]
    with journal.open("a", buffering=1) as lines:
        clients = [
            threading.Thread(target=cast_all, args=(UUID(vote_id), waiting[start::CLIENTS], lines))
            for start in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()


def cast_all(vote_id, voters, lines) -> None:
    from django.db import Error, connection

    from ballots.actions import cast_ballot
    from ballots.voters import Voter

    for reference, code, choices in voters:
        while True:
            try:
                receipt = cast_ballot(vote_id, voter=Voter(UUID(reference)), answers={"1": choices}, code=code)
            except Error:
                # The server is gone, or has just come back: the same again.
                connection.close()
                time.sleep(0.05)
            else:
                lines.write(f"{code} {receipt.tracker}\n")
                break
    connection.close()


if __name__ == "__main__":
    sys.path[:0] = [str(PROJECT), str(PROJECT / "site")]
    django.setup()
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
