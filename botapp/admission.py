"""Who is let in: the operator decides, in the chat or in the admin, and the newcomer is told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from django.db import transaction

from accounts.models import User
from botapp.people import name_of_linked


class Answer(StrEnum):
    LET_IN = "let_in"
    TURNED_AWAY = "turned_away"
    IS_IN = "is_in"
    IS_AWAY = "is_away"


Tell = Callable[..., object]  # as `Turn.say_to`


@transaction.atomic
def let_in(user: User, tell: Tell, decision: str) -> Answer:
    """Takes a refusal back, too. `decision`: names this one among others about him."""
    if not _decided(user, is_approved=True, is_active=True):
        return Answer.IS_IN
    if user.telegram_chat_id:
        key = f"approved:{user.pk}:{decision}"
        tell(user.telegram_chat_id, "approved", key)
        tell(user.telegram_chat_id, "welcome_next", f"{key}:next", account=name_of_linked(user))
    return Answer.LET_IN


@transaction.atomic
def turn_away(user: User, tell: Tell, decision: str) -> Answer:
    """Of those who wait alone: who is in already, or is staff, is not thrown out this way."""
    if user.is_approved or user.is_staff:
        return Answer.IS_IN
    if not _decided(user, is_active=False):
        return Answer.IS_AWAY
    if user.telegram_chat_id:
        tell(user.telegram_chat_id, "approve_wait", f"refused:{user.pk}:{decision}", refused=True)
    return Answer.TURNED_AWAY


def _decided(user: User, **changes: bool) -> bool:
    """Whether this decision has changed anything; the row decides between two at once."""
    changed = User.objects.filter(pk=user.pk).exclude(**changes).update(**changes, asked="")
    user.refresh_from_db()
    return bool(changed)
