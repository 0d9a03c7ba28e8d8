"""The list of processes that a new site starts with."""

from pages.models import HomePage
from process.models import ProcessIndexPage

INTRO = "Hier ziet u waar de gemeente met inwoners aan werkt. U leest ook wanneer u iets kunt doen."


def add_process_list(home: HomePage) -> ProcessIndexPage:
    """The list, in the menu; staff hang their processes below it."""
    return home.add_child(
        instance=ProcessIndexPage(title="Trajecten", slug="trajecten", show_in_menus=True, intro=INTRO)
    )
