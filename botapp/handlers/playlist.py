"""Playlists on demand: one made now, the latest, and one that is shown before it is written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from accounts.models import User
from botapp import given, reading
from botapp.turn import Turn, button, command
from playlists import notify, preview, wishes, worker
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, NotConnected, TooManyToday, order
from playlists.states import Status, Trigger
from recommendations import feedback, steering

SIZES = (10, 20, 30, 50)
SHARES = (50, 80, 100)  # percent of new tracks


@command("generate")
def generate(turn: Turn) -> None:
    """A new playlist now, whatever the day has brought already: `/generate`, `/generate calm jazz`, `… by Kino`."""
    _begin_steered(turn, steering.one_line(turn.arguments))


@button("again")
def again(turn: Turn) -> None:
    """`again:<run>`: a new playlist by the wish of that one."""
    number, *_ = given.numbers(turn.arguments) or [0]
    run = turn.user.runs.filter(pk=number).first()
    _begin_steered(turn, run.steer if run else "")


def _begin_steered(turn: Turn, words: str) -> None:
    if words and turn.user.spotify and (code := wishes.refused(words)):
        _refuse(turn, "wish", code=code, params={"words": reading.quoted(words)})
    else:
        _begin(turn, force=True, steer=words)


@command("latest")
def latest(turn: Turn) -> None:
    run = given.latest(turn.user)
    if run is None:
        turn.say("latest_none")
    else:
        turn.say("playlist", is_latest=True, **notify.card(run))


@command("preview")
def show_first(turn: Turn) -> None:
    """A list that is not written yet: `/preview`, `/preview 40`, `/preview 40 80`."""
    found = re.fullmatch(r"(\d{1,3})(?:[ :,]+(\d{1,3}) ?[%٪]?)?", reading.plain(turn.arguments))
    size, share = (reading.size(found[1]), int(found[2] or 0)) if found else (None, 0)
    if turn.arguments and (size is None or share > 100):
        turn.say("preview_bad")
        return
    ratio = share / 100 if found and found[2] else None
    _begin(turn, dry_run=True, size=size, min_new_ratio=ratio)


@button("write")
def write(turn: Turn) -> None:
    """`write:<run>`: the list of that preview, as it was shown."""
    run = _previewed(turn)
    if run is None:
        _refuse(turn, "gone")
    elif waiting := _under_way(turn.user, turn.now):
        _refuse_for(turn, waiting)
    else:
        _write(turn, run)


def _write(turn: Turn, run: PlaylistRun) -> None:
    try:
        is_begun = turn.user.spotify is not None and preview.write(run, turn.now)
    except AlreadyRunning:  # since this very moment
        _refuse(turn, "under_way")
    else:
        if is_begun:
            turn.keys.append(notify.begun(run, turn.chat_id, turn.now))
        else:
            _refuse(turn, _why_not(run, turn), url=run.playlist_url)


@button("change")
def change(turn: Turn) -> None:
    """`change:<run>`: what another preview may have instead."""
    run = _previewed(turn)
    if run is None:
        _refuse(turn, "gone")
        return
    share = round(run.min_new_ratio * 100)
    turn.say("change", sizes=SIZES, shares=SHARES, size=run.size_asked, share=share)


@button("change_cancel")
def change_nothing(turn: Turn) -> None:
    turn.say("change_cancel", edit=True)


@button("more_like")
def more_like(turn: Turn) -> None:
    """`more_like:<run>`: the next lists start from these tracks too, but for those that he dislikes."""
    run, account = _own(turn), turn.user.spotify
    if run is None or account is None:
        turn.say("more_like", count=0)
        return
    disliked = account.feedback.filter(kind=feedback.Kind.DISLIKE)
    ids, keys = (set(disliked.values_list(column, flat=True)) for column in ("spotify_track_id", "match_key"))
    words = [given.word(track, account) for track in run.tracks.all()]
    wanted = [word for word in words if word["track_id"] not in ids and word["key"] not in keys]
    said = [feedback.say(account, feedback.Kind.MORE, now=turn.now, **word) for word in wanted]
    is_new = any(word.created_at == turn.now for word in said)
    turn.say("more_like", count=len(wanted), moment=reading.microseconds(turn.now) if is_new else None)


def _begin(turn: Turn, **wishes: Any) -> None:
    """Has a worker make it, and shows the card in which it can be watched; or says why not."""
    try:
        waiting = _under_way(turn.user, turn.now)
        run, is_ours = (waiting, False) if waiting else order(turn.user, trigger=Trigger.BOT, now=turn.now, **wishes)
    except NotConnected:
        _refuse(turn, "not_connected")
    except AlreadyRunning:
        _refuse(turn, "under_way")
    except TooManyToday as refused:
        _refuse(turn, "too_many", limit=refused.limit, until=_midnight(turn.user, turn.now).isoformat())
    else:
        if is_ours:
            turn.keys.append(notify.begun(run, turn.chat_id, turn.now))
        else:
            _refuse_for(turn, run)


def _under_way(user: User, now: datetime) -> PlaylistRun | None:
    """What is being made for him at this moment, or waits because he asked for it; the other has to wait for it."""
    runs = user.runs.unfinished()
    alive = runs.filter(status=Status.RUNNING, lease_until__gte=now)
    found: PlaylistRun | None = (alive | runs.filter(status=Status.QUEUED, asked__gt=0)).order_by("pk").first()
    return found


def _refuse_for(turn: Turn, run: PlaylistRun) -> None:
    until = run.not_before
    if run.status == Status.QUEUED and until and until > turn.now:
        _refuse(turn, "parked", until=until.isoformat(), code=run.error_code, params=run.error_params)
    else:
        _refuse(turn, "under_way")


def _refuse(turn: Turn, why: str, **facts: Any) -> None:
    turn.say("refused", why=why, is_idle=not worker.is_alive(turn.now), **facts)


def _own(turn: Turn) -> PlaylistRun | None:
    """The run whose number the button carries; his own alone."""
    number, *_ = given.numbers(turn.arguments) or [0]
    return given.run_of(turn.user, number)


def _previewed(turn: Turn) -> PlaylistRun | None:
    """The same, whatever has become of it since it was shown."""
    number, *_ = given.numbers(turn.arguments) or [0]
    found: PlaylistRun | None = turn.user.runs.filter(pk=number, trigger=Trigger.BOT, night=None).first()
    return found


def _why_not(run: PlaylistRun, turn: Turn) -> str:
    """Why a preview is not written."""
    if turn.user.spotify is None:
        return "not_connected"
    if run.dry_run:
        return "old" if preview.is_old(run, turn.now) else "gone"
    return "written" if run.status == Status.SUCCESS else "not_written"


def _midnight(user: User, now: datetime) -> datetime:
    """When his next day begins."""
    tomorrow = user.local_date(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, user.zone).astimezone(UTC)
