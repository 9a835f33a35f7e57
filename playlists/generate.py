"""The job: one user, one playlist. Every door (bot, admin, shell, schedule, endpoint) comes here."""

from __future__ import annotations

import logging
import random
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import SpotifyAccount, User
from accounts.spotify_auth import client_for
from playlists import persist
from playlists.journal import Journal
from playlists.models import LostLease, PlaylistRun
from playlists.publish import publish, sweep
from recommendations import library, listening, memory
from recommendations.candidates import Listening
from recommendations.converse import Budget
from recommendations.recommend import Progress, Recommendation, Wish, recommend
from recommendations.services import OutsideServices
from vibe.clients import limiter
from vibe.clients.errors import Gone, NeedsReconnect, RateLimited, ServiceError
from vibe.clients.http import Meter
from vibe.clients.lastfm import LastfmClient
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)

# Spotify's quota binds long before its rate limit: what a run may spend, its library's first reading apart.
FIRST_RUN_CALLS = 60
DAILY_CALLS = 30
WRITE_CALLS = 4  # create, fill, read back, and one to mend
LASTFM_CALLS = 120


class NotConnected(Exception):
    """The user has no linked Spotify account."""


class AlreadyRunning(Exception):
    """Another run of this user is under way."""


class NoPlaylist(Exception):
    """There is nothing to publish; `code` says why, in the terms of `playlists.notes`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def silent(_step: str, **_counts: object) -> None:
    """The progress of a run nobody watches."""


def generate(
    user: User,
    *,
    trigger: str,
    clock: Clock,
    force: bool = False,
    dry_run: bool = False,
    size: int | None = None,
    min_new_ratio: float | None = None,
    progress: Progress = silent,
) -> PlaylistRun:
    """Makes today's playlist, or answers the one that is there already unless `force`.

    A dry run writes nothing at Spotify and nothing into the history. What goes wrong is on the
    run that comes back. Raises `NotConnected` and `AlreadyRunning`, which leave no trace.
    """
    if user.spotify is None:
        raise NotConnected
    now = clock()
    PlaylistRun.objects.release_dead(now)
    wanted = {
        "size_asked": size or user.size,
        "min_new_ratio": user.ratio if min_new_ratio is None else min_new_ratio,
        "trigger": trigger,
    }
    run, made = request(user, now, wanted, once=not (force or dry_run), dry_run=dry_run)
    if run.status == PlaylistRun.Status.SUCCESS:
        run.existing = True
        return run
    try:
        return perform(run, clock, progress, **wanted)
    except AlreadyRunning:
        if made:
            PlaylistRun.objects.filter(pk=run.pk, status=PlaylistRun.Status.QUEUED).delete()
        raise


def request(
    user: User, now: datetime, wanted: dict[str, Any], *, once: bool, dry_run: bool
) -> tuple[PlaylistRun, bool]:
    """The row to carry out, and whether it is new; a night has only one, however it ended."""
    day = user.local_date(now)
    new = {"day": day, "created_at": now, "dry_run": dry_run, **wanted}
    if once:
        return PlaylistRun.objects.get_or_create(user=user, night=day, defaults=new)
    return PlaylistRun.objects.create(user=user, **new), True


def perform(run: PlaylistRun, clock: Clock, progress: Progress = silent, **wanted: Any) -> PlaylistRun:
    """Claims a run that waits or ended badly, and carries it to its end, good or bad. Raises `AlreadyRunning`.

    An interruption (Ctrl-C, SIGTERM as SystemExit) is noted on the run and goes on.
    """
    if not run.claim(clock(), **wanted):
        raise AlreadyRunning
    meter = Meter(clock)
    journal = Journal(run, clock, meter, progress)
    try:
        with translation.override(run.user.language):
            _work(run, clock, meter, journal)
    except LostLease:
        logger.warning("run=%s was taken over by another process", run.pk)
        run.refresh_from_db()
    except (ServiceError, NoPlaylist) as error:
        run.fail(clock(), **_cause(error), report=journal.summary())
    except (KeyboardInterrupt, SystemExit):
        run.fail(clock(), "interrupted", report=journal.summary())
        raise
    except Exception:
        # One user's run must not stop the others'; the run says that it failed, the log says why.
        logger.exception("run=%s failed unexpectedly", run.pk)
        run.fail(clock(), "internal", report=journal.summary())
    finally:
        limiter.store(meter)
        journal.log()
    return run


def _cause(error: ServiceError | NoPlaylist) -> dict[str, Any]:
    """An error as `PlaylistRun.fail` takes it: a code and what its sentence names."""
    match error:
        case NeedsReconnect():
            return {"code": error.code, "needs_link": True}
        case RateLimited():
            return {"code": error.code, "until": error.until.isoformat()}
        case Gone():
            return {"code": error.code, "capability": error.capability}
        case ServiceError():
            return {"code": error.code, "status": error.status}
        case NoPlaylist():
            return {"code": error.code}


def _work(run: PlaylistRun, clock: Clock, meter: Meter, journal: Journal) -> None:
    account = run.user.spotify
    if account is None:
        raise NeedsReconnect(code="disconnected")
    journal("connecting")
    client = client_for(account, clock, meter)
    made = None
    if run.plan is None:
        made = _recommend(run, account, client, clock, meter, journal)
        run.advance(clock(), plan=persist.plan(made))
    if not run.dry_run:
        journal("writing", tracks=len(run.planned))
        sweep(run, client)
        publish(run, client, clock)
    persist.finish(run, account, clock(), journal.summary(), made)
    journal.finish(tracks=run.total, new=run.new)


def _recommend(
    run: PlaylistRun, account: SpotifyAccount, client: SpotifyClient, clock: Clock, meter: Meter, journal: Journal
) -> Recommendation:
    heard = _listen(account, client, clock(), journal)
    lastfm = LastfmClient(settings.LASTFM_API_KEY, meter) if settings.LASTFM_API_KEY else None
    services = OutsideServices(client, lastfm, meter)
    now = clock()
    wish = Wish(
        size=run.size_asked,
        min_new_ratio=run.min_new_ratio,
        cooldown_days=settings.COOLDOWN_DAYS,
        now=now,
        today=run.day,
        own_playlists=frozenset(run.user.runs.exclude(playlist_id="").values_list("playlist_id", flat=True)),
    )
    rng = random.Random(f"{account.account_id} {run.day}")  # noqa: S311  a taste, not a secret
    answers, names = memory.StoredAnswers(now), memory.StoredNames(now)
    journal("asking")
    made = recommend(heard, wish, services, answers, names, _budget(heard, meter), rng, journal, journal.tick)
    journal.report |= {"sources": persist.sources(made), "names": made.looked_up}
    if not made.selection.picks:
        answered = any(source.answered for source in made.sources)
        raise NoPlaylist("nothing_found" if answered else "sources_failed")
    return made


def _listen(account: SpotifyAccount, client: SpotifyClient, now: datetime, journal: Journal) -> Listening:
    journal("library")
    likes = library.sync_likes(account, client, now, tick=journal.tick)
    journal.report["likes"] = likes.as_json()
    journal("plays", likes=likes.read, total=likes.total)
    journal.report["plays"] = library.sync_plays(account, client, now).as_json()
    heard = listening.read(account, now, settings.RECENT_DAYS_WINDOW)
    if not heard.likes and not heard.plays:
        raise NoPlaylist("no_taste")
    return heard


def _budget(heard: Listening, meter: Meter) -> Budget:
    calls = DAILY_CALLS if heard.history else FIRST_RUN_CALLS
    spent = sum(made for (service, family), made in meter.calls.items() if service == "spotify" and family != "library")
    return Budget({"spotify": max(calls - spent - WRITE_CALLS, 0), "lastfm": LASTFM_CALLS})
