"""Who is at the other end of a request, for the limits on how often."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The visitor's IP address. Behind https it is what our own proxy added last; what stands before is hearsay."""
    told: str = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
