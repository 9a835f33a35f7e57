"""One `key=value` line a record, in UTC, from which every secret has been taken out."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

MASK = "***"
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
SECRETS = (
    "SECRET_KEY",
    "INTERNAL_JOB_TOKEN",
    "SPOTIFY_CLIENT_SECRET",
    "LASTFM_API_KEY",
    "LISTENBRAINZ_TOKEN",
    "TELEGRAM_BOT_TOKEN",
)
SHORTEST_SECRET = 8  # shorter ones would take ordinary words out of the log

_NAMES = "access_token|refresh_token|client_secret|api_key|api_sig|token|secret|password|sessionid|csrftoken"
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"(?i)/bot\d+:[\w-]+"), f"/bot{MASK}"),
    (re.compile(r"\b\d{6,}:[\w-]{30,}"), MASK),
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+@"), rf"\1{MASK}@"),
    # In a query string, a form, JSON (escaped too) or a repr; a small number under such a name is a count.
    (
        re.compile(rf"""(?i)\b({_NAMES})(\\?["']?\s*[=:]\s*b?\\?["']?)(?!\d{{1,6}}\b)[^\s"'&,;}}\]\\]+"""),
        rf"\1\2{MASK}",
    ),
    # `code=` and `"code":` are also how our own errors are logged: only an address, a form or a long value is OAuth's.
    (re.compile(r"([?&](?:code|state)=)[^\s\"'&]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(%(?:3f|26)(?:code|state)%3d)[^\s\"'&%]+"), rf"\1{MASK}"),
    (re.compile(r"(\bcode=)[^\s\"'&]+(?=&)"), rf"\1{MASK}"),
    (re.compile(r"""(\b(?:code|state)\\?["']?\s*[=:]\s*\\?["']?)[\w.~-]{20,}"""), rf"\1{MASK}"),
    # What confirms a sign-in in the bot, and the address by which anybody may look at a run.
    (re.compile(r"\bfin_[\w-]{10,}"), f"fin_{MASK}"),
    (re.compile(r"(/runs/)[\w-]{16,}"), rf"\1{MASK}"),
)
# A chat's number, as a field, in an address, in JSON or a repr, in a constraint's complaint, in a listener's name.
_CHATS = re.compile(
    r"""(?i)(\b(?:telegram_)?chat(?:_id)?[\\"')]*\s*[=:]\s*[({\\"']*(?:id[\\"']*\s*:\s*[\\"']*)?|\bgroup:|\btg:?)(-?\d+)\b"""
)


def scrub(text: str) -> str:
    """`text` without tokens, credentials, codes and the values of the configured secrets."""
    for secret in _configured():
        text = text.replace(secret, MASK)
    for pattern, masked in _PATTERNS:
        text = pattern.sub(masked, text)
    return text


def hide_chats(text: str) -> str:
    """`text` with a name in the place of each chat's number: the same for the same chat, and telling nobody whose."""
    return _CHATS.sub(lambda found: f"{found[1]}#{chat_name(found[2])}", text)


def chat_name(chat_id: int | str) -> str:
    """Eight letters for a chat, which only who knows SECRET_KEY can compute."""
    return salted_hmac("vibe.logs.chat", str(chat_id), str(_setting("SECRET_KEY")), algorithm="sha256").hexdigest()[:8]


def _configured() -> list[str]:
    values = [str(_setting(name)) for name in SECRETS]
    values += [str(key) for key in _setting("TOKEN_ENCRYPTION_KEYS")]
    credentials = f"{_setting('SPOTIFY_CLIENT_ID')}:{_setting('SPOTIFY_CLIENT_SECRET')}"
    values.append(base64.b64encode(credentials.encode(errors="replace")).decode())
    forms = ((value, quote(value, safe="", errors="replace")) for value in values if len(value) >= SHORTEST_SECRET)
    shown = {form for both in forms for form in both}
    return sorted(shown, key=len, reverse=True)


def _setting(name: str) -> Any:
    try:
        return getattr(settings, name, "")
    except ImproperlyConfigured:  # Django's word for an empty SECRET_KEY: the error to be logged is about just that
        return ""


class ScrubbingFormatter(logging.Formatter):
    """Scrubs the final text, traceback included: a filter on the record's message was measured to leak.

    Chats are told by their numbers where LOG_LEVEL is DEBUG, for whoever looks for a fault with a listener beside him.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = scrub(super().format(record))
        return text if _setting("LOG_LEVEL") == "DEBUG" else hide_chats(text)

    def formatMessage(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.message,
            **{name: value for name, value in record.__dict__.items() if name not in STANDARD and _is_plain(value)},
        }
        return " ".join(f"{name}={_value(value)}" for name, value in fields.items())


class NotMeant(logging.Filter):
    """Leaves out a 503, which views answer on purpose: what is to be said of it, and how often, they log themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503


def log_uncaught() -> None:
    """Sends what nobody caught, in any thread, through the handlers above instead of straight to the terminal."""
    log = logging.getLogger("uncaught")

    def in_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("uncaught exception", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            in_process(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook, threading.excepthook = in_process, in_thread


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _value(value: object) -> str:
    """Quoted, with line breaks escaped, where it could be taken for more than one field."""
    text = str(value)
    return text if re.fullmatch(r"[^\s=\"]+", text) else json.dumps(text, ensure_ascii=False)
