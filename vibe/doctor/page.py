"""The doctor's page in the admin.

The checks are made by `manage.py doctor` in a process of its own, which a limit ends: a web worker that waited for a
silent service itself would be killed by gunicorn and take other people's requests with it, and a task of the worker
could not tell that the worker is dead. What was found last is kept in the operator's own session.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vibe.doctor.checks import examine
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Row, State

logger = logging.getLogger(__name__)
PERMISSION = "clients.change_servicestate"  # who may lift a block may see why there is one
SESSION = "doctor"
SECONDS = 35  # in which checks are begun or broken off; then it tidies up and tells
KILLED = 50  # gunicorn's patience is 60


@require_http_methods(["GET", "HEAD", "POST"])
def doctor(request: HttpRequest) -> HttpResponse:
    """POST checks; GET shows what was found last, or what can be told without asking anybody."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method == "POST":
        request.session[SESSION] = asked(write="write" in request.POST) | {"at": timezone.now().isoformat()}
        return redirect("admin_doctor")
    last = request.session.get(SESSION)
    rows = [Row(**row) for row in last["rows"]] if last else examine(Exam(timezone.now, calls=False))
    context = {
        **admin.site.each_context(request),
        "title": _("Doctor"),
        "rows": sorted(rows, key=lambda row: ORDER.index(row.state)),
        "bad": sum(row.state == State.MEND for row in rows),
        "at": datetime.fromisoformat(last["at"]) if last else None,
    }
    return render(request, "admin/doctor.html", context)


ORDER = [State.MEND, State.INFO, State.SKIPPED, State.OK]


def asked(*, write: bool) -> dict[str, Any]:
    """What `manage.py doctor --json` tells, within `KILLED` seconds."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "doctor", "--json", "--seconds", str(SECONDS)]
    command += ["--language", (get_language() or settings.LANGUAGE_CODE)[:2], *(["--write"] if write else [])]
    try:
        done = subprocess.run(command, capture_output=True, timeout=KILLED, cwd=settings.BASE_DIR, check=False)  # noqa: S603
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError) as error:
        logger.exception("doctor: no answer (%s)", type(error).__name__)
        row = Row("doctor", _("Doctor"), State.MEND, _("gave no answer"), _("Run manage.py doctor in a shell."))
        told = {"rows": [{name: getattr(row, name) for name in Row.__slots__}]}
    return {"rows": told["rows"]}
