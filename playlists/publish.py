"""Writes a run's playlist to Spotify: create, fill, read back. Safe to repeat after any failure.

Creating is the one call that must not be repeated blindly: Spotify knows no idempotency key. So the intent is saved
first, and the description carries the run's marker, by which a playlist that was made is found again. A marker names
the run that made the playlist and never another: https://developer.spotify.com/documentation/web-api/reference/create-playlist
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from playlists import contents, notes, standing, states
from playlists.contents import UNCERTAIN
from playlists.models import PlaylistRun
from playlists.particulars import complete
from playlists.states import LostLease, Status
from playlists.whereabouts import PAGES, marked
from recommendations import memory
from vibe import crash
from vibe.clients.errors import ServiceError
from vibe.clients.http import DEADLINE, TIMEOUT
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist, Track

logger = logging.getLogger(__name__)

LOOK_AGAIN = (0.0, 1.0, 3.0)  # seconds before each look-up: a new playlist may take a moment to be listed
ENDED = (Status.SUCCESS, Status.FAILED, Status.NEEDS_LINK)
Sleep = Callable[[float], None]


def publish(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Sleep = time.sleep) -> None:
    """Leaves exactly one playlist with exactly the planned tracks; its id, link and name are on the run.

    `fresh`: a new playlist, taken away again where it could not be filled. `standing`: the account's one playlist,
    whose last good content is put back where the new one could not be written whole. Tracks that Spotify does not
    keep leave the plan. Raises `LostLease` and `ServiceError`.
    """
    is_standing = run.mode == User.Mode.STANDING
    # What this run began to make is its own, whatever the account says by now.
    place = standing.home(run, client) if is_standing and not run.intent_at else None
    held: dict[str, Track] = {}
    if place:
        _trim(run, standing.refill(run, place, client, clock, held), clock)
        standing.describe(place, run, client)
    else:
        is_new = _create_once(run, client, clock, sleep)
        _trim(run, _fill(run, client, clock, held, is_new=is_new), clock)
        if is_standing:
            standing.settle(run, clock)
    complete(run, held, clock())
    crash.here("filled")


def sweep(run: PlaylistRun, client: SpotifyClient) -> None:
    """Takes away what other runs of this user left at Spotify: they ended badly and nothing takes them up again."""
    for other in PlaylistRun.objects.leftovers(run):
        try:
            left = [other.playlist_id] if other.playlist_id else [one.id for one in marked(other.marker, client, PAGES)]
            _fence(run)
            for playlist_id in left:
                if not in_use(run.user, playlist_id):
                    client.unfollow(playlist_id)
        except ServiceError:
            continue  # the next run tries again
        ended = PlaylistRun.objects.filter(pk=other.pk, status__in=[Status.FAILED, Status.NEEDS_LINK])
        ended.update(playlist_id="", playlist_url="", intent_at=None)


def in_use(user: User, playlist_id: str) -> bool:
    """Whether the listener has it as a good playlist: a later run may have filled what an earlier one made."""
    if playlist_id == standing.current_id(user):
        return True
    return bool(PlaylistRun.objects.filter(user=user, playlist_id=playlist_id, status=Status.SUCCESS).exists())


def _fence(run: PlaylistRun) -> None:
    """Raises `LostLease` where the run is no longer ours: the others' rows may have changed since they were read."""
    if not PlaylistRun.objects.filter(pk=run.pk, lease_token=run.lease_token, status=Status.RUNNING).exists():
        raise LostLease


def _create_once(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Sleep) -> bool:
    """Leaves the run with one playlist, its id saved; True where it was made just now and so is empty."""
    if run.intent_at and run.playlist_id:
        return False
    playlist, is_new = (_left_behind(run, client, clock, sleep) if run.intent_at else None), False
    if playlist is None:
        playlist, is_new = _create(run, client, clock, sleep)
    _save(run, playlist, client, clock)
    return is_new


def _left_behind(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Sleep) -> Playlist | None:
    """What an earlier attempt has made. "Nothing" is said only when no request of it can be under way any more."""
    found = _look_up(run, client, clock, sleep)
    rest = (_under_way_until(run) - clock()).total_seconds()
    if found is None and rest > 0:
        sleep(rest)
        found = _look_up(run, client, clock, sleep)
    return found


def _under_way_until(run: PlaylistRun) -> datetime:
    """A call ends with its deadline, and at the latest with the lease of who sent it."""
    longest = min(timedelta(seconds=DEADLINE + sum(TIMEOUT)), states.LEASE)
    return (run.intent_at or run.created_at) + longest


def _create(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Sleep) -> tuple[Playlist, bool]:
    """The playlist, and whether it is new rather than found. Raises `unconfirmed`: the next attempt has to look."""
    # An id without an intent is the standing list that an earlier attempt meant to refill, and which is kept by now.
    run.advance(clock(), intent_at=clock(), playlist_id="")
    crash.here("intent")
    try:
        return _post(run, client, clock), True
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            run.advance(clock(), intent_at=None)
            raise
        doubt = error
    if found := _look_up(run, client, clock, sleep):
        return found, False
    if doubt.code != "unavailable":
        raise ServiceError(doubt.service, "unconfirmed", status=doubt.status)
    # An error was answered: nothing is under way, and nothing was made. The second answer is the last word.
    try:
        return _post(run, client, clock), True
    except ServiceError as error:
        code = "unconfirmed" if error.code in UNCERTAIN else error.code
        raise ServiceError(error.service, code, status=error.status) from None


def _post(run: PlaylistRun, client: SpotifyClient, clock: Clock) -> Playlist:
    is_standing = run.mode == User.Mode.STANDING
    name = standing.name() if is_standing else notes.playlist_name(run.day.isoformat(), run.steer)
    description = standing.description(run, run.marker)
    try:
        crash.here("creating")
        made = client.create_playlist(name, description, settings.PLAYLIST_VISIBILITY == "public")
    except (KeyboardInterrupt, SystemExit):
        # Sent by now, perhaps after a long wait for its turn: from here the next attempt counts.
        with suppress(LostLease):
            run.advance(clock(), intent_at=clock())
        raise
    crash.here("created")
    return made


def _look_up(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Sleep) -> Playlist | None:
    """The playlist with the run's marker; a second one, from an answer that came too late, is taken away."""
    for turn, pause in enumerate(LOOK_AGAIN, 1):
        sleep(pause)
        run.advance(clock())
        # New playlists come first as a rule; for the last word more of the library is read.
        if made := marked(run.marker, client, PAGES if turn == len(LOOK_AGAIN) else 1):
            for double in made[1:]:
                client.unfollow(double.id)
            return made[0]
    return None


def _save(run: PlaylistRun, playlist: Playlist, client: SpotifyClient, clock: Clock) -> None:
    try:
        run.advance(clock(), playlist_id=playlist.id, playlist_url=playlist.url, playlist_name=playlist.name[:200])
    except LostLease:
        _compensate(run, playlist.id, client)
        raise
    crash.here("id_saved")


def _compensate(run: PlaylistRun, playlist_id: str, client: SpotifyClient) -> None:
    """This process slept past its lease and has made a playlist all the same, which nobody is waiting for.

    It stays where the other has adopted it, and where he is still on his way and may: then he, or tidying, finds the
    double by its marker.
    """
    row = PlaylistRun.objects.filter(pk=run.pk).first()
    if row and (row.playlist_id == playlist_id or (not row.playlist_id and row.status not in ENDED)):
        return
    try:
        client.unfollow(playlist_id)
    except ServiceError as error:
        logger.warning("run=%s: a second playlist was not taken away: %s", run.pk, error.code)


def _fill(
    run: PlaylistRun, client: SpotifyClient, clock: Clock, held: dict[str, Track], *, is_new: bool
) -> tuple[str, ...]:
    wanted = contents.uris(track["id"] for track in run.planned)
    try:
        return contents.write(run.playlist_id, wanted, client, lambda: run.advance(clock()), is_new=is_new, held=held)
    except ServiceError:
        _take_away(run, client, clock())
        raise


def _trim(run: PlaylistRun, kept: tuple[str, ...], clock: Clock) -> None:
    """Tracks that Spotify did not keep leave the plan, and count as not there for a week."""
    if len(kept) == len(run.planned):
        return
    tracks = [track for track in run.planned if f"spotify:track:{track['id']}" in kept]
    # Or else tomorrow's list would be built on the same ids.
    memory.StoredNames(clock()).learn({one["key"]: None for one in run.planned if one not in tracks})
    gave_way = [*dict.fromkeys([*(run.plan or {}).get("relaxations", []), "short", "not_kept"])]
    run.advance(clock(), plan={**(run.plan or {}), "tracks": tracks, "relaxations": gave_way})


def _take_away(run: PlaylistRun, client: SpotifyClient, now: datetime) -> None:
    """A half-filled list in a library is worse than none; where even this fails, the next run fills or removes it."""
    if run.playlist_id == standing.current_id(run.user):
        return  # an earlier attempt has filled it and made it the standing one
    try:
        client.unfollow(run.playlist_id)
    except ServiceError:
        return
    run.advance(now, playlist_id="", playlist_url="", playlist_name="", intent_at=None)
