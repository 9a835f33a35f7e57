"""The one playlist of a listener who wants no new one each day: refilled in place, and never for the worse."""

from __future__ import annotations

import logging
import re

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from accounts.models import SpotifyAccount, User
from playlists import contents, notes
from playlists.models import PlaylistRun
from playlists.states import LostLease, Status
from playlists.whereabouts import in_library
from vibe import crash
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist, Track

logger = logging.getLogger(__name__)

MARKER = re.compile(r"\b[0-9a-f]{10}$")  # the last word of every description of ours, in any language


def name() -> str:
    """What it is called when it is made; what the listener calls it later is never changed back."""
    return _("Daily Vibe")


def current_id(user: User) -> str:
    """The id of the standing playlist of the linked account; "" where there is none."""
    account = user.spotify
    return account.standing_playlist_id if account else ""


def home(run: PlaylistRun, client: SpotifyClient) -> Playlist | None:
    """The playlist to refill, or None where one has to be made: none yet, unfollowed, or kept as it is by `/keep`."""
    playlist_id = current_id(run.user)
    if not playlist_id:
        return None
    last = last_good(run.user, playlist_id)
    return None if last and last.kept else in_library(playlist_id, client)


def last_good(user: User, playlist_id: str, but: PlaylistRun | None = None) -> PlaylistRun | None:
    """The newest run that filled this playlist and ended well."""
    runs = PlaylistRun.objects.filter(user=user, playlist_id=playlist_id, status=Status.SUCCESS, dry_run=False)
    if but:
        runs = runs.exclude(pk=but.pk)
    found: PlaylistRun | None = runs.order_by("-finished_at", "-pk").first()
    return found


def settle(run: PlaylistRun, clock: Clock) -> None:
    """The playlist the run has made and filled becomes the account's standing one. Raises `LostLease`."""
    with transaction.atomic():
        run.advance(clock())  # fences the next line: whoever took the run over has to wait for this transaction
        SpotifyAccount.objects.filter(user=run.user_id, pending=False).update(standing_playlist_id=run.playlist_id)


def refill(
    run: PlaylistRun, place: Playlist, client: SpotifyClient, clock: Clock, held: dict[str, Track]
) -> tuple[str, ...]:
    """Puts the run's tracks in the place of what was there and answers what Spotify keeps of them; `held`: all of it.

    What cannot be written whole is undone: the last good content is put back. Raises `LostLease` and ServiceError,
    of which `too_short` means that nothing was touched, for what was there is better.
    """
    before = last_good(run.user, place.id, but=run)
    _refuse_short(run, before)
    run.advance(clock(), playlist_id=place.id, playlist_url=place.url, playlist_name=place.name[:200])
    crash.here("id_saved")
    try:
        return _write_or_put_back(run, before, client, clock, held)
    except LostLease:
        _undo_overtaken(run, client)
        raise


def _write_or_put_back(
    run: PlaylistRun, before: PlaylistRun | None, client: SpotifyClient, clock: Clock, held: dict[str, Track]
) -> tuple[str, ...]:
    wanted = contents.uris(track["id"] for track in run.planned)
    try:
        kept = contents.write(run.playlist_id, wanted, client, lambda: run.advance(clock()), held=held)
    except ServiceError:
        run.advance(clock())
        put_back(before, client)
        raise
    run.advance(clock())
    return kept


def describe(place: Playlist, run: PlaylistRun, client: SpotifyClient) -> None:
    """Date and counts of `run`, unless the listener wrote a description of his own. Failing is no reason to fail."""
    marker = MARKER.search(place.description)
    if marker is None:
        return
    try:
        # The marker stays its maker's, so that nobody takes this playlist for a double made by a later run.
        client.describe_playlist(place.id, description(run, marker[0]))
    except ServiceError as error:
        logger.warning("run=%s: the description was not written: %s", run.pk, error.code)


def description(run: PlaylistRun, marker: str) -> str:
    tracks = run.planned  # before the run has ended; later they may be pruned
    new, total = (sum(track["is_new"] for track in tracks), len(tracks)) if tracks else (run.new, run.total)
    return notes.description(formats.date_format(run.day, "DATE_FORMAT"), new, total, marker, run.steer)


def put_back(before: PlaylistRun | None, client: SpotifyClient) -> None:
    """What the playlist held after `before`. Failing is logged: the next attempt writes it anew anyway."""
    held = contents.uris(before.tracks.values_list("spotify_track_id", flat=True)) if before else ()
    if before is None or not held:
        return
    try:
        client.replace_items(before.playlist_id, held)
    except ServiceError as error:
        logger.warning("run=%s: what it had put into its playlist was not put back: %s", before.pk, error.code)


def _refuse_short(run: PlaylistRun, before: PlaylistRun | None) -> None:
    # Measured by what is there, or by what was asked for where that is less: a listener may want fewer from now on,
    # and one with a small library is not to be left with one list for ever.
    enough = min(before.total, run.size_asked) if before else 1
    if not run.planned or len(run.planned) * 2 < enough:
        raise ServiceError("spotify", "too_short", permanent=True)


def _undo_overtaken(run: PlaylistRun, client: SpotifyClient) -> None:
    """A process that slept past its lease may have written over a later run's tracks: those are put back.

    Not where somebody is at work: he writes them himself.
    """
    if not PlaylistRun.objects.unfinished().filter(user=run.user_id).exists():
        newest = last_good(run.user, run.playlist_id)
        if newest and newest.pk != run.pk:
            put_back(newest, client)
