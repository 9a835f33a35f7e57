"""A run: one attempt to give one user a playlist, from the request to the result."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LEASE = timedelta(seconds=120)


class Runs(models.QuerySet["PlaylistRun"]):
    def of_night(self, user: User, night: date | None) -> PlaylistRun | None:
        return self.filter(user=user, night=night).first() if night else None

    def alive(self, now: datetime) -> Self:
        """Running with a lease that has not run out."""
        return self.filter(status=PlaylistRun.Status.RUNNING, lease_until__gt=now)


class PlaylistRun(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCESS = "success", _("done")
        FAILED = "failed", _("failed")
        NEEDS_LINK = "needs_link", _("Spotify must be connected again")

    class Trigger(models.TextChoices):
        BOT = "bot"
        ADMIN = "admin"
        SHELL = "shell"
        NIGHTLY = "nightly"
        ENDPOINT = "endpoint"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    night = models.DateField(null=True, blank=True, help_text=_("The user's local date; empty: forced or dry."))
    day = models.DateField(help_text=_("The user's local date, which the playlist's name carries."))
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=32, blank=True, default="")
    dry_run = models.BooleanField(default=False)
    size_asked = models.PositiveSmallIntegerField()
    min_new_ratio = models.FloatField(help_text=_("The share of new tracks asked for."))

    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    plan = models.JSONField(null=True, blank=True, help_text=_("The tracks, frozen before anything is written."))
    intent_at = models.DateTimeField(null=True, blank=True, help_text=_("A playlist may exist from here on."))

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    playlist_id = models.CharField(max_length=64, blank=True, default="")
    playlist_url = models.URLField(blank=True, default="")
    playlist_name = models.CharField(max_length=200, blank=True, default="")
    total = models.PositiveSmallIntegerField(default=0)
    new = models.PositiveSmallIntegerField(default=0)
    reused = models.PositiveSmallIntegerField(default=0)
    novelty = models.FloatField(null=True, blank=True, help_text=_("The share of new tracks achieved."))
    relaxations = models.JSONField(default=list, blank=True)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_params = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    kept = models.BooleanField(default=False, help_text=_("Never tidied away."))

    objects: ClassVar[Any] = Runs.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="running"), name="one_running_run_a_user"),
            models.UniqueConstraint(fields=["user", "night"], name="one_run_a_night"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "success", "failed", "needs_link"]),
                name="run_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "not_before"], name="runs_waiting"),
            models.Index(fields=["status", "lease_until"], name="runs_leased"),
            models.Index(fields=["user", "-created_at"], name="runs_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.day} {self.status}"


class RunLedger(models.Model):
    """Every candidate of a run with its fate, compressed; pruned after thirty days."""

    run = models.OneToOneField(PlaylistRun, on_delete=models.CASCADE, related_name="ledger")
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"ledger of run {self.run_id}"


class PlaylistRunTrack(models.Model):
    run = models.ForeignKey(PlaylistRun, on_delete=models.CASCADE, related_name="tracks")
    position = models.PositiveSmallIntegerField(help_text=_("From 1."))
    spotify_track_id = models.CharField(max_length=64)
    name = models.CharField(max_length=400)
    artists = models.CharField(max_length=400)
    source = models.CharField(max_length=32)
    reason = models.JSONField(default=dict)
    score = models.FloatField(default=0.0)
    is_new_to_bot = models.BooleanField(default=True)
    outcome = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_track_a_position")]
        ordering = ["run", "position"]

    def __str__(self) -> str:
        return f"{self.position}. {self.artists} - {self.name}"
