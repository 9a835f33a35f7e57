"""What every answer of the web server carries, and the language a visitor chose by a link."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
YEAR = 31_536_000  # seconds
# No page of ours needs any of it; a page that somebody managed to change gets none either.
UNUSED = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def bodiless_head(answer: Answer) -> Answer:
    """HEAD is answered by views made for GET; the length of the page stays in the answer, as it should."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response

    return middleware


def permissions_policy(answer: Answer) -> Answer:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Permissions-Policy", UNUSED)
        return response

    return middleware


def chosen_language(answer: Answer) -> Answer:
    """`?lang=ru` holds for this page and, by Django's own cookie, for those after it; before LocaleMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("lang", "")
        if chosen not in dict(settings.LANGUAGES):
            return answer(request)
        name = settings.LANGUAGE_COOKIE_NAME
        request.COOKIES[name] = chosen
        response = answer(request)
        response.set_cookie(name, chosen, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax")
        return response

    return middleware
