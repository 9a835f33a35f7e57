from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HandledUpdate(models.Model):
    """A Telegram update already acted on; the second delivery is dropped."""

    update_id = models.BigIntegerField(_("update id"), primary_key=True)
    handled_at = models.DateTimeField(_("handled"))

    class Meta:
        verbose_name, verbose_name_plural = _("handled update"), _("handled updates")
        indexes = [models.Index(fields=["handled_at"], name="updates_by_age")]

    def __str__(self) -> str:
        return str(self.update_id)
