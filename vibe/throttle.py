"""How often one address may ask for something: a token bucket a visitor, in Django's cache.

Every process shares one where the cache is Redis; in memory each process has its own, so the limit is multiplied by
their number. Two requests at the same moment may take the same token: nothing here rests on an exact count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from vibe import visitors
from vibe.cached import optional

View = Callable[..., HttpResponse]


def throttled(name: str, limit: int, per: timedelta, *, as_json: bool = False) -> Callable[[View], View]:
    """Answers 429 with Retry-After to whoever comes more than `limit` times at once, then once every `per / limit`.

    `name`: views that share it share their limit.
    """

    def limited(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            rest = wait(f"{name}:{visitors.network(request)}", limit, per, timezone.now())
            return _too_many(request, rest, as_json) if rest else view(request, *args, **kwargs)

        return answer

    return limited


def wait(key: str, limit: int, per: timedelta, now: datetime) -> timedelta:
    """Takes a token from the bucket of `key`; where it is empty, how long until the next one drops into it."""
    # One number a bucket: when it will be full again. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
    key = f"throttle:{key}"
    with optional():  # a cache that is away must not lock everybody out
        full: datetime = max(cache.get(key, now), now) + per / limit
        if full - now > per:
            return full - now - per
        cache.set(key, full, math.ceil((full - now).total_seconds()))
    return timedelta()


def _too_many(request: HttpRequest, rest: timedelta, as_json: bool) -> HttpResponse:
    if not as_json:
        return page(request, rest)
    seconds = math.ceil(rest.total_seconds())
    error = {"code": "too_many_requests", "notes": _("Ask again in {seconds} s.").format(seconds=seconds)}
    return _later(JsonResponse({"error": error}, status=429), rest)


def page(request: HttpRequest, rest: timedelta, **context: Any) -> HttpResponse:
    """What a person is told who has to wait for so long."""
    minutes = math.ceil(rest / timedelta(minutes=1))
    return _later(render(request, "429.html", {"minutes": minutes, **context}, status=429), rest)


def _later(answer: HttpResponse, rest: timedelta) -> HttpResponse:
    answer["Retry-After"], answer["Cache-Control"] = str(math.ceil(rest.total_seconds())), "no-store"
    return answer
