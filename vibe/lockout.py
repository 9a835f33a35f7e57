"""What django-axes answers to whoever gave a wrong password too often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from vibe import throttle, visitors


def page(request: HttpRequest, _answer: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """Says when the lock ends, which is some minutes after the last try that counted."""
    name = get_client_username(request, credentials)
    tries = AccessAttempt.objects.filter(username=name, ip_address=visitors.address(request) or None)
    now = timezone.now()
    last = tries.aggregate(last=Max("attempt_time"))["last"] or now
    rest = max(last + settings.AXES_COOLOFF_TIME - now, timedelta(seconds=1))
    return throttle.page(request, rest, is_login=True)
