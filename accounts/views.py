"""The browser's part of linking Spotify: one page to confirm, one that Spotify sends the browser back to."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import pasting, spotify_auth
from accounts.models import OAuthState, SpotifyAccount
from accounts.outbox import say
from accounts.refusals import REFUSALS
from accounts.spotify_auth import AnotherLinked, LinkRefused
from playlists import linking
from vibe import cached
from vibe.clients import limiter
from vibe.clients.errors import ServiceError
from vibe.clients.meter import Meter
from vibe.clients.telegram import TelegramClient
from vibe.throttle import throttled

logger = logging.getLogger(__name__)
BEGUN = "spotify_link"  # the session's entry for a sign-in under way
DAY = 86_400
STATUS = {  # of each refusal that a page tells
    "unknown": 404,
    "expired": 410,
    "mismatch": 400,
    "paste": 400,
    "denied": 403,
    "refused": 400,
    "scopes": 403,
    "taken": 409,
    "another": 409,
    "not_registered": 403,
    "premium": 503,
    "client": 503,
    "tokens": 503,
    "rate_limited": 503,
    "unavailable": 503,
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@throttled("link", 20, timedelta(minutes=1))
def start(request: HttpRequest) -> HttpResponse:
    """GET says who would be connected and changes nothing; POST claims the link and goes to Spotify."""
    try:
        if request.method == "POST":
            return _to_spotify(request)
        link = spotify_auth.link_of(request.GET.get("token", ""), timezone.now(), request.session.get(BEGUN))
    except LinkRefused as refusal:
        return _refused(request, refusal.code)
    return _page(request, "start", link, token=request.GET["token"])


@require_GET  # not HEAD, which would use the sign-in up without anybody seeing the page
@never_cache
@throttled("link_return", 20, timedelta(minutes=1))
def callback(request: HttpRequest) -> HttpResponse:
    """Where Spotify sends the browser back, with a code or with an error."""
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    begun, link = request.session.pop(BEGUN, None), None
    meter = limiter.opened(timezone.now)
    try:
        link = _returning(begun, state)
        if not code:
            raise LinkRefused("denied" if request.GET.get("error") == "access_denied" else "refused")
        pending, nonce = spotify_auth.finish_link(link, code, timezone.now, meter)
        if link.telegram_chat_id is None:
            return _page(request, "linked", link, account=_connected(link, pending))
        return _page(request, "linked", link, account=pending, nonce=nonce, button=_button(nonce, meter))
    except (LinkRefused, ServiceError) as error:
        return _refused(request, spotify_auth.reason(error), link)
    finally:
        limiter.store(meter)


def _returning(begun: dict[str, str] | None, state: str) -> OAuthState:
    try:
        return spotify_auth.returning(begun, state, timezone.now())
    except LinkRefused:
        # The phone's link was opened on the machine itself: its answer still belongs into the chat.
        if refusal := pasting.refusal(state, timezone.now()):
            raise refusal from None
        raise


def _connected(link: OAuthState, pending: SpotifyAccount) -> SpotifyAccount:
    """At once, for whoever has a shell here may do more than this; his chat, if there is one, is told."""
    try:
        account, facts = linking.connected(pending, keep=link.keep)
    except AnotherLinked:
        pending.delete()
        raise
    if link.user.telegram_chat_id is not None:
        say(link.user.telegram_chat_id, "linked", f"linked:{link.pk}", facts)
    return account


def _to_spotify(request: HttpRequest) -> HttpResponse:
    token, begun = request.POST.get("token", ""), request.session.get(BEGUN)
    address, begun = spotify_auth.confirm(token, timezone.now(), begun)
    # A session id that somebody planted before must not become the one that holds the sign-in.
    request.session.cycle_key()
    request.session[BEGUN] = begun
    return HttpResponse(status=303, headers={"Location": address})


def _button(nonce: str, meter: Meter) -> str:
    bot = _bot_name(meter)
    return f"{settings.TELEGRAM_LINK_URL.rstrip('/')}/{bot}?start=fin_{nonce}" if bot else ""


def _refused(request: HttpRequest, code: str, link: OAuthState | None = None) -> HttpResponse:
    if STATUS[code] == 503:
        logger.warning("a sign-in at Spotify failed, code=%s", code)
    title, sentence = REFUSALS[code]
    facts = {"code": code, "refusal": title, "sentence": sentence}
    return _page(request, "refused", link, status=STATUS[code], **facts)


def _page(
    request: HttpRequest, name: str, link: OAuthState | None, *, status: int = 200, **context: object
) -> HttpResponse:
    """In the language the bot speaks with him, where it is known who he is; else in the browser's."""
    language = link.user.language if link else translation.get_language()
    with translation.override(language):
        return render(request, f"accounts/{name}.html", {"link": link, **context}, status=status)


def _bot_name(meter: Meter) -> str:
    """The bot's username; "" where Telegram does not tell it now, and the page names the command to send instead."""
    token: str = settings.TELEGRAM_BOT_TOKEN
    if not token:
        return ""
    try:
        return cached.or_asked(f"bot_name:{token.partition(':')[0]}", TelegramClient(token, meter).get_me, DAY)
    except ServiceError:
        return ""
