"""What the pages of a budget cost: the list with 300 plans against 3, and the result of a city against that of a street.

    python bench/budget_pages.py [--ballots 61668] [--plans 83]

One process, no page cache, servers of its own (as bench/casting.py). Each figure is the median of 30 requests; the ratios say what
growth costs. Also: how long the import of that many ballots takes, and the three exports.
"""

import argparse
import os
import random
import statistics
import sys
import time
from pathlib import Path

from casting import servers

REQUESTS = 30
RESULT_TARGET_MS = 300
IMPORT_TARGET_S = 60


def pb_text(plans: int, ballots: int) -> str:
    """A file with this many plans and approval ballots; the same at every run."""
    dice = random.Random(7)
    meta = {"description": f"{ballots} ballots", "num_projects": plans, "num_votes": ballots, "budget": plans * 100}
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in meta.items())]
    lines += ["vote_type;approval", "rule;greedy", "date_begin;2024", "date_end;2024"]
    lines += ["PROJECTS", "project_id;cost;name"]
    lines += [f"{plan};{dice.randint(50, 2000)};Plan number {plan}" for plan in range(plans)]
    lines += ["VOTES", "voter_id;vote"]
    for voter in range(ballots):
        chosen = sorted(dice.sample(range(plans), k=min(plans, dice.randint(1, 5))))
        lines.append(f"{voter};{','.join(map(str, chosen))}")
    return "\n".join(lines) + "\n"


def published(path: Path):
    """The round of an imported, counted and published file; (round, seconds of the import)."""
    from django.utils import timezone

    from ballots.actions import count_vote, publish_result
    from budget.imports import Wishes, import_budget
    from budget.settling import settle
    from people.models import User

    began = time.perf_counter()
    imported = import_budget(path, Wishes(), now=timezone.now(), watch=lambda _line: None)
    seconds = time.perf_counter() - began
    count_vote(imported.vote)
    clerk, _made = User.objects.get_or_create(email="bench@example.nl", defaults={"is_superuser": True})
    publish_result(imported.vote, actor=clerk)
    settle(imported.round.pk, now=timezone.now())
    return imported.round, seconds


def milliseconds(path: str, requests: int = REQUESTS) -> float:
    """The median time of one request, read to its end, by a visitor whose pages are not kept."""
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.cookies["own"] = "1"
    times = []
    for _request in range(requests + 2):
        began = time.perf_counter()
        response = client.get(path)
        b"".join(response)
        times.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200, (path, response.status_code)
    return statistics.median(times[2:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ballots", type=int, default=61_668)
    parser.add_argument("--plans", type=int, default=83)
    options = parser.parse_args()
    with servers():
        run(options.plans, options.ballots)


def run(plans: int, ballots: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.SECURE_SSL_REDIRECT = False
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from wagtail.models import Page

    from process.models import ProcessIndexPage

    home = Page.objects.filter(depth=2).first() or Page.get_first_root_node()
    home.add_child(instance=ProcessIndexPage(title="Processes", slug="processes"))
    folder = Path(os.environ["EMBEDDED_DIR"])
    street, city, many = folder / "street.pb", folder / "city.pb", folder / "many.pb"
    street.write_text(pb_text(3, 40))
    city.write_text(pb_text(plans, ballots))
    many.write_text(pb_text(300, 400))
    small, _seconds = published(street)
    large, seconds = published(city)
    long_list, _seconds = published(many)
    report(small, large, long_list, seconds, plans, ballots)


def report(small, large, long_list, seconds: float, plans: int, ballots: int) -> None:
    few, lots = (milliseconds(f"/begroting/{page.pk}/plannen/") for page in (small, long_list))
    street, city = (milliseconds(f"/begroting/{page.pk}/uitslag/") for page in (small, large))
    exports = {form: milliseconds(f"/begroting/{large.pk}/uitslag.{form}", 3) for form in ("csv", "json", "pb")}
    print(f"list of plans: {few:.0f} ms with 3 plans, {lots:.0f} ms with 300 (20 shown): ratio {lots / few:.1f}")
    print(f"result: {street:.0f} ms (3 plans, 40 ballots), {city:.0f} ms ({plans} plans, {ballots} ballots)", end="")
    print(f": ratio {city / street:.1f} for {ballots / 40:.0f} times the ballots")
    print("exports: " + ", ".join(f"{form} {value:.0f} ms" for form, value in exports.items()))
    print(f"import of {ballots} ballots: {seconds:.1f} s")
    met = city < RESULT_TARGET_MS and seconds < IMPORT_TARGET_S
    print(f"asked: result below {RESULT_TARGET_MS} ms, import below {IMPORT_TARGET_S} s: {'met' if met else 'NOT MET'}")


if __name__ == "__main__":
    sys.exit(main())
