"""What we say in Telegram. https://core.telegram.org/bots/api

Our own form POST: telebot's transport puts texts into the URL, and the URL with the token into its exceptions.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import requests
from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import TIMEOUT, Meter, Refused, ask, blocked_until, session, transport_error

TELEGRAM = "telegram"
CODES = {400: "bad_request", 401: "bad_token", 403: "blocked", 404: "bad_token"}


class TelegramClient:
    """Methods raise ServiceError: permanent `blocked`, `chat_not_found`, `bad_token`, `bad_request`; or RateLimited."""

    def __init__(self, token: str, meter: Meter) -> None:
        self._token, self._meter = token, meter

    def get_me(self) -> str:
        """The bot's username."""
        return str(self._ask("getMe", {}, repeatable=True).get("username", ""))

    def send_message(self, chat_id: int, html: str) -> int:
        """The id of the message. Not repeated on a failure: it may have been said."""
        form = {"chat_id": str(chat_id), "text": html, "parse_mode": "HTML"}
        message_id = self._ask("sendMessage", form, repeatable=False).get("message_id")
        if not isinstance(message_id, int):
            raise ServiceError(TELEGRAM, "malformed")
        return message_id

    def _ask(self, method: str, form: dict[str, str], *, repeatable: bool) -> dict[str, Any]:
        def post() -> dict[str, Any]:
            url = f"{settings.TELEGRAM_API_URL.rstrip('/')}/bot{self._token}/{method}"
            try:
                body = session().post(url, data=form, timeout=TIMEOUT).json()
            except Refused as refused:
                raise _refusal(refused, self._meter.clock()) from None
            except requests.RequestException as error:
                raise transport_error(TELEGRAM, error) from None
            if not isinstance(body, dict) or not isinstance(body.get("result"), dict):
                raise ServiceError(TELEGRAM, "malformed")
            answer: dict[str, Any] = body["result"]
            return answer

        return ask(self._meter, TELEGRAM, method, post, repeatable=repeatable)


def _refusal(refused: Refused, now: datetime) -> ServiceError:
    try:
        body = json.loads(refused.text)
    except ValueError:
        body = None
    said = body if isinstance(body, dict) else {}
    if refused.status == 429:
        parameters = said.get("parameters")
        retry_after = parameters.get("retry_after") if isinstance(parameters, dict) else None
        return RateLimited(TELEGRAM, blocked_until(retry_after, now))
    if refused.status not in CODES:
        return ServiceError(TELEGRAM, "unavailable", status=refused.status)
    missing = refused.status == 400 and "chat not found" in str(said.get("description", "")).casefold()
    code = "chat_not_found" if missing else CODES[refused.status]
    return ServiceError(TELEGRAM, code, permanent=True, status=refused.status)
