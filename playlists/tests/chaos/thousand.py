"""A thousand listeners due in one hour, all at its end, where Spotify counts the calls: nobody waits for the next one.

The hour is compressed by FACTOR: the limiter's gaps and the latency are that much shorter, the sandbox allows that much
more in its 30 seconds. What is not compressed are the processors, so that it is harder than life.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as wall
from typing import TYPE_CHECKING, Any

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.hands import Hands, spent, until
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from playlists.tests.chaos.field import Field

USERS, FEW = 1_000, 60
FACTOR = 4
GAPS = {"SPOTIFY_CALL_GAP_MS": 100, "LASTFM_CALL_GAP_MS": 500}
RATE = 300  # calls in 30 s: exactly the pace that we keep
LATENCY = 100  # milliseconds
WORKERS = 4
WARM = 12  # listeners of the same taste who were served before, as there are in an installation that runs
HOUR, MOST_REFUSED = 3_600.0, 0.01


def play(database: str, short: bool) -> list[Line]:
    begun, users, factor = time.monotonic(), FEW if short else USERS, 1 if short else FACTOR
    world = build(artists=400, likes=200, listeners=1)
    with (
        Sandbox(world, mode="extended", latency=LATENCY // factor) as sandbox,
        ground(database, sandbox, DEFAULT_PLAYLIST_SIZE="30") as field,
    ):
        with at_work(field):
            _serve(field, WARM)
        sandbox.limit(rate=RATE * factor)
        sandbox.calls(clear=True)
        with at_work(field, **{name: str(gap // factor) for name, gap in GAPS.items()}) as hands:
            before = hands.seconds(), spent(sandbox._process.pid)
            seconds = _serve(field, users, HOUR / factor)
            used = hands.seconds() - before[0], spent(sandbox._process.pid) - before[1]
        return [_line(field, users, seconds, factor, used, time.monotonic() - begun)]


@contextmanager
def at_work(field: Field, **environment: str) -> Iterator[Hands]:
    hands = Hands(field, "--workers", str(WORKERS), "--manual-workers", "1", **environment)
    try:
        if until(hands.is_complete, 60) is None:
            raise RuntimeError(hands.said[-500:])
        yield hands
    finally:
        hands.stop()


def _serve(field: Field, count: int, hour: float = HOUR) -> float:
    """So many new listeners, all due now; seconds until the last of them has his playlist, or the hour is over."""
    from playlists.models import PlaylistRun
    from playlists.tasks import tick

    people = crowd(field, count)
    tick()
    waiting = PlaylistRun.objects.filter(user__in=people).exclude(status="success")
    assert PlaylistRun.objects.filter(user__in=people).count() == count
    return until(lambda: not waiting.exists(), hour, 0.5) or hour


def crowd(field: Field, count: int) -> list[int]:
    """New linked users with the taste of the first listener, whose hour ended a moment ago."""
    from accounts.encryption import seal
    from accounts.models import SpotifyAccount, User

    now, number = field.now(), User.objects.count()
    tokens = field.sandbox.crowd(count, "listener01")
    users = User.objects.bulk_create(_person(User, number + n, now) for n in range(count))
    accounts = []
    for user, (listener, token) in zip(users, tokens.items(), strict=True):
        sealed = {
            f"{kind}_sealed": seal(f"{user.pk}/{listener}/{kind.partition('_')[0]}", token[kind])
            for kind in ("access_token", "refresh_token")
        }
        accounts.append(
            SpotifyAccount(
                user=user,
                account_id=listener,
                spotify_user_id=listener,
                expires_at=now + timedelta(days=20),
                authorized_at=now,
                pending=False,
                **sealed,
            )
        )
    SpotifyAccount.objects.bulk_create(accounts)
    return [user.pk for user in users]


def _person(model: Any, number: int, now: datetime) -> Any:
    """His hour began an hour ago; where that was yesterday, he lives further east."""
    east = now.hour < 2
    began = (now + timedelta(hours=5 if east else 0) - timedelta(hours=1)).time()
    zone = "Asia/Tashkent" if east else "UTC"
    return model(
        username=f"due{number}",
        telegram_chat_id=5_000_000 + number,
        timezone=zone,
        nightly_at=wall(began.hour, began.minute),
    )


def _line(field: Field, users: int, seconds: float, factor: int, used: tuple[float, float], whole: float) -> Line:
    from playlists.models import PlaylistRun

    runs = PlaylistRun.objects.order_by("-pk")[:users]
    done = sum(run.status == "success" for run in runs)
    limits = field.sandbox.limits()
    answered, refused = limits["answered"], sum(limits["refused"].values())
    troubles = [f"{users - done} had no playlist within the hour"] * (done < users)
    if refused > MOST_REFUSED * (answered + refused):
        troubles.append(f"{refused} of {answered + refused} calls were refused")
    minutes, rest = divmod(round(seconds * factor), 60)
    happened = (
        f"{done:,} done in {minutes} min {rest} s{f' ({factor} times faster in fact)' if factor > 1 else ''} by "
        f"{WORKERS} workers, all due at once; {answered:,} Spotify calls ({answered / users:.1f} a run, "
        f"{answered / seconds / factor:.1f} a second of {RATE / 30:g} allowed), {refused} answers 429; "
        f"{len(field.sandbox.calls('lastfm')):,} to Last.fm; a run costs {used[0] / users:.2f} s of a processor, "
        f"the sandbox {used[1] / users:.2f} s"
    )
    return Line(f"{users:,} listeners due in one hour", happened, whole, troubles)
