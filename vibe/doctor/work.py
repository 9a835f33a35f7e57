"""Whether what is asked for is carried out: the worker, its schedules, the queue, the nights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext as _
from django_q.models import Schedule

from accounts.models import Incident, User
from playlists import night, worker
from vibe import health
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, mend, note, ok

LATE = timedelta(minutes=20)


def plan() -> set[str]:
    """The names of the schedules, which a migration made."""
    return {f"{name} ({queue})" for name, _minutes, queue in _made_by().PLAN}


def make_schedules() -> None:
    """Those that are there stay as they are."""
    _made_by().wind_up(apps, connection.schema_editor())


def _made_by() -> Any:
    return import_module("playlists.migrations.0003_schedules")


def alive(exam: Exam) -> Iterator[Finding]:
    last = worker.last_seen()
    if last is None:
        yield mend(_("never ran"), _("Run manage.py runworker, or everything with manage.py run."))
    elif not worker.is_alive(exam.clock()):
        found = _("silent since {at}").format(at=f"{last:%Y-%m-%d %H:%M} UTC")
        yield mend(found, _("Start manage.py runworker again; its last lines say what stopped it."))
    else:
        yield ok(_("runs"))


def schedules(exam: Exam) -> Iterator[Finding]:
    planned = plan()
    there = Schedule.objects.filter(name__in=planned)
    missing = sorted(planned - set(there.values_list("name", flat=True)))
    soonest = there.aggregate(at=Min("next_run"))["at"]
    if missing:
        yield mend(
            _("missing: {names}").format(names=", ".join(missing)),
            _("manage.py doctor --schedules makes them again."),
        )
    elif soonest < exam.clock() - LATE:
        found = _("overdue since {at}").format(at=f"{soonest:%Y-%m-%d %H:%M} UTC")
        yield mend(found, _("Start manage.py runworker again, and look at this machine's clock."))
    else:
        yield ok(_("all {count} there and on time").format(count=len(planned)))


def queue(exam: Exam) -> Iterator[Finding]:
    if health.CHECKS["queue"](exam.clock()) == health.OK:
        yield ok(_("moves"))
    else:
        yield mend(
            _("stands still: what waits for half an hour is not begun"),
            _("Start manage.py runworker again; see Runs in the admin for what waits."),
        )


def nights(exam: Exam) -> Iterator[Finding]:
    if Incident.objects.filter(kind="night", closed_at=None).exists():
        yield mend(_("playlists of the last night failed"), _("See in the admin, under Runs, why each of them did."))
    now = exam.clock()
    people = User.objects.filter(is_active=True, is_bot_blocked=False, nightly_at__isnull=False)
    people = people.filter(spotify_accounts__pending=False, spotify_accounts__needs_reconnect=False)
    coming = [_next(user, now) for user in people.iterator()]
    if coming:
        at = f"{min(coming):%Y-%m-%d %H:%M} UTC"
        yield ok(_("listeners with a night: {count}; the next at {at}").format(count=len(coming), at=at))
    else:
        yield note(_("nobody has chosen an hour yet"), _("Listeners choose it with /schedule."))


def _next(user: User, now: datetime) -> datetime:
    assert user.nightly_at is not None  # noqa: S101  the query asks for those who have one
    today = user.local_date(now)
    turns = (night.due_at(user.zone, user.nightly_at, today + timedelta(days=days), user.pk) for days in range(3))
    return next((at for at in turns if at > now), now)
