"""`manage.py verify_vote ID|FOLDER|ZIP`: the stand-alone verifier, on a vote of this site or on files."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ballots.models import Vote
from ballots.publishing import verify
from ballots.publishing.files import files_of


class Command(BaseCommand):
    """Ends with the status of the verifier: 0 right, 1 wrong, 2 unreadable, 3 right as far as it could be checked."""

    help = "Check a vote by its published files and count it again, with the program that anybody can download."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("vote", metavar="ID|FOLDER|ZIP")
        parser.add_argument("--head", action="append", default=[], metavar="FILE|HEX")
        parser.add_argument("--lang", choices=["nl", "en"], default="nl")

    def handle(self, *args: Any, **options: Any) -> None:
        """A vote of this site is written out first, as it would be downloaded."""
        with tempfile.TemporaryDirectory() as folder:
            path = options["vote"] if Path(options["vote"]).exists() else _written(options["vote"], Path(folder))
            heads = [word for head in options["head"] for word in ("--head", head)]
            status = verify.main([str(path), *heads, "--lang", options["lang"]], self.stdout.write)
        if status:
            raise SystemExit(status)


def _written(vote_id: str, folder: Path) -> Path:
    try:
        vote = Vote.objects.select_related("seal").get(pk=UUID(vote_id), seal__isnull=False)
    except (ValueError, Vote.DoesNotExist):
        raise CommandError(f"There is no folder, no zip and no counted vote {vote_id}.") from None
    for file in files_of(vote):
        with (folder / file.name).open("wb") as target:
            target.writelines(file.content())
    return folder
