"""How MusicBrainz and ListenBrainz word an error."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.wire import VendorError, as_json


class BrainzError(VendorError):
    """An error of either, with the body it has there."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body.get("error", "")))
        self.status, self.body, self.headers = status, body, headers or {}

    def response(self, _request: Request) -> Response:
        return as_json(self.body, self.status, self.headers)
