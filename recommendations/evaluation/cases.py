"""Who is evaluated, on what, and who the others are: the protocol of docs/taste.md."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from recommendations.candidates import Heard, Listening
from recommendations.evaluation.data import Data, DataError, Session
from recommendations.evaluation.names import artist_name, isrc, key, track_id, track_name

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
MIN_TRACKS = 30  # of a listener who is evaluated, if nothing else is asked
MIN_SESSIONS, PAST, MIN_TRUTH = 4, 0.7, 5  # of a listener who is split in time
LONG_AGO = 400  # days: in data without times no like is fresher than another
REMEMBERED = 50  # plays that Spotify tells of


@dataclass(frozen=True, slots=True)
class Case:
    """One listener: what he is known to have, newest first, and what he has beside that."""

    listener: str
    plays: tuple[tuple[int, datetime], ...]
    likes: tuple[tuple[int, datetime], ...]
    truth: frozenset[int]

    @property
    def known(self) -> frozenset[int]:
        return frozenset(track for track, _at in (*self.plays, *self.likes))

    def listening(self, artists: Sequence[int]) -> Listening:
        def heard(tracks: tuple[tuple[int, datetime], ...]) -> tuple[Heard, ...]:
            return tuple(_heard(track, artists[track], at) for track, at in tracks)

        return Listening(likes=heard(self.likes), plays=heard(self.plays))


def _heard(track: int, artist: int, at: datetime) -> Heard:
    name = artist_name(artist)
    return Heard(track_id(track), track_name(track), name, name, key(track, artist), isrc(track), at)


@dataclass(frozen=True, slots=True)
class Split:
    cases: list[Case]
    others: list[str]  # the listeners whom services and baselines see


def split(
    data: Data,
    *,
    users: int,
    seed: int,
    test: bool = False,
    least: int = MIN_TRACKS,
    known: int = 0,
    merged: int = 1,
) -> Split:
    """`least`: tracks of whoever is evaluated. `known`: so many of them are known, 0 for all of the known half.

    `merged`: so many listeners make one; as many such ones as there are listeners drawn.

    Raises DataError where the data does not have anybody who can be evaluated.
    """
    rng = random.Random(seed)  # noqa: S311  draws that anybody can repeat
    drawn, hidden = _draw(data, users, test, least, rng)
    pieces = {user: case for user in drawn if (case := _case(data, user, rng))}
    cases = list(pieces.values())
    if len(cases) < merged:
        wanted = f"{least} tracks and, in data with times, {MIN_SESSIONS} sessions"
        raise DataError(f"Listeners with {wanted}: {merged} or more are needed, {len(cases)} are there.")
    if merged > 1:
        cases = [_merge(rng.sample(cases, merged)) for _ in range(min(users, len(cases)))]
    others = [user for user in data.listeners if user not in hidden]
    if not others:
        raise DataError("every listener is evaluated or hidden, and nobody is left to answer for the services.")
    if known:
        cases = [_shortened(case, known) for case in cases]
    return Split(cases, others)


def _draw(data: Data, users: int, test: bool, least: int, rng: random.Random) -> tuple[list[str], Collection[str]]:
    """(who is evaluated, who is hidden from the services).

    Hidden is whoever may ever be tuned on, and whoever this seed tests; in data without a list of those, which are
    small, whoever is evaluated.
    """
    able = [user for user, tracks in data.listeners.items() if len(tracks) >= least and _is_long(data, user)]
    if not data.development:
        random.Random(0).shuffle(able)  # noqa: S311  the same halves whatever the seed
        half = able[len(able) // 2 :] if test else able[: len(able) // 2]
        drawn = rng.sample(half, min(users, len(half)))
        return drawn, set(drawn)
    tune = [user for user in able if user in data.development]
    check = [user for user in able if user not in data.development]
    tune, check = (rng.sample(some, min(users, len(some))) for some in (tune, check))
    return check if test else tune, data.development.union(check)


def _is_long(data: Data, user: str) -> bool:
    return data.sessions is None or len(data.sessions[user]) >= MIN_SESSIONS


def _case(data: Data, user: str, rng: random.Random) -> Case | None:
    return _in_time(user, data.sessions[user]) if data.sessions else _halved(user, data.listeners[user], rng)


def _halved(user: str, tracks: Sequence[int], rng: random.Random) -> Case:
    """A random half is known, the first half of it as plays."""
    mixed = rng.sample(tracks, len(tracks))
    known, truth = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
    plays, likes = known[: len(known) // 2], known[len(known) // 2 :]
    return Case(user, _dated(plays, 0), _dated(likes, LONG_AGO), frozenset(truth))


def _dated(tracks: Sequence[int], days: int) -> tuple[tuple[int, datetime], ...]:
    return tuple((track, NOW - timedelta(days=days, minutes=place)) for place, track in enumerate(tracks, 1))


def _in_time(user: str, sessions: Sequence[Session]) -> Case | None:
    """The first 70 % of the sessions are known; to be found is what is heard for the first time after them."""
    begin = round(len(sessions) * PAST)
    past = [play for session in sessions[:begin] for play in session]
    heard = {track for _at, track in past}
    truth = {track for session in sessions[begin:] for _at, track in session} - heard
    if len(truth) < MIN_TRUTH:
        return None
    shift = NOW - datetime.fromtimestamp(sessions[begin][0][0], UTC)
    last = {track: datetime.fromtimestamp(at, UTC) + shift for at, track in past}
    newest = sorted(last.items(), key=lambda pair: (-pair[1].timestamp(), pair[0]))
    return Case(user, tuple(newest[:REMEMBERED]), tuple(newest), frozenset(truth))


def _merge(cases: Sequence[Case]) -> Case:
    def newest(name: str) -> tuple[tuple[int, datetime], ...]:
        dated = [pair for case in cases for pair in getattr(case, name)]
        return tuple(sorted(dated, key=lambda pair: (-pair[1].timestamp(), pair[0])))

    user = "+".join(case.listener for case in cases)
    one = Case(user, newest("plays"), newest("likes"), frozenset())
    return replace(one, truth=frozenset().union(*(case.truth for case in cases)) - one.known)


def _shortened(case: Case, known: int) -> Case:
    plays = case.plays[: (known + 1) // 2]
    return replace(case, plays=plays, likes=case.likes[: known - len(plays)])
