"""Whose chat it is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from accounts.models import User
from botapp.delivery import Delivery


def met(delivery: Delivery) -> User:
    """The listener of this private chat, made at the first contact; in the caller's transaction."""
    user = _locked(delivery).first() or _new(delivery)
    now: dict[str, object] = {"is_bot_blocked": False}
    if user.is_active:  # of one who was turned away nothing more is kept
        now |= {"telegram_username": delivery.name}
        now |= {"first_name": delivery.first_name, "last_name": delivery.last_name}
    if str(delivery.chat_id) == settings.OPERATOR_CHAT_ID:
        now["is_approved"] = True
    changed = [name for name, value in now.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, now[name])
    if changed:
        user.save(update_fields=changed)
    return user


def language(delivery: Delivery) -> str:
    """Of the chat, met before or not."""
    chosen = User.objects.filter(telegram_chat_id=delivery.chat_id).values_list("language", flat=True).first()
    return chosen or delivery.language


def is_let_in(user: User) -> bool:
    return user.is_active and (user.is_approved or settings.BOT_OPEN)


def name_of_linked(user: User) -> str:
    """Of the account that playlists can be made for; empty where there is none."""
    account = user.spotify
    return str(account) if account and not account.needs_reconnect else ""


def keep_out(chat_id: int) -> None:
    """Of somebody turned away, who is deleted: his chat's number alone, or the next /start would let him ask anew."""
    User.objects.create(**_nobody(chat_id, "out"), telegram_chat_id=chat_id, is_active=False)


def _locked(delivery: Delivery) -> QuerySet[User]:
    # A webhook may bring two of a listener's updates at a time; other rows may still refer to him meanwhile.
    return User.objects.select_for_update(no_key=True).filter(telegram_chat_id=delivery.chat_id)


def _new(delivery: Delivery) -> User:
    about = _nobody(delivery.chat_id, delivery.update_id)
    about |= {"telegram_username": delivery.name, "language": delivery.language}
    user, is_new = User.objects.get_or_create(telegram_chat_id=delivery.chat_id, defaults=about)
    # One that another thread was quicker to make is to be locked like any other.
    return user if is_new else _locked(delivery).get()


def _nobody(chat_id: int, otherwise: object) -> dict[str, str]:
    name = f"tg{chat_id}"
    if User.objects.filter(username=name).exists():
        name = f"{name}-{otherwise}"
    return {"username": name, "password": make_password(None)}  # none opens it
