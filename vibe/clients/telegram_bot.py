"""What keeps a bot running at Telegram, beside what it says. https://core.telegram.org/bots/api#getting-updates

None of it is a message: it waits for nobody's pace, and a limit on sending does not stop it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vibe.clients.errors import ServiceError
from vibe.clients.http import TIMEOUT, ask
from vibe.clients.meter import Meter
from vibe.clients.telegram import TELEGRAM, posted

UNPACED = "telegram_bot"  # under which these calls are counted
KINDS = ("message", "callback_query", "my_chat_member")  # the updates we want
SLACK = 10.0  # seconds Telegram may take beyond the poll
SHORT = (1.0, 1.0)


class Webhook(NamedTuple):
    """Where Telegram takes the updates, "" for nowhere; how many wait; why it could not bring one lately."""

    url: str
    waiting: int
    last_error: str


class BotClient:
    """Methods raise ServiceError: permanent `bad_token`, `conflict` (another program asks for the updates),
    `webhook_set` (they go elsewhere), `bad_request`; or RateLimited."""

    def __init__(self, token: str, meter: Meter) -> None:
        self._token, self._meter = token, meter

    def get_me(self) -> str:
        """The bot's username."""
        me = self._ask("getMe", {})
        return str(me.get("username", "")) if isinstance(me, dict) else ""

    def get_updates(self, offset: int, seconds: int) -> list[dict[str, Any]]:
        """Those from `offset` on (0: all that wait), waiting so long for the first; this acknowledges all before."""
        form = {"timeout": str(seconds), "allowed_updates": json.dumps(KINDS)} | _from(offset)
        timeout = (TIMEOUT[0], seconds + SLACK)
        answer = posted(self._token, "getUpdates", form, self._meter.clock(), timeout=timeout)
        updates = [update for update in answer if _has_number(update)] if isinstance(answer, list) else []
        if not updates and answer != []:
            raise ServiceError(TELEGRAM, "malformed")
        return updates

    def acknowledge(self, offset: int) -> None:
        """All before `offset`, in two seconds or not at all."""
        form = {"timeout": "0", "limit": "1"} | _from(offset)
        posted(self._token, "getUpdates", form, self._meter.clock(), timeout=SHORT)

    def webhook(self) -> str:
        """Where the updates are sent; empty for nowhere."""
        return self.webhook_state().url

    def webhook_state(self) -> Webhook:
        """https://core.telegram.org/bots/api#webhookinfo"""
        answer = self._ask("getWebhookInfo", {})
        if not isinstance(answer, dict):
            raise ServiceError(TELEGRAM, "malformed")
        waiting = answer.get("pending_update_count")
        return Webhook(
            url=str(answer.get("url", "")),
            waiting=waiting if isinstance(waiting, int) else 0,
            last_error=str(answer.get("last_error_message", "")),
        )

    def chat_kind(self, chat_id: int) -> str:
        """private, group, supergroup or channel. Raises ServiceError, permanent `chat_not_found` among others."""
        answer = self._ask("getChat", {"chat_id": str(chat_id)})
        return str(answer.get("type", "")) if isinstance(answer, dict) else ""

    def set_webhook(self, url: str, secret: str) -> None:
        """One update after the other: with more connections a listener's second message may be there first."""
        form = {"url": url, "secret_token": secret, "allowed_updates": json.dumps(KINDS), "max_connections": "1"}
        self._ask("setWebhook", form)

    def delete_webhook(self) -> None:
        """What waits there is kept."""
        self._ask("deleteWebhook", {"drop_pending_updates": "false"})

    def set_commands(self, commands: Sequence[tuple[str, str]], language: str = "") -> None:
        """(name, description), for listeners whose Telegram is in that language; "" for all others."""
        told = [{"command": name, "description": description} for name, description in commands]
        form = {"commands": json.dumps(told, ensure_ascii=False)}
        self._ask("setMyCommands", form | ({"language_code": language} if language else {}))

    def answer_callback(self, callback_id: str, text: str = "") -> None:
        """Ends the waiting of a pressed button. Not while Telegram refuses all of us."""
        self._meter.refuse_blocked(TELEGRAM)
        form = {"callback_query_id": callback_id} | ({"text": text} if text else {})
        self._ask("answerCallbackQuery", form, repeatable=False)

    def _ask(self, method: str, form: Mapping[str, str], *, repeatable: bool = True) -> Any:
        return ask(
            self._meter,
            UNPACED,
            method,
            lambda: posted(self._token, method, form, self._meter.clock()),
            repeatable=repeatable,
        )


def _from(offset: int) -> dict[str, str]:
    return {"offset": str(offset)} if offset else {}


def _has_number(update: object) -> bool:
    return isinstance(update, dict) and isinstance(update.get("update_id"), int)
