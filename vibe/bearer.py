"""The token that programs show: the nightly endpoint's, and the one that opens the details of `/ready`."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

SHORTEST = 32


def is_switched_on() -> bool:
    """Without a token that is long enough there is no door: two empty ones would be equal."""
    return len(settings.INTERNAL_JOB_TOKEN) >= SHORTEST


def is_shown(request: HttpRequest) -> bool:
    """Whether the request carries the token, as `Authorization: Bearer …`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    told = scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.INTERNAL_JOB_TOKEN)
    return told and is_switched_on()
