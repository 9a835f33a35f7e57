"""The door Telegram brings updates through, where TELEGRAM_MODE is webhook."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from botapp import webhook
from vibe.clients import limiter

if TYPE_CHECKING:
    from botapp.intake import Intake

logger = logging.getLogger(__name__)
HASTE = 10.0  # seconds of saying, in a process whose server may end it after 30
LONGEST = 512 * 1024  # bytes; an update of Telegram's has a few thousand


class _AndThen(HttpResponse):
    """Does something when the answer is on its way: Telegram waits for nothing but the answer."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def close(self) -> None:
        # Before the end of the request, after which the connection to the database may be closed.
        try:
            self._then()
        finally:
            super().close()


@csrf_exempt
@never_cache
def telegram(request: HttpRequest) -> HttpResponseBase:
    """200 for whatever is not to come again; 503 where the database is away, and Telegram brings it later."""
    if not webhook.is_on():
        return HttpResponse(status=404)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not webhook.is_secret(request.headers.get(webhook.HEADER, "")):
        return HttpResponse(status=403)
    try:
        body = request.body if int(request.headers.get("Content-Length") or 0) <= LONGEST else None
    except (ValueError, RequestDataTooBig, UnreadablePostError):
        body = None
    if body is None:
        return HttpResponse(status=413)
    return _taken(body)


def _taken(body: bytes) -> HttpResponse:
    # Here alone: telebot is what makes up half of such a process, and only this door needs it.
    from botapp import intake

    try:
        delivery = _intake().handle(_read(body), timezone.now())
    except intake.AWAY as error:
        logger.error("webhook: the database failed (%s)", type(error).__name__)
        return HttpResponse(status=503)

    def answer() -> None:
        if delivery is not None:
            meter = limiter.opened(timezone.now)
            _intake().answer(delivery, meter, seconds=HASTE)
            limiter.store(meter)

    return _AndThen(answer)


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


@cache
def _intake() -> Intake:
    """One for all threads of this process: a flood is counted across them."""
    from botapp.intake import Intake

    return Intake()
