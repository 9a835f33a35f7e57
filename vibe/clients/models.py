"""What the installation knows of its outside services, shared by every process."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceState(models.Model):
    """One row a service and family (`""`: the whole service): blocks, the next free permit, failures, capabilities."""

    service = models.CharField(_("service"), max_length=32)
    family = models.CharField(_("family of calls"), max_length=32, blank=True, default="")
    blocked_until = models.DateTimeField(_("blocked until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="")
    permits_at = models.DateTimeField(
        _("next free call"), null=True, blank=True, help_text=_("Start of the next call that is still free.")
    )
    failures = models.PositiveIntegerField(_("failures"), default=0, help_text=_("In a row, by whatever process."))
    # name -> "alive" (true or false) and "probed" (ISO date), for instance artist_top_tracks
    capabilities = models.JSONField(_("what is alive"), default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("service state"), _("service states")
        constraints = [models.UniqueConstraint(fields=["service", "family"], name="one_state_a_service_and_family")]

    def __str__(self) -> str:
        return f"{self.service}/{self.family}" if self.family else self.service


class ApiUsage(models.Model):
    """Calls made in one UTC hour, by how they ended."""

    service = models.CharField(_("service"), max_length=32)
    family = models.CharField(_("family of calls"), max_length=32)
    outcome = models.CharField(_("outcome"), max_length=32, default="ok", help_text=_("ok, or the code of the error."))
    hour = models.DateTimeField(_("hour"))
    calls = models.PositiveIntegerField(_("calls"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("hour of calls"), _("calls by the hour")
        constraints = [
            models.UniqueConstraint(fields=["service", "family", "outcome", "hour"], name="one_usage_row_an_hour")
        ]
        indexes = [models.Index(fields=["hour"], name="usage_by_hour")]

    def __str__(self) -> str:
        return f"{self.service}/{self.family} {self.hour:%Y-%m-%d %H}:00 {self.calls}"


class Heartbeat(models.Model):
    """When a long-running process last showed that it makes progress."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    at = models.DateTimeField(_("last beat"))

    class Meta:
        verbose_name, verbose_name_plural = _("heartbeat"), _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
