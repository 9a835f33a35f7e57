"""What a run brought: its tracks, and the fate of every candidate."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from playlists import ledger, reasons
from playlists.querysets import Tracks
from playlists.states import Outcome

if TYPE_CHECKING:
    from playlists.models import PlaylistRun


class RunLedger(models.Model):
    """Every candidate of a run with its fate, compressed."""

    run = models.OneToOneField(
        "playlists.PlaylistRun", on_delete=models.CASCADE, related_name="ledger", verbose_name=_("run")
    )
    body = models.BinaryField(_("content"), help_text=_("JSON, compressed with zlib."))

    class Meta:
        verbose_name, verbose_name_plural = _("ledger"), _("ledgers")

    def __str__(self) -> str:
        return f"ledger of run {self.run_id}"

    @staticmethod
    def pack(written: dict[str, Any]) -> bytes:
        return zlib.compress(json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode())

    def raw(self) -> dict[str, Any]:
        """As it was packed."""
        return dict(json.loads(zlib.decompress(bytes(self.body))))

    def read(self) -> dict[str, Any]:
        """Its seeds, artists and candidates."""
        return ledger.told(self.raw())


class PlaylistRunTrack(models.Model):
    run = models.ForeignKey(
        "playlists.PlaylistRun", on_delete=models.CASCADE, related_name="tracks", verbose_name=_("run")
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("From 1."))
    spotify_track_id = models.CharField(_("Spotify track id"), max_length=64)
    name = models.CharField(_("name"), max_length=400)
    artists = models.CharField(_("artists"), max_length=400)
    cover_url = models.CharField(
        _("cover"), max_length=200, blank=True, default="", help_text=_("At Spotify's image host.")
    )
    source = models.CharField(_("source"), max_length=32)
    reason = models.JSONField(_("reason"), default=dict)
    score = models.FloatField(_("score"), default=0.0)
    is_new_to_bot = models.BooleanField(_("new"), default=True)
    held = models.BooleanField(
        _("still held"), null=True, blank=True, help_text=_("Whether the playlist held it when we last looked.")
    )
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=Outcome.choices, default=Outcome.UNKNOWN, help_text=_("What became of it.")
    )

    objects: ClassVar[Any] = Tracks.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("track of a run"), _("tracks of runs")
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_track_a_position")]
        ordering = ["run", "position"]

    def __str__(self) -> str:
        return f"{self.position}. {self.artists} - {self.name}" if self.name else f"{self.position}."

    @property
    def why(self) -> str:
        """The reason in the active language."""
        return reasons.sentence(self.reason)

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


def as_json(run: PlaylistRun) -> dict[str, Any]:
    """The run and its tracks, as the shell prints them."""
    return {
        "run": {
            "id": run.pk,
            "user": run.user.username,
            "trigger": run.trigger,
            "day": run.day.isoformat(),
            "status": run.status,
            "existing": run.existing,
            "dry_run": run.dry_run,
            "playlist": {"id": run.playlist_id, "url": run.playlist_url, "name": run.playlist_name},
            "total": run.total,
            "new": run.new,
            "reused": run.reused,
            "min_new_ratio": run.min_new_ratio,
            "wildness": run.wildness,
            "languages": run.languages,
            "steer": run.steer,
            "novelty": run.novelty,
            "relaxations": run.relaxations,
            "error": {"code": run.error_code, **run.error_params} if run.error_code else None,
            "notes": run.notes,
            "report": run.report,
        },
        "tracks": [track.as_json() for track in run.tracks.all()],
    }
