"""Who is let in: a newcomer asks, the operator decides with a press."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.models import Outbox, User
from botapp import admission, people, reading
from botapp.admission import Answer
from botapp.turn import Turn, button, command

SLOTS = 5  # accounts of an app in Development Mode; https://developer.spotify.com/documentation/web-api/concepts/quota-modes
LONGEST = 254  # characters of an address; https://www.rfc-editor.org/errata/eid1690
SKIP = "skip"


def ask(turn: Turn) -> None:
    """A newcomer's first words: the operator is told of him, and he is asked for what the operator will need."""
    chat = _operators_chat()
    if turn.user.is_active and chat is not None:
        turn.await_answer("email")
        _tell_operator(turn, chat)
    turn.say("approve_wait", refused=not turn.user.is_active, operator=chat is not None, chat=turn.chat_id)


@command("email", everybody=True)
def email(turn: Turn) -> None:
    """Of his Spotify account, which the operator must list there. It is passed on, then not kept."""
    chat, is_let_in = _operators_chat(), people.is_let_in(turn.user)
    if is_let_in or not turn.user.is_active or chat is None:
        turn.say("approve_wait", given=True, refused=not turn.user.is_active, let_in=is_let_in)
        return
    address = turn.arguments.strip()
    if address == SKIP and turn.pressed:
        turn.say("approve_wait", edit=True, given=True, operator=True)
    elif _is_email(address):
        _tell_operator(turn, chat, email=address)
        turn.say("approve_wait", given=True, operator=True, email=address)
    else:
        turn.await_answer("email")
        turn.say("approve_wait", operator=True, wrong=reading.quoted(address))


@button("approve", everybody=True)
def approve(turn: Turn) -> None:
    if waiting := _waiting(turn):
        answer = admission.let_in(waiting, turn.say_to, str(turn.update_id))
        result = "approved" if answer == Answer.LET_IN else "already"
        turn.say("approve_request", edit=True, result=result, **_about(waiting))


@button("refuse", everybody=True)
def refuse(turn: Turn) -> None:
    if waiting := _waiting(turn):
        answer = admission.turn_away(waiting, turn.say_to, str(turn.update_id))
        result = "refused" if answer == Answer.TURNED_AWAY else "already"
        turn.say("approve_request", edit=True, result=result, **_about(waiting))


def _waiting(turn: Turn) -> User | None:
    """Whom the button is about; None where it is not the operator who presses it, or nobody is left."""
    if not turn.is_operator:
        turn.say("approve_request", result="not_yours")
        return None
    number = re.fullmatch(r"[0-9]{1,18}", turn.arguments)
    found = User.objects.filter(pk=int(number[0])).first() if number else None
    if found is None:
        turn.say("approve_request", edit=True, result="gone")
    return found


def _tell_operator(turn: Turn, chat: int, email: str = "") -> None:
    """One message for each newcomer: what he tells later is written into it."""
    prefix = f"approve:{turn.user.pk}:"
    told = Outbox.objects.filter(key__startswith=prefix, chat_id=chat).exclude(status=Outbox.Status.DEAD)
    if told.exists() and not email:
        return
    message_id = told.order_by("-pk").values_list("message_id", flat=True).first()
    key = f"{prefix}{turn.update_id}"
    turn.say_to(chat, "approve_request", key, message_id=message_id, email=email, **_about(turn.user))


def _about(user: User) -> dict[str, Any]:
    listeners = User.objects.filter(is_approved=True, telegram_chat_id__isnull=False)
    return {
        "user": user.pk,
        "name": user.get_full_name(),
        "handle": user.telegram_username,
        "chat": user.telegram_chat_id,
        "used": listeners.count(),
        "slots": SLOTS,
        "active": user.is_active,
        "approved": user.is_approved,
    }


def _operators_chat() -> int | None:
    """Not a group's: buttons work in private chats alone."""
    chat = settings.OPERATOR_CHAT_ID.strip()
    return int(chat) if re.fullmatch(r"\d{1,18}", chat) else None


def _is_email(address: str) -> bool:
    if len(address) > LONGEST:
        return False
    try:
        EmailValidator()(address)
    except ValidationError:
        return False
    return True
