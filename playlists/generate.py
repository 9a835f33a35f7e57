"""The job: one user, one playlist. Every door (bot, admin, shell, schedule, endpoint) comes here."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts import mix
from accounts.models import SpotifyAccount, User
from accounts.tokens import client_for
from playlists import budget, ends, learning, persist, preview, wishes
from playlists.journal import Journal
from playlists.models import PlaylistRun
from playlists.publish import publish, sweep
from playlists.request import AlreadyRunning, request
from playlists.states import SUPERSEDED, LostLease, Status
from playlists.tidy import tidy
from recommendations import artificial, library, listening, memory, outside
from recommendations.candidates import Given, Listening
from recommendations.recommend import Progress, Recommendation, Wish, recommend
from recommendations.services import OutsideServices
from recommendations.steered import Astray
from vibe import crash
from vibe.clients import limiter
from vibe.clients.errors import NeedsReconnect
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)


def silent(_step: str, **_counts: object) -> None:
    """The progress of a run nobody watches."""


def generate(user: User, *, trigger: str, clock: Clock, progress: Progress = silent, **wishes: Any) -> PlaylistRun:
    """Makes today's playlist here and now, or answers the one that is there already unless `force`.

    `wishes`: those of `playlists.request.request`, whose errors it raises too. A dry run writes nothing at Spotify
    and nothing into the history. What goes wrong is on the run that comes back.
    """
    run, ours = request(user, trigger=trigger, now=clock(), **wishes)
    if run.status == Status.SUCCESS:
        run.existing = True
        return run
    try:
        return perform(run, clock, progress, early=True)
    except AlreadyRunning:
        if ours:  # a row that was made for nothing goes again; one with a past stays
            PlaylistRun.objects.filter(pk=run.pk, status=Status.QUEUED, attempts=0, asked=1).delete()
        raise


def perform(run: PlaylistRun, clock: Clock, progress: Progress = silent, *, early: bool = False) -> PlaylistRun:
    """Claims a run that waits and carries it to its end or until it is parked. Raises `AlreadyRunning`.

    `early`: also before its hour. An interruption (Ctrl-C, SIGTERM as SystemExit) is noted on the run and goes on.
    """
    if not run.claim(clock(), early=early):
        raise AlreadyRunning
    crash.here("claimed")
    meter = limiter.opened(clock)
    journal = Journal(run, clock, meter, progress)
    try:
        with translation.override(run.user.language):
            _work(run, clock, meter, journal)
        crash.here("finished")
    except LostLease:
        logger.warning("run=%s was taken over by another process, or deleted", run.pk)
        if PlaylistRun.objects.filter(pk=run.pk).exists():
            run.refresh_from_db()
    except (KeyboardInterrupt, SystemExit) as stop:
        ends.interrupted(run, clock(), journal.summary(), by_hand=isinstance(stop, KeyboardInterrupt))
        raise
    except Exception as error:  # noqa: BLE001 - recorded by `badly`
        # One user's run must not stop the others'; the run says how it failed, the log why.
        ends.badly(run, error, clock(), journal.summary())
    finally:
        limiter.store(meter)
        journal.log()
    return run


def _work(run: PlaylistRun, clock: Clock, meter: Meter, journal: Journal) -> None:
    if run.night and PlaylistRun.objects.later(run).exists():
        raise ends.NoPlaylist(SUPERSEDED)
    account = run.user.spotify
    if account is None:
        raise NeedsReconnect(code="disconnected")
    journal("connecting")
    client = client_for(account, clock, meter)
    if run.plan is None:
        made = _recommend(run, account, client, clock, meter, journal)
        persist.freeze(run, made, clock(), journal.summary())
    crash.here("planned")
    if not run.dry_run:
        journal("writing", tracks=len(run.planned))
        persist.refuse_left(account)
        ends.supersede(run, clock())
        sweep(run, client)
        publish(run, client, clock)
        journal.report["tidied"] = tidy(run, client, clock, limit=budget.TIDY_LISTS)
    persist.finish(run, account, clock(), journal.summary())
    journal.finish(tracks=run.total, new=run.new)


def _recommend(
    run: PlaylistRun, account: SpotifyAccount, client: SpotifyClient, clock: Clock, meter: Meter, journal: Journal
) -> Recommendation:
    plan = budget.plan(run.user, clock(), first=not account.history.exists())
    journal.report["budget"] = plan.as_json()
    heard = _listen(run, account, client, clock(), journal, plan.library_pages)
    services = OutsideServices(client, meter, outside.answers(meter))
    now = clock()
    journal.report["weights"] = learning.weights(account, now)
    wish = Wish(
        size=run.size_asked,
        min_new_ratio=run.min_new_ratio,
        cooldown_days=settings.COOLDOWN_DAYS,
        now=now,
        today=run.day,
        own_playlists=frozenset(run.user.runs.exclude(playlist_id="").values_list("playlist_id", flat=True)),
        market=account.market or settings.SPOTIFY_DEFAULT_MARKET,
        source_weights=journal.report["weights"],
        artificial=artificial.known(),
        wildness=run.wildness / 10,
        languages=_shares(run.languages),
    )
    heard, rng = _apart(run, account, heard, now)
    answers, names = memory.StoredAnswers(now), memory.StoredNames(now)
    journal("asking")
    try:
        wish = replace(wish, steer=wishes.of(run, account))
        made = recommend(heard, wish, services, answers, names, plan.budget, rng, journal, journal.tick)
    except Astray as lost:
        raise ends.NoPlaylist(lost.code, words=run.steer) from None
    # A limit that came halfway must not freeze what was found before it: the run waits and then chooses from all.
    meter.refuse_blocked("spotify")
    journal.report |= {"budget": plan.as_json(), "sources": persist.sources(made), "names": made.looked_up}
    journal.report |= {"languages": made.languages, "followed": made.followed}
    if not made.selection.picks:
        answered = any(source.answered for source in made.sources)
        raise ends.NoPlaylist("nothing_found" if answered else "sources_failed")
    return made


def _shares(wish: str) -> dict[str, float] | None:
    asked = mix.shares(wish)
    return None if asked is None else {language: percent / 100 for language, percent in asked.items()}


def _apart(
    run: PlaylistRun, account: SpotifyAccount, heard: Listening, now: datetime
) -> tuple[Listening, random.Random]:
    """The day's draw; for who asks for the same preview again another one, from which he gets other tracks."""
    seen = preview.before(run)
    shown = tuple(Given(track["id"], track["key"], track["isrc"], now) for one in seen for track in one.planned)
    draw = f"{account.account_id} {run.day} {len(seen) or ''}".strip()
    return replace(heard, history=shown + heard.history), random.Random(draw)  # noqa: S311  a taste, not a secret


def _listen(
    run: PlaylistRun, account: SpotifyAccount, client: SpotifyClient, now: datetime, journal: Journal, pages: int
) -> Listening:
    journal("library")
    likes = library.sync_likes(account, client, now, pages=pages, tick=journal.tick)
    journal.report["likes"] = likes.as_json()
    journal("plays", likes=likes.read, total=likes.total)
    journal.report["plays"] = library.sync_plays(account, client, now).as_json()
    journal.report["outcomes"] = learning.learn(run, account, client, now)
    heard = learning.without_removed(account, listening.read(account, now, settings.RECENT_DAYS_WINDOW))
    if not heard.likes and not heard.plays:
        raise ends.NoPlaylist("no_music" if likes.total else "no_taste")
    return heard
