"""What is wrong with the settings, and what to write instead: `manage.py check`, and before every other command."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Warned
from django.core.checks.security.base import SECRET_KEY_INSECURE_PREFIX, SECRET_KEY_MIN_LENGTH
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from vibe import database
from vibe.clients import services

CALLBACK = "/auth/spotify/callback"
LOOPBACK = ("127.0.0.1", "::1")
MAKE_SECRETS = "Run `python -m vibe.first_run`, which writes the missing secrets to .env."
WEB = ("http", "https")
DASHBOARD = "Copy it from your app on https://developer.spotify.com/dashboard."


@register()
def secrets(**_: Any) -> list[CheckMessage]:
    return [*_env_file(), *_secret_key(), *_encryption_keys(), *_job_token(), *_bot_token()]


@register()
def addresses(**_: Any) -> list[CheckMessage]:
    return [*_services(), *_cache(), *_public_url(), *_redirect()]


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
    return [*_playlist(), *_spotify_app(), *_operator(), *_switches(), *_database()]


def _env_file() -> Iterator[CheckMessage]:
    if settings.NOT_READ:
        hint = "Save it as UTF-8 text that this user may read."
        yield Error(f"{settings.ENV_FILE} can't be read ({settings.NOT_READ}).", hint, id="vibe.E008")


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


def _bot_token() -> Iterator[CheckMessage]:
    if settings.TELEGRAM_BOT_TOKEN and not re.fullmatch(r"\d{6,}:[\w-]{30,}", settings.TELEGRAM_BOT_TOKEN, re.ASCII):
        hint = "Copy it from @BotFather (digits, a colon, about 35 more characters; not the @name), or leave it empty."
        yield Error("TELEGRAM_BOT_TOKEN is no token of a bot.", hint, id="vibe.E007")


def _services() -> Iterator[CheckMessage]:
    for name in services.ADDRESSES:
        if not _is_url(getattr(settings, name)):
            hint = "Write a whole address with http:// or https://, or delete the line for the default."
            yield Error(f"{name} is no address.", hint, id="vibe.E010")
    if not re.search(r"/v\d+/$", settings.SPOTIFY_API_URL):
        hint = "Write it with the version and a slash at the end: https://api.spotify.com/v1/"
        yield Error("SPOTIFY_API_URL does not end in its version, like /v1/.", hint, id="vibe.E011")
    if not settings.LASTFM_API_URL.endswith("/2.0/"):
        hint = "Write it with the version and a slash at the end: https://ws.audioscrobbler.com/2.0/"
        yield Error("LASTFM_API_URL does not end in /2.0/.", hint, id="vibe.E018")


def _cache() -> Iterator[CheckMessage]:
    if settings.REDIS_URL and not _is_url(settings.REDIS_URL, ("redis", "rediss")):
        # Not shown: it may hold a password.
        hint = "Write redis://host:6379/0 (rediss:// for TLS), or leave it empty to keep the cache in memory."
        yield Error("REDIS_URL is no address of Redis.", hint, id="vibe.E019")


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
    elif not _is_url(uri) or (uri.startswith("http://") and host not in LOOPBACK):
        hint = f"Spotify takes https://…{CALLBACK}, or http:// with the literal 127.0.0.1 or [::1]."
        yield Error("SPOTIFY_REDIRECT_URI is neither https nor a loopback address.", hint, id="vibe.E015")
    elif urlsplit(uri).path != CALLBACK or urlsplit(uri).query or urlsplit(uri).fragment:
        yield Error(f"SPOTIFY_REDIRECT_URI does not end in {CALLBACK}.", ours, id="vibe.E016")
    elif _is_url(settings.PUBLIC_URL) and _place(uri) != _place(settings.PUBLIC_URL):
        # The sign-in is bound to the browser by a cookie, which stays with the host that set it.
        yield Error("SPOTIFY_REDIRECT_URI is on another host or port than PUBLIC_URL.", ours, id="vibe.E017")


def _out_of_range() -> Iterator[CheckMessage]:
    for name, low, high in (
        ("MIN_NEW_RATIO", 0, 1),
        ("DEFAULT_PLAYLIST_SIZE", 1, 100),
        ("RECENT_DAYS_WINDOW", 1, 3650),
        ("COOLDOWN_DAYS", 1, 3650),
        *((gap, 0, 60_000) for gap in sorted(set(services.GAPS.values()))),
        *((name, 0, 3650) for name in ("TIDY_AFTER_DAYS", "LISTEN_HOURS", "MANUAL_RUNS_A_DAY")),
        *((name, 1, 64) for name in ("WORKERS", "MANUAL_WORKERS")),
        ("SPOTIFY_DAILY_CALLS", 0, 100_000_000),
    ):
        value = getattr(settings, name)
        if not low <= value <= high:
            yield Error(f"{name} is {value}.", f"Write a number from {low} to {high}.", id="vibe.E021")


def _playlist() -> Iterator[CheckMessage]:
    if settings.PLAYLIST_VISIBILITY not in {"private", "public"}:
        hint = "Write private or public."
        yield Error(f"PLAYLIST_VISIBILITY is {settings.PLAYLIST_VISIBILITY!r}.", hint, id="vibe.E022")
    if settings.LEARNING not in {"on", "frozen", "off"}:
        yield Error(f"LEARNING is {settings.LEARNING!r}.", "Write on, frozen or off.", id="vibe.E031")


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


def _switches() -> Iterator[CheckMessage]:
    for name, raw in settings.NOT_SWITCHES.items():
        yield Error(f"{name} is {raw!r}, which is neither on nor off.", "Write 1 or 0.", id="vibe.E027")


def _database() -> Iterator[CheckMessage]:
    url, path = settings.DATABASE_URL, settings.DB_PATH
    found = database.described(url) if url else database.in_file(path, settings.BASE_DIR)
    if found is None:
        # Not shown: it may hold a password.
        hint = (
            "Write postgres://user:password@host:5432/name (with / @ : # in a password as %2F %40 %3A %23)"
            " or sqlite:////path/to/file, or leave it empty."
        )
        yield Error("DATABASE_URL is no usable address of PostgreSQL or SQLite.", hint, id="vibe.E025")
    elif found["ENGINE"].endswith("sqlite3") and not _takes_data(found["NAME"]):
        name = "DATABASE_URL" if url else "DB_PATH"
        hint = "Make its directory, writable for this process; `python -m vibe.first_run` makes the default one."
        yield Error(f"No file can be written where {name} has the database.", hint, id="vibe.E028")
    if url and path:
        hint = "Delete one of the two lines."
        yield Warned("DATABASE_URL and DB_PATH are both set: DATABASE_URL wins.", hint, id="vibe.W003")


def _takes_data(name: str | Path) -> bool:
    if name == database.MEMORY:
        return True
    file = Path(name)
    if not (file.parent.is_dir() and os.access(file.parent, os.W_OK | os.X_OK)):
        return False
    return not file.exists() or (file.is_file() and os.access(file, os.W_OK))


def _is_url(text: str, schemes: tuple[str, ...] = WEB) -> bool:
    try:
        parts = urlsplit(text)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets, or a port that is none
        return False
    return whole and text.startswith(tuple(f"{scheme}://" for scheme in schemes)) and not re.search(r"\s", text)


def _place(address: str) -> tuple[str | None, int | None]:
    """Host and port; the port behind https is the proxy's affair."""
    parts = urlsplit(address)
    return parts.hostname, None if parts.scheme == "https" else parts.port or 80


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


def _host_header(address: SplitResult) -> str:
    """The host as a browser sends it, which brackets IPv6."""
    return f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname or ""
