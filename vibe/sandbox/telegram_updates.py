"""How the bot gets its updates: it asks and waits, or has them posted to its webhook."""

from __future__ import annotations

import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import requests

from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_state import Row, Webhook
from vibe.sandbox.telegram_wire import Ask, TelegramError, bad

LONGEST_POLL = 50  # seconds
PORTS = (80, 88, 443, 8443)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)  # seconds between deliveries that fail; Telegram's are longer
WEBHOOK_IS_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
ANOTHER_ASKS = "terminated by other getUpdates request; make sure that only one bot instance is running"
PATIENCE = 15.0  # seconds for the bot's answer


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


def deliver(sandbox: Sandbox, webhook: Webhook) -> None:
    """Posts one update after the other, each until it is taken, for as long as the webhook is set."""
    inbox, failures = sandbox.telegram.inbox, 0
    with requests.Session() as session:
        session.trust_env = False
        while (update := _next(sandbox, webhook)) is not None:
            trouble = _posted(session, webhook, update)
            with sandbox.lock:
                if not trouble:
                    _taken(sandbox, update)
                    failures = 0
                    continue
                webhook.last_error = (int(sandbox.clock.now().timestamp()), trouble)
                pause = PAUSES[min(failures, len(PAUSES) - 1)]
                inbox.changed.wait_for(lambda: inbox.webhook is not webhook, pause)
            failures += 1


def _next(sandbox: Sandbox, webhook: Webhook) -> Row | None:
    inbox = sandbox.telegram.inbox
    with sandbox.lock:
        while inbox.webhook is webhook:
            if waiting := inbox.again or inbox.waiting:
                return waiting[0]
            inbox.changed.wait()
    return None


def _taken(sandbox: Sandbox, update: Row) -> None:
    inbox = sandbox.telegram.inbox
    for queue in (inbox.again, inbox.waiting):
        if queue and queue[0] is update:
            queue.popleft()
            return


def _posted(session: requests.Session, webhook: Webhook, update: Row) -> str:
    """What went wrong, in Telegram's words; empty where the bot took the update."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
    try:
        answer = session.post(webhook.url, json=update, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.Timeout:
        return "Read timeout expired"
    except requests.RequestException:
        return "Connection refused"
    if 200 <= answer.status_code < 300:
        return ""
    return f"Wrong response from the webhook: {answer.status_code} {answer.reason}"


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
