"""`manage.py count` without the site: no apps, no settings of the installation, no servers. So it starts in a fraction of a second."""

from collections.abc import Sequence
from pathlib import Path

from django.apps import apps
from django.conf import settings

PROJECT = Path(__file__).resolve().parents[2]


def count_alone(words: Sequence[str]) -> None:
    """Run `manage.py count …`; `words` is the whole command line. Texts and numbers are in the language of the site."""
    settings.configure(
        LANGUAGE_CODE="nl", LOCALE_PATHS=[PROJECT / "locale"], USE_I18N=True, USE_THOUSAND_SEPARATOR=True, USE_TZ=True
    )
    # Translations wait until the apps are ready; django.setup() would load addresses and forms as well.
    apps.populate(())
    from ballots.management.commands.count import Command

    Command().run_from_argv(list(words))
