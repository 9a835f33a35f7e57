"""Where Telegram brings the updates to, and how we know that it is Telegram."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def address() -> str:
    return f"{settings.PUBLIC_URL}{reverse('telegram-webhook')}"


def secret() -> str:
    """Made from what nobody else has; with another token it is another one."""
    return salted_hmac("telegram webhook", settings.TELEGRAM_BOT_TOKEN, algorithm="sha256").hexdigest()


def is_secret(shown: str) -> bool:
    return constant_time_compare(shown, secret())


def is_on() -> bool:
    return bool(settings.TELEGRAM_BOT_TOKEN) and settings.TELEGRAM_MODE == "webhook"
