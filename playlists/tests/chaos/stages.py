"""What has to happen first, so that a run makes the very call that is to be disturbed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts.models import Outbox, User
from playlists.models import PlaylistRun
from playlists.notify import card_key
from playlists.request import order
from playlists.tests.chaos.field import Field
from playlists.tests.chaos.launcher import Order
from recommendations.models import ResolvedTrack, SourceCache
from vibe.clients.models import ServiceState

TIMEOUT = 0.5  # seconds a call may take


def forget_services() -> None:
    """Blocks, breakers and what is known of routes: each disturbance meets an installation that knows of none."""
    ServiceState.objects.all().delete()


def attempt(field: Field, run: PlaylistRun) -> str:
    """One attempt of a worker at the run; what is wrong with how the process ended."""
    worker = field.start(Order("playlists.tasks:run", (run.pk,), hasty=True, timeout=TIMEOUT))
    code = worker.join()
    return f"ended with {code}, {worker.tracebacks} tracebacks" if code or worker.tracebacks else ""


def fresh(field: Field) -> PlaylistRun:
    return _next(field, field.user(), 0)


def cold(field: Field) -> PlaylistRun:
    """Nothing is in a cache, so every source is asked and every name looked up."""
    _forget_answers()
    return fresh(field)


def second(field: Field) -> PlaylistRun:
    """The second day with nothing in a cache: what was recommended already leaves room that albums have to fill."""
    user = field.user()
    attempt(field, _next(field, user, 0))
    _forget_answers()
    return _next(field, user, 1)


def expired(field: Field) -> PlaylistRun:
    """The access token is too old; the refresh token is of its own, for a fault may use it up."""
    field.tokens.clear()
    user = field.user()
    user.spotify_accounts.update(expires_at=field.now() - timedelta(seconds=1))
    return _next(field, user, 0)


def standing(field: Field) -> PlaylistRun:
    """The second day of a standing playlist: it is looked up, refilled and described anew."""
    user = field.user(playlist_mode=User.Mode.STANDING)
    attempt(field, _next(field, user, 0))
    return _next(field, user, 1)


def untidy(field: Field) -> PlaylistRun:
    """An old playlist is to be tidied away."""
    user = field.user()
    first = _next(field, user, 0)
    attempt(field, first)
    PlaylistRun.objects.filter(pk=first.pk).update(finished_at=field.now() - timedelta(days=20))
    User.objects.filter(pk=user.pk).update(latest_playlist_id="")  # as if there had been one since
    return _next(field, user, 1)


def leftover(field: Field) -> PlaylistRun:
    """Another run failed, and its playlist is still in the library."""
    user = field.user()
    first = _next(field, user, 0)
    attempt(field, first)
    PlaylistRun.objects.filter(pk=first.pk).update(status="failed", error_code="incomplete")
    return _next(field, user, 1)


def unanswered(field: Field) -> PlaylistRun:
    """The answer to the creation gets lost, so that it has to be looked for."""
    field.sandbox.fault("timeout_after_write", mode="drop", path="/v1/me/playlists$", method="POST")
    return fresh(field)


def half_filled(field: Field) -> PlaylistRun:
    """The tracks are not added at first, so that the whole list is replaced."""
    field.sandbox.fault("server_error", status=502, path="/v1/playlists/.*/items", method="POST")
    return fresh(field)


def card(field: Field) -> PlaylistRun:
    """The result is written into a message that is there."""
    run = fresh(field)
    worker = field.start(Order("playlists.tests.chaos.acts:say", (run.user.telegram_chat_id,)))
    worker.join()
    # As if it were the run's. Nobody looks on at a run of the night, so only its result edits it.
    said = Outbox.objects.filter(key=f"card:{run.user.telegram_chat_id}")
    said.update(key=card_key(run), kind="progress", message_id=field.sandbox.state()["messages"][-1]["message_id"])
    return run


def _forget_answers() -> None:
    for model in (SourceCache, ResolvedTrack):
        model.objects.all().delete()


def _next(field: Field, user: User, day: int) -> PlaylistRun:
    run, _ = order(user, trigger="nightly", now=field.now() + timedelta(days=day))
    return run


Stage = Callable[[Field], PlaylistRun]
