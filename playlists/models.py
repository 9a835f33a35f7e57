"""A run: one attempt to give one user a playlist, from the request to the result."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import mix
from accounts.models import User
from playlists import notes, states
from playlists.markers import new_marker as new_marker  # which migrations name
from playlists.markers import new_public_id as new_public_id
from playlists.querysets import Runs
from playlists.results import PlaylistRunTrack as PlaylistRunTrack
from playlists.results import RunLedger as RunLedger
from playlists.states import LostLease, Status, Trigger


class PlaylistRun(models.Model):
    Status, Trigger = Status, Trigger

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="runs", verbose_name=_("listener"))
    trigger = models.CharField(_("origin"), max_length=16, choices=Trigger.choices)
    night = models.DateField(
        _("night"), null=True, blank=True, help_text=_("The user's local date; empty: forced or dry.")
    )
    day = models.DateField(_("day"), help_text=_("The user's local date, which the playlist's name carries."))
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(_("step"), max_length=32, blank=True, default="")
    dry_run = models.BooleanField(_("dry run"), default=False)
    mode = models.CharField(_("kind of playlist"), max_length=16, choices=User.Mode.choices, default=User.Mode.FRESH)
    size_asked = models.PositiveSmallIntegerField(_("tracks asked for"))
    min_new_ratio = models.FloatField(_("novelty asked for"), help_text=_("The share of new tracks asked for."))
    wildness = models.PositiveSmallIntegerField(_("wildness asked for"), default=0)
    languages = models.CharField(_("languages asked for"), max_length=200, default=mix.AUTO)
    steer = models.CharField(_("wish"), max_length=60, blank=True, default="", help_text=_("As it was written."))

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    asked = models.PositiveSmallIntegerField(
        _("times asked for"), default=0, help_text=_("How often a person asked for it.")
    )
    not_before = models.DateTimeField(_("not before"), null=True, blank=True, help_text=_("Parked until then."))
    enqueued_at = models.DateTimeField(
        _("queue rung"), null=True, blank=True, help_text=_("When the queue was last rung for it.")
    )
    lease_token = models.CharField(_("lease"), max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    plan = models.JSONField(
        _("plan"), null=True, blank=True, help_text=_("The tracks, frozen before anything is written.")
    )
    intent_at = models.DateTimeField(
        _("writing began"), null=True, blank=True, help_text=_("A playlist may exist from here on.")
    )
    marker = models.CharField(
        _("marker"), max_length=16, default=new_marker, help_text=_("In the playlist's description.")
    )

    public_id = models.CharField(
        _("page id"),
        max_length=32,
        unique=True,
        default=new_public_id,
        editable=False,
        help_text=_("In its page's address."),
    )
    created_at = models.DateTimeField(_("asked for at"))
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    playlist_id = models.CharField(_("playlist id"), max_length=64, blank=True, default="")
    playlist_url = models.URLField(_("playlist address"), blank=True, default="")
    playlist_name = models.CharField(_("playlist name"), max_length=200, blank=True, default="")
    total = models.PositiveSmallIntegerField(_("tracks"), default=0)
    new = models.PositiveSmallIntegerField(_("new tracks"), default=0)
    reused = models.PositiveSmallIntegerField(_("repeated tracks"), default=0)
    novelty = models.FloatField(_("novelty"), null=True, blank=True, help_text=_("The share of new tracks achieved."))
    relaxations = models.JSONField(_("rules that gave way"), default=list, blank=True)
    error_code = models.CharField(_("error"), max_length=64, blank=True, default="")
    error_params = models.JSONField(_("details of the error"), default=dict, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    kept = models.BooleanField(_("kept"), default=False, help_text=_("Never tidied away."))
    tidied_at = models.DateTimeField(
        _("tidied away"), null=True, blank=True, help_text=_("When the playlist left the library.")
    )
    looked_at = models.DateTimeField(
        _("looked at"), null=True, blank=True, help_text=_("When we last read what its playlist still holds.")
    )

    objects: ClassVar[Any] = Runs.as_manager()

    # Set on a run that was asked for and is there already; not a column.
    existing = False

    class Meta:
        verbose_name, verbose_name_plural = _("run"), _("playlist runs")
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
            models.CheckConstraint(condition=Q(wildness__range=(0, 10)), name="run_wildness_is_0_to_10"),
        ]
        indexes = [
            models.Index(fields=["status", "not_before"], name="runs_waiting"),
            models.Index(fields=["status", "lease_until"], name="runs_leased"),
            models.Index(fields=["user", "-created_at"], name="runs_newest_first"),
            models.Index(fields=["status", "finished_at"], name="runs_ended"),
            models.Index(
                fields=["-created_at", "status", "dry_run", "trigger", "error_code", "min_new_ratio", "novelty"],
                name="runs_by_day",
            ),
            models.Index(fields=["playlist_id"], name="runs_by_playlist"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.day}: {self.get_status_display()}"

    @property
    def planned(self) -> list[dict[str, Any]]:
        """The tracks of the plan, as `playlists.persist.plan` wrote them."""
        return self.plan["tracks"] if self.plan else []

    @property
    def is_passing(self) -> bool:
        """A dry run at a terminal, which just ends; the bot's and the operator's a worker carries out like any run."""
        return self.dry_run and self.trigger not in states.LASTING

    @property
    def notes(self) -> str:
        """Why it failed and what to do next, in the active language; empty where it did not."""
        said = notes.sentence(self.error_code, self.error_params, self.user.zone)
        if said and self.status == Status.QUEUED and self.not_before and "until" not in self.error_params:
            said = f"{said} {notes.tried_again(self.not_before, self.user.zone)}"
        return said

    def revive(self, now: datetime, wanted: dict[str, Any]) -> bool:
        """Ended badly -> queued, by a person's wish and with all its attempts; False where somebody was faster."""
        ended = PlaylistRun.objects.filter(pk=self.pk, status__in=[Status.FAILED, Status.NEEDS_LINK])
        # Where nothing was written by it, a new choice may be made.
        plan = {} if self.intent_at else {"plan": None}
        return bool(
            ended.update(
                **wanted,
                **plan,
                status=Status.QUEUED,
                attempts=0,
                asked=F("asked") + 1,
                not_before=now,
                enqueued_at=None,
                finished_at=None,
            )
        )

    def claim(self, now: datetime, *, early: bool = False) -> bool:
        """Queued -> running and ours. `early`: before its hour, since somebody is looking on.

        False, and nothing changed, where it does not wait or another run of this user is running.
        """
        waiting = PlaylistRun.objects.filter(pk=self.pk, status=Status.QUEUED)
        if not early:
            waiting = waiting.filter(Q(not_before=None) | Q(not_before__lte=now))
        try:
            with transaction.atomic():
                changed = waiting.update(
                    status=Status.RUNNING,
                    lease_token=uuid4().hex,
                    lease_until=now + states.LEASE,
                    started_at=now,
                    finished_at=None,
                    attempts=F("attempts") + 1,
                    not_before=None,
                    error_code="",
                    error_params={},
                )
        except IntegrityError:
            return False
        if changed:
            self.refresh_from_db()
        return bool(changed)

    def advance(self, now: datetime, **changes: Any) -> None:
        """Saves `changes` and renews the lease. Raises `LostLease` where the run is no longer ours."""
        if not self._mine().update(lease_until=now + states.LEASE, **changes):
            raise LostLease
        for name, value in changes.items():
            setattr(self, name, value)

    def park(
        self, not_before: datetime, code: str, params: dict[str, Any], *, burnt: bool, report: dict[str, Any]
    ) -> bool:
        """Running -> queued, to go on from `not_before`; False where it is no longer ours.

        `burnt`: whether this attempt counts; what the outside world refused does not.
        """
        changed = self._mine().update(
            status=Status.QUEUED,
            not_before=not_before,
            enqueued_at=None,
            lease_token="",
            lease_until=None,
            attempts=F("attempts") - int(not burnt),
            error_code=code,
            error_params=params,
            report=report,
        )
        self.refresh_from_db()
        return bool(changed)

    def fail(
        self, now: datetime, code: str, params: dict[str, Any], *, report: dict[str, Any], needs_link: bool = False
    ) -> bool:
        """Running -> failed or needs_link; False where the run is no longer ours."""
        status = Status.NEEDS_LINK if needs_link else Status.FAILED
        changed = self._mine().update(
            status=status, error_code=code, error_params=params, finished_at=now, lease_token="", report=report
        )
        self.refresh_from_db()
        return bool(changed)

    def bury(self, now: datetime, code: str) -> bool:
        """Waiting, or dead by its lease -> failed; False where it came to life meanwhile."""
        alive = Q(status=Status.RUNNING, lease_until__gte=now)
        waiting = PlaylistRun.objects.unfinished().filter(pk=self.pk).exclude(alive)
        changed = waiting.update(
            status=Status.FAILED, error_code=code, error_params={}, finished_at=now, lease_token=""
        )
        self.refresh_from_db()
        return bool(changed)

    def _mine(self) -> Runs:
        mine: Runs = PlaylistRun.objects.filter(pk=self.pk, lease_token=self.lease_token, status=Status.RUNNING)
        return mine
