"""Everything about one listener, deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from accounts.models import Incident, Outbox, User
from botapp import people


def forget(user: User) -> None:
    """His row with all that hangs on it, what was said to him, and what the operator was told of him.

    Of somebody turned away the chat's number stays, so that being forgotten is no way back in.
    """
    name, chat = user.username, user.telegram_chat_id
    about = Q(kind="approve_request", payload__user=user.pk) | Q(key__startswith=f"approve:{user.pk}:")
    if chat is not None:
        about |= Q(chat_id=chat)
    Outbox.objects.filter(about).delete()
    for incident in Incident.objects.filter(kind="night"):
        if _unname(incident.params, name):
            incident.save(update_fields=["params"])
    for told in Outbox.objects.filter(kind="incident_open"):
        if _unname(told.payload.get("params", {}), name):
            told.save(update_fields=["payload"])
    # What the staff did for him; of who did it himself nothing is here, for staff is not forgotten.
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)).delete()
    user.delete()
    if chat is not None and not user.is_active:
        people.keep_out(chat)


def _unname(params: dict[str, Any], name: str) -> bool:
    """Whether he was on the operator's list of those who got no playlist; he is no more."""
    users = params.get("users", [])
    params["users"] = [other for other in users if other != name]
    return name in users
