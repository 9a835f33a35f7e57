"""Whom an update is for: the handler of its command, button or awaited word, or a screen that says what to do."""

from __future__ import annotations

from django.utils import timezone, translation
from django.utils.translation import gettext
from telebot.util import extract_arguments, extract_command

from accounts import callbacks, pasting
from accounts.models import User
from accounts.outbox import say
from botapp import handlers as handlers  # those imported there are entered in HANDLERS
from botapp import keyboard, people
from botapp.delivery import Delivery
from botapp.handlers.paste import PASTED
from botapp.turn import HANDLERS, Entry, Turn


def said(delivery: Delivery, text: str) -> None:
    """A message in a private chat; empty where it is a picture, a voice or the like."""
    turn = _turn(delivery)
    entry = _pasted(turn, text) or _meant(turn, keyboard.command(text) or text)
    _carry_out(delivery, turn, entry if entry and entry.typed else None)


def pressed(delivery: Delivery, data: str, message_id: int) -> None:
    """A button; one that was not made for this chat changes nothing."""
    action = callbacks.opened(delivery.chat_id, data) if delivery.private else None
    name, _, arguments = (action or "").partition(":")
    entry = HANDLERS.get(name)
    if entry is None:
        with translation.override(people.language(delivery)):
            delivery.toast = gettext("This button is no longer valid.")
        return
    turn = _turn(delivery)
    turn.arguments, turn.pressed = arguments.strip(), message_id
    _answered(turn.user)
    _carry_out(delivery, turn, entry)
    delivery.toast = turn.toast


def said_in_group(delivery: Delivery, text: str) -> None:
    """The bot is for private chats: a group that calls it is told so once, and nothing of anybody."""
    whom = text.partition(" ")[0].partition("@")[2]
    if not extract_command(text) or (whom and delivery.us and whom.lower() != delivery.us.lower()):
        return
    key = f"group:{delivery.chat_id}"
    if say(delivery.chat_id, "group", key, {"language": delivery.language}):
        delivery.keys.append(key)


def membership(delivery: Delivery, status: str) -> None:
    """A listener blocks the bot or lets it in again."""
    if delivery.private and status in {"kicked", "member"}:
        User.objects.filter(telegram_chat_id=delivery.chat_id).update(is_bot_blocked=status == "kicked")


def _turn(delivery: Delivery) -> Turn:
    user = people.met(delivery)
    return Turn(user=user, chat_id=delivery.chat_id, update_id=delivery.update_id, now=delivery.now, keys=delivery.keys)


def _meant(turn: Turn, words: str) -> Entry | None:
    """The entry these words are for, whose arguments the turn then has."""
    asked = turn.user.asked
    if words.startswith("/"):
        name, turn.arguments = (extract_command(words) or "").lower(), (extract_arguments(words) or "").strip()
    elif asked and words:
        name, turn.arguments = asked, words.strip()
    else:
        return None
    _answered(turn.user)
    return HANDLERS.get(name)


def _pasted(turn: Turn, text: str) -> Entry | None:
    """An address of Spotify's answer goes before whatever else was awaited; another one does not."""
    is_other = pasting.is_meant(text, turn.chat_id, turn.now) and not turn.user.asked and not text.startswith("/")
    if pasting.read(text) is None and not is_other:
        return None
    turn.arguments = text
    _answered(turn.user)
    return PASTED


def _answered(user: User) -> None:
    """Nothing is awaited any more: he said it, or something else."""
    if user.asked:
        user.asked = ""
        user.save(update_fields=["asked"])


def _carry_out(delivery: Delivery, turn: Turn, entry: Entry | None) -> None:
    with translation.override(turn.user.language), timezone.override(turn.user.zone):
        if not people.is_let_in(turn.user) and not (entry and entry.everybody):
            turn.say("waiting")
        elif entry is None:
            turn.say("unknown")
        else:
            entry.handler(turn)
