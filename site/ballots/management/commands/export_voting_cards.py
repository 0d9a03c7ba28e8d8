"""`manage.py export_voting_cards VOTE FOLDER`: every card that waits, in files of 1,000, with progress."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ballots.models import Vote
from ballots.register.card_files import cards_zip
from ballots.register.issuing import PER_FILE, NothingToExport, export_next, figures_of
from people.verdict import NotAllowed


class Command(BaseCommand):
    help = "Writes the voting cards that wait to ZIP files. This works once: only hashes of the codes stay behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("vote", type=UUID, help="id of the vote, as in its address")
        parser.add_argument("folder", type=Path)
        parser.add_argument("--per-file", type=int, default=PER_FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        vote = Vote.objects.filter(pk=options["vote"]).first()
        if vote is None:
            raise CommandError("There is no such vote.")
        try:
            self._export_all(vote, options["folder"], options["per_file"])
        except (NotAllowed, OSError) as problem:
            raise CommandError(str(problem)) from problem

    def _export_all(self, vote: Vote, folder: Path, per_file: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        total, done, part = figures_of(vote).waiting, 0, 0
        try:
            while True:
                part += 1
                done += _export(vote, folder / f"stempassen-{vote.pk}-{part}.zip", per_file)
                self.stdout.write(f"{done} of {total} cards")
        except NothingToExport:
            self.stdout.write(f"Done: {done} cards. Bring the files to the printer and delete them here.")


@transaction.atomic
def _export(vote: Vote, path: Path, limit: int) -> int:
    """One file. Its codes count from when this transaction is over, so a fault leaves them to export again."""
    cards = export_next(vote, actor=None, limit=limit)
    with path.open("xb") as target:
        target.write(cards_zip(vote, cards, path.stem))
    return len(cards)
