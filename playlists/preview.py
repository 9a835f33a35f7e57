"""A preview: a dry run asked for in the bot, whose very list may be written afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from playlists import queue
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning
from playlists.states import Status, Trigger

GOOD_FOR = timedelta(hours=24)


def is_old(run: PlaylistRun, now: datetime) -> bool:
    """Whether what it shows has been overtaken by what its listener heard since."""
    return run.finished_at is None or run.finished_at < now - GOOD_FOR


@transaction.atomic
def write(run: PlaylistRun, now: datetime) -> bool:
    """The row waits again, to publish its frozen plan, and a worker is rung for; False where it is no preview any more.

    Raises `AlreadyRunning` where another playlist that was asked for is under way.
    """
    shown = PlaylistRun.objects.filter(pk=run.pk, dry_run=True, trigger=Trigger.BOT, status=Status.SUCCESS)
    try:
        with transaction.atomic():
            changed = shown.filter(plan__isnull=False, finished_at__gte=now - GOOD_FOR).update(
                dry_run=False,
                status=Status.QUEUED,
                stage="",
                day=run.user.local_date(now),  # which the playlist's name carries
                created_at=now,
                attempts=0,
                asked=F("asked") + 1,
                not_before=None,
                finished_at=None,
            )
    except IntegrityError:
        raise AlreadyRunning from None
    if changed:
        run.tracks.all().delete()
        run.refresh_from_db()
        queue.enqueue(run, now)
    return bool(changed)


def before(run: PlaylistRun) -> list[PlaylistRun]:
    """Earlier previews of the day that were asked for with the same wishes; none for a run that is no preview."""
    if not run.dry_run or run.trigger != Trigger.BOT:
        return []
    wishes = {name: getattr(run, name) for name in ("size_asked", "min_new_ratio", "wildness", "languages")}
    same = PlaylistRun.objects.filter(user=run.user_id, day=run.day, trigger=Trigger.BOT, night=None, **wishes)
    return list(same.filter(pk__lt=run.pk, plan__isnull=False).order_by("pk"))
