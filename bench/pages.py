"""What an anonymous visitor's page costs: the list of 2,000 proposals made anew against the list of 3, and against the same page kept.

    python bench/pages.py [--proposals 2000] [--requests 600] [--clients 4]

Two gunicorn workers and servers of its own, as bench/casting.py; the visitors are two processes beside them. A visitor with a cookie
of their own gets a page that is made anew, one without gets the kept one.
"""

import argparse
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

from casting import _exchange, say_where, servers, web_server

NEW_TARGET, KEPT_TARGET, QUERIES_TARGET = 60, 1000, 12
PROCESSES = 2


def rate(port: int, path: str, *, requests: int, clients: int, kept: bool) -> float:
    """Requests a second, `clients` at a time; a wrong answer ends everything."""
    cookie = "" if kept else "Cookie: own=1\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}Connection: close\r\n\r\n".encode()
    context = multiprocessing.get_context("fork")
    share = (port, request, requests // PROCESSES, max(1, clients // PROCESSES))
    visitors = [context.Process(target=_visit, args=share) for _number in range(PROCESSES)]
    began = time.perf_counter()
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    if any(visitor.exitcode for visitor in visitors):
        sys.exit(f"{path} was not answered with a page.")
    return requests // PROCESSES * PROCESSES / (time.perf_counter() - began)


def _visit(port: int, request: bytes, requests: int, clients: int) -> None:
    answers = []

    def ask() -> None:
        answers.extend(_exchange(port, request)[:12] for _number in range(requests // clients))

    threads = [threading.Thread(target=ask) for _client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(set(answers) != {b"HTTP/1.1 200"})


def queries(path: str) -> int:
    """The number of queries of one page, made anew by a process that has made it before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost")
    client.cookies["own"] = "1"
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def make_lists(many: int) -> tuple[str, str]:
    """The addresses of a list with 3 proposals and one with many."""
    from wagtail.models import Page

    from tests.factories.proposals import make_many, make_proposals_page

    root = Page.get_first_root_node()
    addresses = []
    for number in (3, many):
        page = make_proposals_page(root)
        make_many(page, number)
        addresses.append(page.get_url())
    return addresses[0], addresses[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proposals", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=600, help="pages made anew; of kept pages ten times as many")
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    with servers():
        run(options.proposals, options.requests, options.clients)


def run(proposals: int, requests: int, clients: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.SECURE_SSL_REDIRECT = False
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    say_where(connection)
    few, lots = make_lists(proposals)
    counted = queries(few), queries(lots)
    connection.close()
    connection.close_pool()
    with web_server(Path(os.environ["EMBEDDED_DIR"]) / "web.log") as (port, _master):
        for path in (few, lots):
            rate(port, path, requests=40, clients=clients, kept=False)
        short = rate(port, few, requests=requests, clients=clients, kept=False)
        new = rate(port, lots, requests=requests, clients=clients, kept=False)
        rate(port, lots, requests=40, clients=clients, kept=True)
        kept = rate(port, lots, requests=10 * requests, clients=2 * clients, kept=True)
    report(proposals, counted, short, new, kept)


def report(proposals: int, counted: tuple[int, int], short: float, new: float, kept: float) -> None:
    print(f"list made anew: {new:.0f} pages/s with {proposals} proposals, {short:.0f} with 3: ratio {new / short:.2f}")
    print(f"queries: {counted[1]} with {proposals} proposals, {counted[0]} with 3")
    print(f"kept page: {kept:.0f} pages/s: ratio {kept / new:.1f} to the page made anew")
    met = new >= NEW_TARGET and kept >= KEPT_TARGET and counted[0] == counted[1] <= QUERIES_TARGET
    asked = f"{NEW_TARGET} pages/s made anew, {KEPT_TARGET} kept, {QUERIES_TARGET} queries at most, the same for 3"
    print(f"asked: {asked}: {'met' if met else 'NOT MET'}")


if __name__ == "__main__":
    main()
