"""Updates on their way to the bot's webhook."""

from __future__ import annotations

import requests

from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_state import Row, Webhook

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)  # seconds between deliveries that fail; Telegram's are longer
PATIENCE = 15.0  # seconds for the bot's answer


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
