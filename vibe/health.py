from __future__ import annotations

from django.http import HttpRequest, JsonResponse


def health(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing more is claimed."""
    return JsonResponse({"status": "ok"})
