"""The endpoint by which a scheduler of one's own starts the night."""

from __future__ import annotations

import logging

from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from playlists import night
from playlists.states import Trigger
from vibe import bearer

logger = logging.getLogger(__name__)


@csrf_exempt
@never_cache
def nightly(request: HttpRequest) -> HttpResponseBase:
    """POST queues today's playlist for everybody who has a night; asking again queues nothing twice."""
    if not bearer.is_switched_on():
        return JsonResponse({"error": "not found"}, status=404)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not bearer.is_shown(request):
        return JsonResponse({"error": "not authorized"}, status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        counts = night.enqueue_all(timezone.now(), Trigger.ENDPOINT)
    except DatabaseTrouble as error:
        logger.error("nightly: the database failed (%s)", type(error).__name__)
        return JsonResponse({"error": "the database failed; ask again"}, status=503)
    return JsonResponse({"queued": counts.pop("queued"), "skipped": counts})
