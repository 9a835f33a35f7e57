from __future__ import annotations

from django.db import models


class HandledUpdate(models.Model):
    """A Telegram update already acted on; the second delivery is dropped."""

    update_id = models.BigIntegerField(primary_key=True)
    handled_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["handled_at"], name="updates_by_age")]

    def __str__(self) -> str:
        return str(self.update_id)
