"""The log-ins that `make demo` prints, kept in a file that only the owner reads."""

from pathlib import Path

from django.conf import settings

from config.demo.population import LOG_INS

FILE = "demo-logins.txt"


def write_log_ins(password: str, code: str) -> Path:
    """Writes `var/demo-logins.txt`: one line per account, and a voting code (stemcode) for who has none."""
    width = max(len(log_in.email) for log_in in LOG_INS)
    lines = [f"  {log_in.email:<{width}}  {log_in.label}" for log_in in LOG_INS]
    text = "\n".join(
        [
            f"Log in with password: {password}",
            *lines,
            "Staff need a second code as well: the page /demo/ of the site shows it, and the site's mail.",
            f"Vote without an account, in the vote about the Havenkade, with voting code: {code}",
        ]
    )
    path = Path(settings.VAR_DIR) / FILE
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return path
