"""What must be true of everybody after a soak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from accounts.models import Outbox, SpotifyAccount, User
from playlists.models import PlaylistRun
from playlists.states import Status
from playlists.tests.chaos import verdict
from playlists.tests.chaos.field import Child, Field
from playlists.tests.chaos.verdict import Outside

DEFECTS = ("internal", "bad_request")  # no fault of the outside may end in one of these


def judged(people: Sequence[User], crew: Sequence[Child], kills: int, ground: Field) -> tuple[str, list[str]]:
    """The numbers of the table, and all that is wrong."""
    runs = list(PlaylistRun.objects.filter(user__in=people).order_by("pk"))
    outside = Outside.look(ground)
    calls = ground.sandbox.calls()
    lost_answers = sum(call["service"] == "telegram" and call.get("fault") == "timeout_after_write" for call in calls)
    troubles = [
        *(trouble for user in people for trouble in _user_troubles(user, runs, outside)),
        *_failure_troubles(runs),
        *verdict.message_troubles(runs, outside, kills + lost_answers),
        *_crew_troubles(crew),
    ]
    ended = Counter(f"{run.status} {run.error_code}".strip() for run in runs)
    ends = ", ".join(f"{count} {how}" for how, count in ended.most_common())
    fresh = [run for run in runs if run.mode == User.Mode.FRESH]
    happened = (
        f"{len(runs)} runs of {len(people)} users ({ends}),"
        f" {outside.made(fresh)} playlists created for {len(fresh)} runs that want one each,"
        f" {sum(run.attempts for run in runs)} attempts, {kills} kills,"
        f" {verdict.repeats(runs, outside)} messages repeated"
        f" ({lost_answers} answers to a message were lost)"
    )
    return happened, troubles


def _user_troubles(user: User, runs: Sequence[PlaylistRun], outside: Outside) -> Iterable[str]:
    his = [run for run in runs if run.user_id == user.pk]
    yield from verdict.history_troubles(user.pk, his)
    if user.playlist_mode == User.Mode.STANDING:
        yield from _standing_troubles(user, his, outside)
        return
    for run in his:
        if run.status == Status.SUCCESS:
            yield from verdict.playlist_troubles(run, outside)
        elif outside.followed(run):
            yield f"run {run.pk}: {run.status} {run.error_code}, and left a playlist"


def _standing_troubles(user: User, runs: Sequence[PlaylistRun], outside: Outside) -> Iterable[str]:
    """One playlist, with the content of the last good run."""
    place = SpotifyAccount.objects.get(user=user).standing_playlist_id
    last = max((run for run in runs if run.status == Status.SUCCESS), key=lambda run: (run.finished_at, run.pk))
    followed = [one for run in runs for one in outside.followed(run)]
    if [one["id"] for one in followed] != [place]:
        yield f"user {user.pk}: {len(followed)} standing playlists"
    elif [track["id"] for track in followed[0]["tracks"]] != [track["id"] for track in last.planned]:
        yield f"user {user.pk}: the standing playlist does not hold the last run's tracks"


def _failure_troubles(runs: Sequence[PlaylistRun]) -> Iterable[str]:
    told = set(Outbox.objects.filter(status=Outbox.Status.SENT, kind="failed").values_list("key", flat=True))
    for run in runs:
        if run.status == Status.SUCCESS:
            continue
        if run.status != Status.FAILED or run.error_code in DEFECTS:
            yield f"run {run.pk} is {run.status} {run.error_code}"
        elif not any(key.startswith(f"run:{run.pk}:") for key in told):
            yield f"run {run.pk}: nobody was told that it failed with {run.error_code}"


def _crew_troubles(crew: Sequence[Child]) -> Iterable[str]:
    for worker in crew:
        if worker.tracebacks:
            yield f"{worker.log.name}: {worker.tracebacks} tracebacks, {worker.last_words}"
