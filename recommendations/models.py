"""What a listener likes, played and was given; and answers of the catalogues, shared by all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyAccount

# The artists of a track whose names are no longer kept; its match key tells what it is.
UNNAMED = [["", ""]]


class TrackFacts(models.Model):
    """The columns that say which track a row is about."""

    spotify_track_id = models.CharField(_("Spotify track id"), max_length=64)
    isrc = models.CharField(_("ISRC"), max_length=16, blank=True, default="")
    match_key = models.CharField(_("match key"), max_length=400)
    name = models.CharField(_("name"), max_length=400)
    artists = models.JSONField(_("artists"), default=list, help_text=_("Pairs of id and name."))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{', '.join(name for _id, name in self.artists)} - {self.name}" if self.name else self.match_key


class SavedTrack(TrackFacts):
    """A liked track."""

    account = models.ForeignKey(
        SpotifyAccount, on_delete=models.CASCADE, related_name="saved_tracks", verbose_name=_("Spotify account")
    )
    album = models.CharField(_("album"), max_length=400, blank=True, default="")
    duration_ms = models.PositiveIntegerField(_("length, ms"), default=0)
    popularity = models.PositiveSmallIntegerField(_("popularity"), null=True, blank=True)
    added_at = models.DateTimeField(_("liked at"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen"), help_text=_("When a reading of the library last met it."))

    class Meta:
        verbose_name, verbose_name_plural = _("saved track"), _("saved tracks")
        constraints = [models.UniqueConstraint(fields=["account", "spotify_track_id"], name="one_row_a_liked_track")]
        indexes = [
            models.Index(fields=["account", "-added_at"], name="likes_newest_first"),
            models.Index(fields=["account", "match_key"], name="likes_by_key"),
            models.Index(fields=["account", "seen_at"], name="likes_by_reading"),
        ]


class LibraryState(models.Model):
    """How far the liked tracks of an account have been read."""

    account = models.OneToOneField(
        SpotifyAccount, on_delete=models.CASCADE, related_name="library", verbose_name=_("Spotify account")
    )
    total = models.PositiveIntegerField(_("tracks"), default=0, help_text=_("What Spotify said last."))
    next_offset = models.PositiveIntegerField(
        _("next to read"), null=True, blank=True, default=0, help_text=_("Null: read to the end.")
    )
    surplus = models.IntegerField(_("surplus"), default=0, help_text=_("Rows of Spotify's total that can't be kept."))
    reading_since = models.DateTimeField(_("reading since"), null=True, blank=True)
    completed_at = models.DateTimeField(_("read to the end"), null=True, blank=True)
    synced_at = models.DateTimeField(_("read"), null=True, blank=True)
    plays_at = models.DateTimeField(_("plays read"), null=True, blank=True, help_text=_("When plays were last read."))
    plays_gap_at = models.DateTimeField(
        _("gap in plays"), null=True, blank=True, help_text=_("Plays before this were missed.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("library"), _("libraries")

    def __str__(self) -> str:
        return f"library of {self.account}"


class Play(TrackFacts):
    """A play, kept because Spotify remembers only the last fifty."""

    account = models.ForeignKey(
        SpotifyAccount, on_delete=models.CASCADE, related_name="plays", verbose_name=_("Spotify account")
    )
    played_at = models.DateTimeField(_("played"))
    context = models.CharField(_("context"), max_length=128, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = _("play"), _("plays")
        constraints = [
            models.UniqueConstraint(fields=["account", "played_at", "spotify_track_id"], name="one_row_a_play")
        ]


class RecommendationHistory(models.Model):
    """A track this account was given; never deleted while the account is linked."""

    account = models.ForeignKey(
        SpotifyAccount, on_delete=models.CASCADE, related_name="history", verbose_name=_("Spotify account")
    )
    spotify_track_id = models.CharField(_("Spotify track id"), max_length=64)
    isrc = models.CharField(_("ISRC"), max_length=16, blank=True, default="")
    match_key = models.CharField(_("match key"), max_length=400)
    first_recommended_at = models.DateTimeField(_("first given"))
    last_recommended_at = models.DateTimeField(_("last given"))
    times_recommended = models.PositiveIntegerField(_("times given"), default=1)

    class Meta:
        verbose_name, verbose_name_plural = _("recommended track"), _("recommendation history")
        constraints = [models.UniqueConstraint(fields=["account", "spotify_track_id"], name="one_history_row_a_track")]
        indexes = [
            models.Index(fields=["account", "match_key"], name="history_by_key"),
            models.Index(fields=["account", "isrc"], name="history_by_isrc"),
        ]

    def __str__(self) -> str:
        return f"{self.match_key} x{self.times_recommended}"


class Feedback(models.Model):
    """What the listener said of a track or an artist."""

    class Kind(models.TextChoices):
        LIKE = "like", _("liked")
        DISLIKE = "dislike", _("disliked")
        MORE = "more", _("more like it")
        BLOCK_ARTIST = "block_artist", _("artist blocked")

    account = models.ForeignKey(
        SpotifyAccount, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("Spotify account")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    spotify_track_id = models.CharField(_("Spotify track id"), max_length=64, blank=True, default="")
    match_key = models.CharField(
        _("match key"), max_length=400, blank=True, default="", help_text=_("Empty for an artist.")
    )
    artist_key = models.CharField(_("artist key"), max_length=200)
    name = models.CharField(_("name"), max_length=400, help_text=_("As shown to the listener."))
    created_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name, verbose_name_plural = _("feedback"), _("feedback")
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "match_key", "artist_key"], name="one_word_a_thing"),
            models.CheckConstraint(
                condition=Q(kind__in=["like", "dislike", "more", "block_artist"]), name="feedback_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class ResolvedTrack(models.Model):
    """A name looked up at Spotify: the track, or null for "not there". Shared by all users."""

    match_key = models.CharField(_("match key"), max_length=400, unique=True)
    track = models.JSONField(_("track"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("looked-up name"), _("looked-up names")

    def __str__(self) -> str:
        return self.match_key


class SourceCache(models.Model):
    """A catalogue's answer to a question, shared by all users."""

    source = models.CharField(_("source"), max_length=32)
    key = models.CharField(_("key"), max_length=400)
    answer = models.JSONField(_("answer"))
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("remembered answer"), _("remembered answers")
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_answer_a_question")]

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"
