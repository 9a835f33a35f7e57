"""Everything about one listener, deleted."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Incident, Outbox, User


def forget(user: User) -> None:
    """His row with all that hangs on it, what was said to him, and what the operator was told of him."""
    name, chat = user.username, user.telegram_chat_id
    about = Q(kind="approve_request", payload__user=user.pk) | Q(key__startswith=f"approve:{user.pk}:")
    if chat is not None:
        about |= Q(chat_id=chat)
    Outbox.objects.filter(about).delete()
    for told in (*Incident.objects.filter(kind="night"), *Outbox.objects.filter(kind="incident_open")):
        _unname(told, name)
    user.delete()


def _unname(told: Incident | Outbox, name: str) -> None:
    """The operator's list of those who got no playlist, without him."""
    params = told.params if isinstance(told, Incident) else told.payload.get("params", {})
    if name in params.get("users", ()):
        params["users"] = [other for other in params["users"] if other != name]
        told.save(update_fields=["params" if isinstance(told, Incident) else "payload"])
