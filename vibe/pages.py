"""The pages that belong to no app: the landing, the privacy page, and what is said of errors."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.views import _bot_name
from vibe import cached
from vibe.clients import limiter

# Those who ask there are programs.
FOR_PROGRAMS = ("/internal/", "/telegram/", "/health", "/ready", "/metrics")
ERRORS = {400: "bad_request", 403: "forbidden", 404: "not_found", 413: "too_large", 500: "internal"}
ASKED_AGAIN = 300  # seconds after which the bot's name is asked for again; anybody may open the landing at any rate


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/landing.html", {"bot": cached.or_asked("landing_bot", bot_address, ASKED_AGAIN)})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


def bot_address() -> str:
    """Of the chat with the bot; "" where there is none or Telegram does not tell its name now."""
    meter = limiter.opened(timezone.now)
    try:
        name = _bot_name(meter)
    finally:
        limiter.store(meter)
    return f"{settings.TELEGRAM_LINK_URL.rstrip('/')}/{name}" if name else ""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    return _error(request, 500)


def _error(request: HttpRequest, status: int) -> HttpResponse:
    """Without the request in the template: what it would read of it may be what has just failed."""
    if request.path.startswith(FOR_PROGRAMS):
        return JsonResponse({"error": ERRORS[status]}, status=status)
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
