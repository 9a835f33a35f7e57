"""What is wrong with the settings, and what to write instead: `manage.py check`, and before every other command."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Warned
from django.core.checks.security.base import SECRET_KEY_INSECURE_PREFIX, SECRET_KEY_MIN_LENGTH
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

CALLBACK = "/auth/spotify/callback"
LOOPBACK = ("127.0.0.1", "::1")
MAKE_SECRETS = "Run `python -m vibe.first_run`, which writes the missing secrets to .env."
DASHBOARD = "Copy it from your app on https://developer.spotify.com/dashboard."


@register()
def secrets(**_: Any) -> list[CheckMessage]:
    return [*_secret_key(), *_encryption_keys(), *_job_token()]


@register()
def addresses(**_: Any) -> list[CheckMessage]:
    return [*_services(), *_public_url(), *_redirect()]


@register()
def numbers(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(
            f"{name} is {raw!r}, which is no number.",
            "Write digits, like 30 (MIN_NEW_RATIO: like 0.8).",
            id="vibe.E020",
        )
        for name, raw in settings.NOT_NUMBERS.items()
    ]
    return [*found, *_out_of_range()]


@register()
def choices(**_: Any) -> list[CheckMessage]:
    return [*_playlist(), *_spotify_app(), *_operator(), *_database()]


def _secret_key() -> Iterator[CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's word for an empty one
        key = ""
    if not key:
        yield Error("SECRET_KEY is missing.", MAKE_SECRETS, id="vibe.E001")
    elif not settings.DEBUG and (len(key) < SECRET_KEY_MIN_LENGTH or len(set(key)) < 5):
        hint = f"Write at least {SECRET_KEY_MIN_LENGTH} random characters; or delete the line. {MAKE_SECRETS}"
        yield Error("SECRET_KEY is too short to be safe.", hint, id="vibe.E002")
    elif not settings.DEBUG and key.startswith(SECRET_KEY_INSECURE_PREFIX):
        hint = f"Delete the line. {MAKE_SECRETS}"
        yield Error("SECRET_KEY is an example, which others know too.", hint, id="vibe.E003")


def _encryption_keys() -> Iterator[CheckMessage]:
    if not settings.TOKEN_ENCRYPTION_KEYS:
        yield Error("TOKEN_ENCRYPTION_KEYS is missing.", MAKE_SECRETS, id="vibe.E004")
    for place, key in enumerate(settings.TOKEN_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            hint = "Each is 32 bytes in URL-safe base64, 44 characters; the first encrypts, all decrypt."
            yield Error(f"Key {place} of TOKEN_ENCRYPTION_KEYS is no Fernet key.", hint, id="vibe.E005")


def _job_token() -> Iterator[CheckMessage]:
    if settings.INTERNAL_JOB_TOKEN and len(settings.INTERNAL_JOB_TOKEN) < 32:
        hint = "Write at least 32 random characters, or leave it empty to switch the endpoint off."
        yield Error("INTERNAL_JOB_TOKEN is too short to be safe.", hint, id="vibe.E006")


def _services() -> Iterator[CheckMessage]:
    names = ("SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "LASTFM_API_URL", "TELEGRAM_API_URL", "TELEGRAM_LINK_URL")
    for name in names:
        if not _is_url(getattr(settings, name)):
            hint = "Write a whole address with http:// or https://, or delete the line for the default."
            yield Error(f"{name} is no address.", hint, id="vibe.E010")
    if not settings.SPOTIFY_API_URL.endswith("/"):
        hint = "Write it with the version and a slash at the end: https://api.spotify.com/v1/"
        yield Error('SPOTIFY_API_URL does not end in "/".', hint, id="vibe.E011")


def _public_url() -> Iterator[CheckMessage]:
    if not _is_url(settings.PUBLIC_URL):
        hint = "Write where a browser finds this service, like https://vibe.example.org."
        yield Error("PUBLIC_URL is no address.", hint, id="vibe.E012")
    elif not validate_host(_host_header(urlsplit(settings.PUBLIC_URL)), settings.ALLOWED_HOSTS):
        host = _host_header(urlsplit(settings.PUBLIC_URL))
        yield Error("The host of PUBLIC_URL is not in ALLOWED_HOSTS.", f"Add {host} to ALLOWED_HOSTS.", id="vibe.E013")


def _redirect() -> Iterator[CheckMessage]:
    uri = settings.SPOTIFY_REDIRECT_URI
    host = _host(uri)
    ours = f"Write {settings.PUBLIC_URL}{CALLBACK}, and the same on the Spotify dashboard; or delete the line."
    if host == "localhost":
        hint = f"Spotify refuses localhost. Write http://127.0.0.1:8000{CALLBACK}, and PUBLIC_URL likewise."
        yield Error("SPOTIFY_REDIRECT_URI names localhost.", hint, id="vibe.E014")
    elif not uri.startswith("https://") and not (uri.startswith("http://") and host in LOOPBACK):
        hint = f"Spotify takes https://…{CALLBACK}, or http:// with the literal 127.0.0.1 or [::1]."
        yield Error("SPOTIFY_REDIRECT_URI is neither https nor a loopback address.", hint, id="vibe.E015")
    elif urlsplit(uri).path != CALLBACK or urlsplit(uri).query or urlsplit(uri).fragment:
        yield Error(f"SPOTIFY_REDIRECT_URI does not end in {CALLBACK}.", ours, id="vibe.E016")
    elif _is_url(settings.PUBLIC_URL) and host != _host(settings.PUBLIC_URL):
        # The sign-in is bound to the browser by a cookie, which stays with the host that set it.
        yield Error("SPOTIFY_REDIRECT_URI is on another host than PUBLIC_URL.", ours, id="vibe.E017")


def _out_of_range() -> Iterator[CheckMessage]:
    for name, low, high in (
        ("MIN_NEW_RATIO", 0, 1),
        ("DEFAULT_PLAYLIST_SIZE", 1, 100),
        ("RECENT_DAYS_WINDOW", 1, 3650),
        ("COOLDOWN_DAYS", 1, 3650),
        ("SPOTIFY_CALL_GAP_MS", 0, 60_000),
        ("LASTFM_CALL_GAP_MS", 0, 60_000),
    ):
        value = getattr(settings, name)
        if not low <= value <= high:
            yield Error(f"{name} is {value}.", f"Write a number from {low} to {high}.", id="vibe.E021")


def _playlist() -> Iterator[CheckMessage]:
    if settings.PLAYLIST_VISIBILITY not in {"private", "public"}:
        hint = "Write private or public."
        yield Error(f"PLAYLIST_VISIBILITY is {settings.PLAYLIST_VISIBILITY!r}.", hint, id="vibe.E022")


def _spotify_app() -> Iterator[CheckMessage]:
    if settings.SPOTIFY_DEFAULT_MARKET and not re.fullmatch("[A-Z]{2}", settings.SPOTIFY_DEFAULT_MARKET):
        hint = "Write the two capital letters of a country, like DE, or leave it empty."
        yield Error("SPOTIFY_DEFAULT_MARKET is no country code.", hint, id="vibe.E023")
    if not settings.SPOTIFY_CLIENT_ID:
        yield Warned("SPOTIFY_CLIENT_ID is missing: nobody can connect Spotify.", DASHBOARD, id="vibe.W001")
    if not settings.SPOTIFY_CLIENT_SECRET:
        yield Warned("SPOTIFY_CLIENT_SECRET is missing: nobody can connect Spotify.", DASHBOARD, id="vibe.W002")


def _operator() -> Iterator[CheckMessage]:
    if settings.LOG_LEVEL not in logging.getLevelNamesMapping():
        yield Error(f"LOG_LEVEL is {settings.LOG_LEVEL!r}.", "Write DEBUG, INFO, WARNING or ERROR.", id="vibe.E026")
    if settings.OPERATOR_CHAT_ID and not re.fullmatch(r"-?[0-9]+", settings.OPERATOR_CHAT_ID):
        hint = "Write the number of the operator's Telegram chat (not the @name), or leave it empty."
        yield Error("OPERATOR_CHAT_ID is no number.", hint, id="vibe.E024")


def _database() -> Iterator[CheckMessage]:
    if settings.DATABASE_URL and not settings.DATABASE_URL.startswith(settings.DATABASE_SCHEMES):
        # Not shown: it may hold a password.
        hint = "Write postgres://user:password@host:5432/name or sqlite:////path/to/file, or leave it empty."
        yield Error("DATABASE_URL is neither PostgreSQL nor SQLite.", hint, id="vibe.E025")
    if settings.DATABASE_URL and settings.DB_PATH:
        hint = "Delete one of the two lines."
        yield Warned("DATABASE_URL and DB_PATH are both set: DATABASE_URL wins.", hint, id="vibe.W003")


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://")) and bool(_host(text)) and not re.search(r"\s", text)


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


def _host_header(address: SplitResult) -> str:
    """The host as a browser sends it, which brackets IPv6."""
    return f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname or ""
