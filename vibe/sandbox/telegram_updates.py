"""How the bot gets its updates: it asks and waits, or has them posted to its webhook."""

from __future__ import annotations

import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from vibe.sandbox.telegram_state import Row, Webhook
from vibe.sandbox.telegram_wire import Ask, TelegramError, bad

LONGEST_POLL = 50  # seconds
PORTS = (80, 88, 443, 8443)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WEBHOOK_IS_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
ANOTHER_ASKS = "terminated by other getUpdates request; make sure that only one bot instance is running"


def get_updates(ask: Ask) -> list[Row]:
    """Waits at the condition, which lets go of the sandbox's lock for that time."""
    inbox = ask.telegram.inbox
    if inbox.webhook:
        raise _conflict(WEBHOOK_IS_SET)
    _allow(ask)
    limit = ask.whole("limit", 100, 1, 100)
    end = time.monotonic() + ask.whole("timeout", 0, 0, LONGEST_POLL)
    inbox.acknowledge(ask.whole("offset", 0, -100, 10**12))
    inbox.poll += 1
    mine = inbox.poll
    inbox.changed.notify_all()
    while not (found := inbox.ready(limit)) and (left := end - time.monotonic()) > 0:
        inbox.changed.wait(left)
        if inbox.webhook:
            raise _conflict("terminated by setWebhook request")
        if inbox.poll != mine:
            raise _conflict(ANOTHER_ASKS)
    return found


def set_webhook(ask: Ask) -> bool:
    url, secret = ask.text("url"), ask.text("secret_token")
    if not url:
        return delete_webhook(ask)
    if fault := _url_fault(url):
        raise bad(f"bad webhook: {fault}")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret, re.ASCII):
        raise bad("secret token contains unallowed characters")
    _allow(ask)
    _drop(ask)
    inbox = ask.telegram.inbox
    inbox.webhook = Webhook(url, secret, ask.whole("max_connections", 40, 1, 100))
    inbox.changed.notify_all()
    from vibe.sandbox.telegram_delivery import deliver  # with requests, a third of what a sandbox loads to start

    threading.Thread(target=deliver, args=(ask.sandbox, inbox.webhook), daemon=True).start()
    return True


def delete_webhook(ask: Ask) -> bool:
    _drop(ask)
    ask.telegram.inbox.webhook = None
    ask.telegram.inbox.changed.notify_all()
    return True


def get_webhook_info(ask: Ask) -> dict[str, Any]:
    inbox = ask.telegram.inbox
    webhook = inbox.webhook or Webhook("")
    info: dict[str, Any] = {"url": webhook.url, "has_custom_certificate": False}
    info["pending_update_count"] = len(inbox.waiting)
    if webhook.url:
        info["max_connections"] = webhook.most
    if webhook.last_error:
        info["last_error_date"], info["last_error_message"] = webhook.last_error
    return info | ({"allowed_updates": sorted(inbox.allowed)} if inbox.allowed is not None else {})


def _allow(ask: Ask) -> None:
    """The kinds of updates wanted from now on; they stay what they are where nothing is sent."""
    if "allowed_updates" not in ask.params:
        return
    kinds = ask.parsed("allowed_updates", list, "can't parse allowed updates: expected an Array of String")
    if not all(isinstance(kind, str) for kind in kinds or []):
        raise bad("can't parse allowed updates: expected an Array of String")
    ask.telegram.inbox.allowed = frozenset(kinds) if kinds else None


def _drop(ask: Ask) -> None:
    if ask.flag("drop_pending_updates"):
        ask.telegram.inbox.waiting.clear()


def _url_fault(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "invalid webhook URL specified"
    if parts.scheme == "http" and parts.hostname in LOOPBACK:  # Telegram takes none; a bot under test has no other
        return ""
    if parts.scheme != "https" or not parts.hostname:
        return "An HTTPS URL must be provided for webhook"
    return "" if port in (None, *PORTS) else "Webhook can be set up only on ports 80, 88, 443 or 8443"


def _conflict(words: str) -> TelegramError:
    return TelegramError(409, f"Conflict: {words}")
