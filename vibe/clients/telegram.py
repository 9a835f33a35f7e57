"""What we say in Telegram. https://core.telegram.org/bots/api

Our own form POST: telebot's transport puts texts into the URL, and the URL with the token into its exceptions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeAlias

import requests
from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import TIMEOUT, Refused, ask, blocked_until, session, transport_error
from vibe.clients.meter import Meter

TELEGRAM = "telegram"
CODES = {400: "bad_request", 401: "bad_token", 403: "blocked", 404: "bad_token", 409: "conflict"}
# A 400 is told apart by its words alone, and a 409 too: Telegram numbers them all the same.
WORDS = {
    "chat not found": "chat_not_found",
    "message to edit not found": "message_gone",
    "message can't be edited": "message_gone",
    "message_id_invalid": "message_gone",
    "webhook is active": "webhook_set",
}
HASTE = (3.05, 5.0)  # as TIMEOUT
UNCHANGED = "message is not modified"
Markup: TypeAlias = Mapping[str, Any]  # a keyboard, as Telegram's reply_markup


class TelegramClient:
    """Methods raise ServiceError: permanent `blocked`, `chat_not_found`, `bad_token`, `bad_request`; or RateLimited.

    Texts are Telegram's HTML, at most 4,096 characters as shown. Links get no preview: its crawler opens them, and
    one of ours can be opened only once.
    """

    def __init__(self, token: str, meter: Meter) -> None:
        self._token, self._meter = token, meter

    def get_me(self) -> str:
        """The bot's username."""
        return str(self._ask("getMe", {}, repeatable=True).get("username", ""))

    def send_message(self, chat_id: int, html: str, *, markup: Markup | None = None, silent: bool = False) -> int:
        """The id of the message. Not repeated on a failure: it may have been said."""
        form = _form(chat_id, html, markup) | ({"disable_notification": "true"} if silent else {})
        return _message_id(self._ask("sendMessage", form, repeatable=False))

    def edit_message(self, chat_id: int, message_id: int, html: str, *, markup: Markup | None = None) -> None:
        """Puts text and buttons in the place of the message's own; one that is so already is a success.

        Raises ServiceError too: permanent `message_gone` where there is nothing (any more) that can be edited.
        """
        form = _form(chat_id, html, markup) | {"message_id": str(message_id)}
        self._ask("editMessageText", form, repeatable=True)

    def edit_once(self, chat_id: int, message_id: int, html: str, *, markup: Markup | None = None) -> None:
        """`edit_message` for what is of no use later: one attempt, soon given up, and no limit is waited out."""
        form = _form(chat_id, html, markup) | {"message_id": str(message_id)}
        with self._meter.call(TELEGRAM, "editMessageText"), suppress(Unchanged):
            posted(self._token, "editMessageText", form, self._meter.clock(), timeout=HASTE)

    def send_document(self, chat_id: int, name: str, content: bytes, html: str = "") -> int:
        """A file with a caption; the id of the message. Not repeated on a failure."""
        form = {"chat_id": str(chat_id), "caption": html, "parse_mode": "HTML"}
        files = {"document": (name, content, "application/json")}
        return _message_id(self._ask("sendDocument", form, repeatable=False, files=files))

    def _ask(
        self,
        method: str,
        form: Mapping[str, str],
        *,
        repeatable: bool,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> dict[str, Any]:
        def post() -> dict[str, Any]:
            try:
                answer = posted(self._token, method, form, self._meter.clock(), files=files)
            except Unchanged:
                return {}
            if not isinstance(answer, dict):
                raise ServiceError(TELEGRAM, "malformed")
            return answer

        return ask(self._meter, TELEGRAM, method, post, repeatable=repeatable)


class Unchanged(Exception):
    """The message is so already."""


def posted(
    token: str,
    method: str,
    form: Mapping[str, str],
    now: datetime,
    *,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    timeout: tuple[float, float] = TIMEOUT,
) -> Any:
    """One call: the `result` of its answer. Raises ServiceError or Unchanged; neither holds the token."""
    url = f"{settings.TELEGRAM_API_URL.rstrip('/')}/bot{token}/{method}"
    try:
        body = session().post(url, data=form, files=files, timeout=timeout).json()
    except Refused as refused:
        if UNCHANGED in _words(refused):
            raise Unchanged from None
        raise _refusal(refused, now) from None
    except requests.RequestException as error:
        raise transport_error(TELEGRAM, error) from None
    if not isinstance(body, dict) or "result" not in body:
        raise ServiceError(TELEGRAM, "malformed")
    return body["result"]


def _form(chat_id: int, html: str, markup: Markup | None) -> dict[str, str]:
    form = {"chat_id": str(chat_id), "text": html, "parse_mode": "HTML"}
    form["link_preview_options"] = json.dumps({"is_disabled": True})
    if markup:
        form["reply_markup"] = json.dumps(markup)
    return form


def _message_id(answer: Mapping[str, Any]) -> int:
    message_id = answer.get("message_id")
    if not isinstance(message_id, int):
        raise ServiceError(TELEGRAM, "malformed")
    return message_id


def _refusal(refused: Refused, now: datetime) -> ServiceError:
    if refused.status == 429:
        parameters = _said(refused).get("parameters")
        retry_after = parameters.get("retry_after") if isinstance(parameters, dict) else None
        return RateLimited(TELEGRAM, blocked_until(retry_after, now))
    if refused.status not in CODES:
        return ServiceError(TELEGRAM, "unavailable", status=refused.status)
    known = next((words for words in WORDS if words in _words(refused)), "")
    code = WORDS.get(known, CODES[refused.status])
    return ServiceError(TELEGRAM, code, permanent=True, status=refused.status)


def _words(refused: Refused) -> str:
    """What Telegram says of a request that it did not understand; empty for any other answer."""
    return str(_said(refused).get("description", "")).casefold() if refused.status in (400, 409) else ""


def _said(refused: Refused) -> dict[str, Any]:
    try:
        body = json.loads(refused.text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
