"""The endpoints for programs of the operator's own: they start the night, and show what a listener would get."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from playlists import night
from playlists.models import PlaylistRun
from playlists.request import NotConnected, order
from playlists.results import as_json
from playlists.states import BUSY, Status, Trigger
from vibe import bearer
from vibe.throttle import throttled, wait
from vibe.visitors import network

logger = logging.getLogger(__name__)
LONGEST = 4 * 1024  # bytes of a request
MINUTE = timedelta(minutes=1)
PATIENCE = 5.0  # seconds, in which a list is often made; who waits holds a thread of the web server
LOOK_AGAIN = 0.5  # seconds
UNDER_WAY = (Status.QUEUED, Status.RUNNING)
View = Callable[..., HttpResponse]


class Refused(Exception):
    """What the caller is told instead of an answer: a status, a code, a sentence."""

    def __init__(self, status: int, code: str, notes: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.notes = status, code, notes
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def internal(view: View) -> View:
    """For programs that show the token; without one of our own there is no such address."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _admit(request)
            return view(request, *args, **kwargs)
        except Refused as refused:
            return _refusal(refused)
        except DatabaseTrouble as error:
            logger.error("%s: the database failed (%s)", view.__name__, type(error).__name__)
            return _refusal(Refused(503, "database", _("The database failed; ask again.")))

    return answer


@internal
@require_POST
@throttled("nightly", 6, MINUTE, as_json=True)
def nightly(_request: HttpRequest) -> HttpResponse:
    """Queues today's playlist for everybody who has a night; asking again queues nothing twice."""
    queued, skipped = night.enqueue_all(timezone.now(), Trigger.ENDPOINT)
    return JsonResponse({"queued": queued, "skipped": skipped}, status=202)


@internal
@require_POST
@throttled("dry_run", 6, MINUTE, as_json=True)
def dry_run(request: HttpRequest) -> HttpResponse:
    """What one listener would get: a worker chooses, and nothing is written at Spotify, in his history or to him.

    Waits a while for the plan; one that takes longer is asked for again at the address in Location.
    """
    run = _ordered(_listener(_named(request)))
    end = time.monotonic() + PATIENCE
    while run.status in UNDER_WAY and time.monotonic() < end:
        time.sleep(LOOK_AGAIN)
        run = _run(run.pk)
    return _told(run)


@internal
@require_safe
def dry_run_result(_request: HttpRequest, run_id: int) -> HttpResponse:
    return _told(_run(run_id))


def _admit(request: HttpRequest) -> None:
    if not bearer.is_switched_on():
        raise Refused(404, "not_found", _("There is no such address."))
    if not bearer.is_shown(request):
        # Of a bucket of its own: who guesses does not keep out who knows.
        seconds = math.ceil(wait(f"guess:{network(request)}", 6, MINUTE, timezone.now()).total_seconds())
        if seconds:
            notes = _("Ask again in {seconds} s.").format(seconds=seconds)
            raise Refused(429, "too_many_requests", notes, Retry_After=str(seconds))
        notes = _("Show INTERNAL_JOB_TOKEN as a bearer token.")
        raise Refused(401, "not_authorized", notes, WWW_Authenticate="Bearer")
    # Nine digits are enough to be too many, and keep int() away from a header of thousands.
    length = request.headers.get("Content-Length", "")[:9]
    if length.isdecimal() and int(length) > LONGEST:
        raise Refused(413, "too_large", _("The request is too large."))


def _refusal(refused: Refused) -> JsonResponse:
    error = {"code": refused.code, "notes": refused.notes}
    return JsonResponse({"error": error}, status=refused.status, headers=refused.headers)


def _named(request: HttpRequest) -> str:
    """The user in `{"user": "@alice"}`, or in a form's field of that name."""
    if request.content_type == "application/json":
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            body = None
        named = body.get("user") if isinstance(body, dict) else None
    else:
        form: QueryDict = request.POST
        named = form.get("user")
    if isinstance(named, str | int) and str(named):
        return str(named)
    raise Refused(400, "bad_request", _('Name the user, like {"user": "@alice"}.'))


def _listener(named: str) -> User:
    try:
        return User.objects.find(named.replace("\x00", "?"))
    except (User.DoesNotExist, ValueError):  # the second for other letters that no database takes
        raise Refused(404, "unknown_user", _("Name a primary key, tg:<telegram id> or @name.")) from None


def _ordered(user: User) -> PlaylistRun:
    now = timezone.now()
    if PlaylistRun.objects.filter(user=user, status=Status.RUNNING, lease_until__gte=now).exists():
        raise _busy()
    try:
        return order(user, trigger=Trigger.ENDPOINT, now=now, dry_run=True)[0]
    except NotConnected:
        raise Refused(409, "not_connected", _("This user has no Spotify connected.")) from None


def _busy() -> Refused:
    return Refused(409, BUSY, _("Another run of this user is under way."))


def _run(run_id: int) -> PlaylistRun:
    asked_here = PlaylistRun.objects.filter(pk=run_id, dry_run=True, trigger=Trigger.ENDPOINT)
    run: PlaylistRun | None = asked_here.select_related("user").first()
    if run is None:
        raise Refused(404, "not_found", _("There is no such dry run."))
    return run


def _told(run: PlaylistRun) -> JsonResponse:
    if run.error_code == BUSY:  # which began while this one waited
        raise _busy()
    if run.status in UNDER_WAY:
        where = reverse("dry-run-result", args=[run.pk])
        return JsonResponse({"run": {"id": run.pk, "status": run.status}}, status=202, headers={"Location": where})
    return JsonResponse(as_json(run))
