"""Every outside call of a run, times every fault: each ends in a state we know, and nothing is asked in a storm."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from accounts.models import Outbox, SpotifyAccount, User
from playlists import notes
from playlists.models import PlaylistRun
from playlists.request import order
from playlists.states import Status
from playlists.tests.chaos import stages
from playlists.tests.chaos.field import DATABASES, Field
from playlists.tests.chaos.points import finish
from playlists.tests.chaos.quiet import DEFECTS
from playlists.tests.chaos.stages import Stage, attempt, forget_services
from playlists.tests.chaos.verdict import Outside, Row, playlist_troubles, standing_troubles

BLOCK = 3600  # seconds of a Retry-After that nobody waits for
# What may be over at the next call; everything else lasts as long as the operator or the listener lets it.
PASSING = ("rate_limit", "server_error", "not_found", "timeout_after_write", "empty", "malformed", "expired")
REPEATS = 3  # one call and its two repeats


class Target(NamedTuple):
    name: str
    service: str
    method: str
    path: str  # what the sandbox compares: a regular expression
    stage: Stage
    turns: int = 1  # how often a run may make such a call for a reason of its own


TARGETS = (
    Target("token refresh", "accounts", "POST", "/api/token", stages.expired),
    Target("liked tracks", "spotify", "GET", "/v1/me/tracks", stages.fresh),
    Target("recent plays", "spotify", "GET", "/v1/me/player/recently-played", stages.fresh),
    Target("search", "spotify", "GET", "/v1/search", stages.cold),
    Target("top tracks", "spotify", "GET", "/v1/artists/.*/top-tracks", stages.cold),
    Target("recommendations", "spotify", "GET", "/v1/recommendations", stages.cold),
    Target("artist's albums", "spotify", "GET", "/v1/artists/.*/albums", stages.second),
    Target("album's tracks", "spotify", "GET", "/v1/albums/.*/tracks", stages.second),
    Target("create", "spotify", "POST", "/v1/me/playlists$", stages.fresh),
    Target("look for a created one", "spotify", "GET", "/v1/me/playlists$", stages.unanswered, 3),
    Target("add", "spotify", "POST", "/v1/playlists/.*/items", stages.fresh),
    Target("read back", "spotify", "GET", "/v1/playlists/.*/items", stages.fresh),
    Target("replace", "spotify", "PUT", "/v1/playlists/.*/items", stages.half_filled),
    Target("find a standing one", "spotify", "GET", "/v1/me/playlists$", stages.standing),
    # Refilled, and where that fails the last good content is put back.
    Target("refill a standing one", "spotify", "PUT", "/v1/playlists/.*/items", stages.standing, 2),
    Target("describe anew", "spotify", "PUT", "/v1/playlists/[^/]+$", stages.standing),
    Target("look at an old one", "spotify", "GET", "/v1/playlists/[^/]+$", stages.untidy),
    Target("tidy away", "spotify", "DELETE", "/v1/me/library", stages.untidy),
    Target("take a failed one away", "spotify", "DELETE", "/v1/me/library", stages.leftover),
    Target("similar tracks", "lastfm", "", "(?i)track.getsimilar", stages.cold),
    Target("similar artists", "lastfm", "", "(?i)artist.getsimilar", stages.cold),
    Target("artists' top tracks", "lastfm", "", "(?i)artist.gettoptracks", stages.cold),
    Target("send a message", "telegram", "", "(?i)sendmessage", stages.fresh),
    Target("edit a message", "telegram", "", "(?i)editmessagetext", stages.card),
)
EVERYWHERE: tuple[dict[str, Any], ...] = (
    {"kind": "rate_limit", "seconds": 1},
    {"kind": "rate_limit", "seconds": BLOCK},
    *({"kind": "server_error", "status": status} for status in (500, 503)),
    {"kind": "not_found"},
    {"kind": "timeout_after_write", "mode": "drop"},
    {"kind": "timeout_after_write", "mode": "hang", "seconds": 3 * stages.TIMEOUT},
    {"kind": "slow", "seconds": 0.1},
    {"kind": "empty"},
    {"kind": "malformed"},
)
ONLY: dict[str, tuple[dict[str, Any], ...]] = {
    "accounts": (
        *({"kind": "invalid_grant", "reason": reason} for reason in ("expired", "revoked")),
        {"kind": "refresh_rotated"},
        {"kind": "refresh_empty"},
    ),
    "spotify": (
        {"kind": "quota"},
        {"kind": "expired"},
        {"kind": "odd_rows"},
        *({"kind": "forbidden", "reason": reason} for reason in ("removed", "not_registered", "premium", "scope")),
    ),
    "lastfm": tuple({"kind": "lastfm_error", "code": code} for code in (6, 8, 10, 11, 16, 26, 29)),
    "telegram": ({"kind": "blocked"}, {"kind": "chat_not_found"}),
}
SILENT = ("blocked", "chat_not_found", "not_found")  # after these the message is rightly never sent


def outside(field: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    every = list(matrix())
    # In the short harness a few, from all over the matrix. How a fault ends has little to do with the database, so
    # that the second one gets a share only.
    is_second = field.database != DATABASES[0]
    chosen = every[:: len(every) // (3 if is_second else 10)] if short else every[:: 4 if is_second else 1]
    ends: Counter[str] = Counter()
    troubles, most, missed = [], 0, []
    for target, fault in chosen:
        end, asked, found = disturbed(field, target, fault)
        ends[end] += 1
        most = max(most, asked)
        missed += [] if asked else [f"{target.name}: never asked"]
        troubles += [f"{target.name}, {told(fault)}: {trouble}" for trouble in found]
    shown = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    happened = (
        f"{len(chosen)} of {len(every)} pairs of {len(TARGETS)} calls and their faults: {shown};"
        f" the same call at most {most} times; afterwards one playlist each"
    )
    return [Row("every outside call x every fault", happened, time.monotonic() - begun, troubles + sorted(set(missed)))]


def matrix() -> Iterator[tuple[Target, dict[str, Any]]]:
    for target in TARGETS:
        for fault in (*EVERYWHERE, *ONLY[target.service]):
            if fault["kind"] in PASSING and fault.get("seconds") != BLOCK:
                yield target, {**fault, "times": 1}
            yield target, {**fault, "times": None}


def told(fault: dict[str, Any]) -> str:
    details = [str(value) for name, value in fault.items() if name != "times"]
    return f"{' '.join(details)} {'once' if fault['times'] else 'always'}"


def disturbed(field: Field, target: Target, fault: dict[str, Any]) -> tuple[str, int, list[str]]:
    """How the attempt ended that met the fault, how often it asked the same, and all that is wrong."""
    field.sandbox.clear_faults()
    forget_services()
    run = target.stage(field)
    field.sandbox.calls(clear=True)
    field.sandbox.fault(**fault, service=target.service, method=target.method, path=target.path)
    trouble = attempt(field, run)
    asked = _most_repeats(field, target)
    run.refresh_from_db()
    end = f"{run.status} {run.error_code}".strip()
    troubles = [*([trouble] if trouble else []), *_state_troubles(run), *_storm(asked, target, fault)]
    field.sandbox.clear_faults()
    return end, asked, [*troubles, *_mended(field, run, fault)]


def _most_repeats(field: Field, target: Target) -> int:
    """How often the same call of the target's kind was made."""
    same: Counter[str] = Counter()
    for call in field.sandbox.calls(target.service):
        path = f"/2.0/{call['query'].get('method', '')}" if target.service == "lastfm" else call["path"]
        if target.method in ("", call["method"]) and re.search(target.path, path):
            same[f"{path} {sorted(call['query'].items())}"] += 1
    return max(same.values(), default=0)


def _state_troubles(run: PlaylistRun) -> Iterable[str]:
    match run.status:
        case Status.SUCCESS:
            return
        case Status.QUEUED if run.not_before and run.error_code in notes.ERRORS:
            return
        case Status.FAILED | Status.NEEDS_LINK if run.error_code in notes.ERRORS and run.error_code not in DEFECTS:
            return
    yield f"left as {run.status} {run.error_code!r}, not before {run.not_before}"


def _storm(asked: int, target: Target, fault: dict[str, Any]) -> Iterable[str]:
    most = REPEATS * target.turns
    if fault["kind"] == "quota" or fault.get("seconds") == BLOCK:
        most = 1
    if asked > most:
        yield f"the same call {asked} times"


def _mended(field: Field, run: PlaylistRun, fault: dict[str, Any]) -> Iterable[str]:
    """Everything works again: the run goes on, by itself or by a person's wish, and is right."""
    forget_services()
    Outbox.objects.update(not_before=None)
    if run.status == Status.NEEDS_LINK:
        field.tokens.clear()
        field.link(SpotifyAccount.objects.get(user=run.user_id))
    if run.status in (Status.FAILED, Status.NEEDS_LINK):
        order(run.user, trigger="bot", now=run.created_at)
    # Its own clock may be a day ahead of ours.
    PlaylistRun.objects.filter(pk=run.pk, status=Status.QUEUED).update(not_before=None)
    yield from finish(field, [run], hasty=True)
    run.refresh_from_db()
    seen = Outside.look(field)
    yield from standing_troubles(run, seen) if run.mode == User.Mode.STANDING else playlist_troubles(run, seen)
    yield from (f"{len(seen.followed(one))} playlists of run {one.pk}" for one in _doubled(run, seen))
    if fault["kind"] not in SILENT and not seen.told(run.playlist_id):
        yield "nobody was told"


def _doubled(run: PlaylistRun, seen: Outside) -> list[PlaylistRun]:
    return [one for one in PlaylistRun.objects.filter(user=run.user_id) if len(seen.followed(one)) > 1]
