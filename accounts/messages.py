"""What waits to be said in Telegram, and the trouble the operator is told of."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Of no use once it was sent or given up: a file, one-time links, and what the listener himself wrote.
SPENT = ("file", "link", "phone", "email", "wrong", "artist")


class Outbox(models.Model):
    """A message to say in Telegram, written in the transaction of what it tells of."""

    class Status(models.TextChoices):
        PENDING = "pending", _("to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    key = models.CharField(_("key"), max_length=128, unique=True)
    chat_id = models.BigIntegerField(_("Telegram chat"))
    kind = models.CharField(_("kind"), max_length=32)
    payload = models.JSONField(_("content"), default=dict)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Of the message to edit, or else of the one that was sent.
    message_id = models.BigIntegerField(_("message id"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=64, blank=True, default="")
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("outbox")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending", "sent", "dead"]), name="outbox_status_is_known"
            )
        ]
        indexes = [models.Index(fields=["status", "not_before"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"

    @property
    def lasting(self) -> dict[str, Any]:
        """What of the payload is kept when the message needs it no more."""
        return {key: value for key, value in self.payload.items() if key not in SPENT}


class Incident(models.Model):
    """Trouble of the whole installation: told to the operator once when it begins and once when it is over."""

    kind = models.CharField(_("kind"), max_length=32)
    params = models.JSONField(_("details"), default=dict, blank=True)
    opened_at = models.DateTimeField(_("began"))
    closed_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("incident"), _("incidents")
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(closed_at=None), name="one_open_incident_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.opened_at:%Y-%m-%d %H:%M}"
