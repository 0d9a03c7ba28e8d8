"""What the frame around every public page needs."""

from typing import Any

from django.http import HttpRequest

from pages.chrome import Chrome


def site_chrome(request: HttpRequest) -> dict[str, Any]:
    """`chrome` for templates; nothing is asked of the database or the session until a template uses it."""
    return {"chrome": Chrome(request)}
