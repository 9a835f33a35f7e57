"""What telebot is for: it reads Telegram's updates and hands each to the function for its kind. It makes no calls."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

import telebot
from telebot.types import CallbackQuery, ChatMemberUpdated, Message, Update
from telebot.util import content_type_media

from botapp import routes
from botapp.delivery import LARGEST, Delivery

logger = logging.getLogger(__name__)
LAST = 2**35  # seconds that a date still can say, about a thousand years
LONGEST = 4096  # characters Telegram lets a message have
# Neither database keeps half a character, and PostgreSQL no zero.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
# telebot's handlers get the message alone; in a webhook several threads are here at once.
_current: ContextVar[Delivery] = ContextVar("delivery")


@cache
def build() -> telebot.TeleBot:
    """The dispatcher. It has no token: whatever it does, there is none to be told to anybody."""
    # Its own handler prints what ours would have scrubbed.
    telebot.logger.removeHandler(telebot.console_output_handler)
    telebot.logger.setLevel(logging.WARNING)
    bot = telebot.TeleBot("", threaded=False, validate_token=False)
    bot.register_message_handler(_message, content_types=content_type_media, chat_types=["private"])
    bot.register_message_handler(_group_message, chat_types=["group", "supergroup"])
    bot.register_callback_query_handler(_press, func=lambda _press: True)
    bot.register_my_chat_member_handler(_membership)
    return bot


def read(update: object, now: datetime) -> tuple[Update, Delivery] | None:
    """None for what is no update that anybody here could handle."""
    number = update.get("update_id") if isinstance(update, dict) else None
    try:
        read = Update.de_json(update)  # type: ignore[no-untyped-call]
        delivery = _delivery(read, now)
    except Exception as error:  # noqa: BLE001
        # Whatever a stranger could make Telegram send us must not keep the others' updates waiting.
        logger.warning("update=%s can't be read (%s)", number, type(error).__name__)
        return None
    return (read, delivery) if delivery else None


def dispatch(update: Update, delivery: Delivery) -> None:
    """Whatever a handler raises comes out here."""
    token = _current.set(delivery)
    try:
        build().process_new_updates([update])
    finally:
        _current.reset(token)


def _delivery(update: Update, now: datetime) -> Delivery | None:
    press: CallbackQuery | None = update.callback_query
    written: Message | ChatMemberUpdated | None = update.message or update.my_chat_member
    message = press.message if press else written
    origin = press or written
    sender = origin.from_user if origin else None
    chat = message.chat if message else None
    if not _is_id(update.update_id) or origin is None:
        return None
    if chat is not None and not _is_id(chat.id):
        return None
    return Delivery(
        update_id=update.update_id,
        chat_id=chat.id if chat else 0,
        private=chat is not None and chat.type == "private",
        now=now,
        written=_moment(written.date) if written and not press else None,
        name=_name(sender.username, 64) if sender else "",
        first_name=_name(sender.first_name, 150) if sender else "",
        last_name=_name(sender.last_name, 150) if sender else "",
        spoken=_kept(sender.language_code, 16) if sender else "",
        callback_id=str(press.id) if press else "",
    )


def _is_id(number: object) -> bool:
    return type(number) is int and abs(number) <= LARGEST  # True is an int too


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if type(seconds) is int and 0 < seconds < LAST else None


def _kept(text: Any, longest: int = LONGEST) -> str:
    return UNKEEPABLE.sub("", text)[:longest] if isinstance(text, str) else ""


def _name(text: Any, longest: int) -> str:
    """One line."""
    return " ".join(_kept(text).split())[:longest].rstrip()


def _message(message: Message) -> None:
    routes.said(_current.get(), _kept(message.text))


def _group_message(message: Message) -> None:
    routes.said_in_group(_current.get(), _kept(message.text))


def _press(press: CallbackQuery) -> None:
    routes.pressed(_current.get(), _kept(press.data), press.message.message_id if press.message else 0)


def _membership(change: ChatMemberUpdated) -> None:
    routes.membership(_current.get(), str(change.new_chat_member.status))
