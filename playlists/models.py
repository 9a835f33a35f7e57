"""A run: one attempt to give one user a playlist, from the request to the result."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from playlists import notes
from playlists.querysets import Runs
from playlists.states import LEASE, LostLease, Status, Trigger


def new_marker() -> str:
    return uuid4().hex[:10]


class PlaylistRun(models.Model):
    Status, Trigger = Status, Trigger

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    night = models.DateField(null=True, blank=True, help_text=_("The user's local date; empty: forced or dry."))
    day = models.DateField(help_text=_("The user's local date, which the playlist's name carries."))
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=32, blank=True, default="")
    dry_run = models.BooleanField(default=False)
    mode = models.CharField(max_length=16, choices=User.Mode.choices, default=User.Mode.FRESH)
    size_asked = models.PositiveSmallIntegerField()
    min_new_ratio = models.FloatField(help_text=_("The share of new tracks asked for."))

    attempts = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0, help_text=_("How often a person asked for it."))
    not_before = models.DateTimeField(null=True, blank=True, help_text=_("Parked until then."))
    enqueued_at = models.DateTimeField(null=True, blank=True, help_text=_("When the queue was last rung for it."))
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    plan = models.JSONField(null=True, blank=True, help_text=_("The tracks, frozen before anything is written."))
    intent_at = models.DateTimeField(null=True, blank=True, help_text=_("A playlist may exist from here on."))
    marker = models.CharField(max_length=16, default=new_marker, help_text=_("In the playlist's description."))

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
    tidied_at = models.DateTimeField(null=True, blank=True, help_text=_("When the playlist left the library."))
    card_id = models.BigIntegerField(null=True, blank=True, help_text=_("The bot's message that waits for the result."))

    objects: ClassVar[Any] = Runs.as_manager()

    # Set on a run that was asked for and is there already; not a column.
    existing = False

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="running"), name="one_running_run_a_user"),
            models.UniqueConstraint(fields=["user", "night"], name="one_run_a_night"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=["queued", "running"], night=None, dry_run=False),
                name="one_forced_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "success", "failed", "needs_link"]),
                name="run_status_is_known",
            ),
            models.CheckConstraint(condition=Q(size_asked__range=(1, 100)), name="run_size_is_1_to_100"),
            models.CheckConstraint(condition=Q(min_new_ratio__range=(0.0, 1.0)), name="run_ratio_is_0_to_1"),
        ]
        indexes = [
            models.Index(fields=["status", "not_before"], name="runs_waiting"),
            models.Index(fields=["status", "lease_until"], name="runs_leased"),
            models.Index(fields=["user", "-created_at"], name="runs_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.day} {self.status}"

    @property
    def planned(self) -> list[dict[str, Any]]:
        """The tracks of the plan, as `playlists.persist.plan` wrote them."""
        return self.plan["tracks"] if self.plan else []

    @property
    def notes(self) -> str:
        """Why it failed and what to do next, in the active language; empty where it did not."""
        return notes.sentence(self.error_code, self.error_params, self.user.zone)

    def as_json(self) -> dict[str, Any]:
        """The run and its tracks, as the shell prints them."""
        return {
            "run": {
                "id": self.pk,
                "user": self.user.username,
                "trigger": self.trigger,
                "day": self.day.isoformat(),
                "status": self.status,
                "existing": self.existing,
                "dry_run": self.dry_run,
                "playlist": {"id": self.playlist_id, "url": self.playlist_url, "name": self.playlist_name},
                "total": self.total,
                "new": self.new,
                "reused": self.reused,
                "min_new_ratio": self.min_new_ratio,
                "novelty": self.novelty,
                "relaxations": self.relaxations,
                "error": {"code": self.error_code, **self.error_params} if self.error_code else None,
                "notes": self.notes,
                "report": self.report,
            },
            "tracks": [track.as_json() for track in self.tracks.all()],
        }

    def claim(self, now: datetime, **wanted: Any) -> bool:
        """Makes it ours and running: a queued row, or one that ended badly, whose marker and traces stay.

        `wanted`: what this attempt asks for. False, and nothing changed, where another run of this user is running.
        """
        waiting = [self.Status.QUEUED, self.Status.FAILED, self.Status.NEEDS_LINK]
        try:
            with transaction.atomic():
                changed = PlaylistRun.objects.filter(pk=self.pk, status__in=waiting).update(
                    **wanted,
                    status=self.Status.RUNNING,
                    lease_token=uuid4().hex,
                    lease_until=now + LEASE,
                    started_at=now,
                    finished_at=None,
                    attempts=F("attempts") + 1,
                    error_code="",
                    error_params={},
                )
        except IntegrityError:
            return False
        if changed:
            self.refresh_from_db()
            if self.plan and not self.intent_at:  # nothing was written by it, so a new choice may be made
                self.advance(now, plan=None)
        return bool(changed)

    def advance(self, now: datetime, **changes: Any) -> None:
        """Saves `changes` and renews the lease. Raises `LostLease` where the run is no longer ours."""
        mine = PlaylistRun.objects.filter(pk=self.pk, lease_token=self.lease_token, status=self.Status.RUNNING)
        if not mine.update(lease_until=now + LEASE, **changes):
            raise LostLease
        for name, value in changes.items():
            setattr(self, name, value)

    def fail(
        self, now: datetime, code: str, *, report: dict[str, Any], needs_link: bool = False, **params: Any
    ) -> None:
        """Running -> failed or needs_link; quiet where the run is no longer ours."""
        status = self.Status.NEEDS_LINK if needs_link else self.Status.FAILED
        mine = PlaylistRun.objects.filter(pk=self.pk, lease_token=self.lease_token, status=self.Status.RUNNING)
        mine.update(status=status, error_code=code, error_params=params, finished_at=now, lease_token="", report=report)
        self.refresh_from_db()


class RunLedger(models.Model):
    """Every candidate of a run with its fate, compressed."""

    run = models.OneToOneField(PlaylistRun, on_delete=models.CASCADE, related_name="ledger")
    body = models.BinaryField(help_text=_("JSON, compressed with zlib."))

    def __str__(self) -> str:
        return f"ledger of run {self.run_id}"

    @staticmethod
    def pack(ledger: dict[str, Any]) -> bytes:
        return zlib.compress(json.dumps(ledger, ensure_ascii=False, separators=(",", ":")).encode())

    def read(self) -> dict[str, Any]:
        return dict(json.loads(zlib.decompress(bytes(self.body))))


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

    @property
    def why(self) -> str:
        """The reason in the active language."""
        return notes.reason(self.reason)

    def as_json(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "id": self.spotify_track_id,
            "name": self.name,
            "artists": self.artists,
            "source": self.source,
            "reason": self.why,
            "is_new_to_bot": self.is_new_to_bot,
        }
