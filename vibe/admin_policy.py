"""What the admin's theme needs beyond the policy of our own pages."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

# Alpine evaluates what stands in attributes, and theme and charts set styles there; nothing comes from outside.
WIDER = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
}


def admin_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, inside django-csp's: widens the policy below /admin/ and nowhere else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_update = WIDER  # type: ignore[attr-defined]  # as django-csp's own decorator does
        return response

    return middleware
