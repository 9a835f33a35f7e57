"""What a button carries: an action, sealed to the chat it was shown in, so that nobody presses another's buttons."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac

LONGEST = 64  # bytes; https://core.telegram.org/bots/api#inlinekeyboardbutton
SEAL = 12  # hexadecimal digits, 48 bits: each guess is a message to the bot


def sealed(chat_id: int, action: str) -> str:
    """The `callback_data`. Raises ValueError where Telegram would refuse it."""
    data = f"{action}~{_seal(chat_id, action)}"
    if len(data.encode()) > LONGEST:
        raise ValueError(f"{action!r} is too long for a button")
    return data


def opened(chat_id: int, data: str) -> str | None:
    """The action; None where it was not sealed for this chat."""
    action, _, seal = data.rpartition("~")
    return action if action and constant_time_compare(seal, _seal(chat_id, action)) else None


def _seal(chat_id: int, action: str) -> str:
    return salted_hmac("telegram button", f"{chat_id} {action}", algorithm="sha256").hexdigest()[:SEAL]
