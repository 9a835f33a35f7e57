"""What the operator asks for a listener. A worker carries it out; each answers at once with what came of the asking."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from accounts.models import User
from playlists import disconnect as leaving
from playlists import queue
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, NotConnected, TooManyToday, order
from playlists.states import Status, Trigger


class Answer(StrEnum):
    QUEUED = "queued"
    THERE = "there"  # today's list is made already
    WAITING = "waiting"  # asked for before, its turn has not come
    PARKED = "parked"  # waits for its hour, which nobody can hurry
    BUSY = "busy"
    TOO_MANY = "too_many"
    NOT_LINKED = "not_linked"
    DISCONNECTED = "disconnected"


def generate(user: User, now: datetime) -> Answer:
    """Today's list, once: one that the listener had made for himself is one too."""
    if run := _made_beside(user, now):
        return Answer.BUSY if run.status == Status.RUNNING else _there(run, now)
    try:
        run, is_ours = order(user, trigger=Trigger.ADMIN, now=now)
    except (NotConnected, AlreadyRunning, TooManyToday) as refused:
        return _refusal(refused)
    return Answer.QUEUED if is_ours else _there(run, now)


def dry_run(user: User, now: datetime) -> Answer:
    """A list that is chosen and not written, shown with its run; nobody is told."""
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two presses at once make one
            if user.runs.unfinished().filter(dry_run=True, trigger=Trigger.ADMIN).exists():
                return Answer.WAITING
            order(user, trigger=Trigger.ADMIN, now=now, dry_run=True)
    except NotConnected:
        return Answer.NOT_LINKED
    return Answer.QUEUED


def sync(user: User, _now: datetime) -> Answer:
    """His likes, read anew; nobody is told."""
    if user.spotify is None:
        return Answer.NOT_LINKED
    queue.ask("playlists.errands.sync", user.pk)
    return Answer.QUEUED


def disconnect(user: User, now: datetime) -> Answer:
    """At once, with all that was read at Spotify."""
    return Answer.NOT_LINKED if leaving.disconnect(user, now) is None else Answer.DISCONNECTED


def _refusal(refused: Exception) -> Answer:
    match refused:
        case NotConnected():
            return Answer.NOT_LINKED
        case TooManyToday():
            return Answer.TOO_MANY
    return Answer.BUSY


def _made_beside(user: User, now: datetime) -> PlaylistRun | None:
    """A list of today that is not the night's, which `order` knows of."""
    beside = user.runs.filter(day=user.local_date(now), night=None, dry_run=False)
    run: PlaylistRun | None = beside.filter(status__in=[Status.QUEUED, Status.RUNNING, Status.SUCCESS]).first()
    return run


def _there(run: PlaylistRun, now: datetime) -> Answer:
    if run.status == Status.SUCCESS:
        return Answer.THERE
    return Answer.PARKED if run.not_before and run.not_before > now else Answer.WAITING
