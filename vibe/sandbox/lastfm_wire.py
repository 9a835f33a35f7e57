"""Last.fm's two forms of one answer, and its errors."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from werkzeug.wrappers import Request, Response

from vibe.sandbox.wire import VendorError

# Which HTTP status goes with a code where none is asked for. 8, 11 and 16 go out as 200, as Last.fm's
# application errors may: pylast would hide the code behind a 5xx (the fault server_error sends those).
STATUSES = {3: 400, 6: 404, 10: 403, 26: 403, 29: 429}
MESSAGES = {
    2: "Invalid service",
    4: "Authentication Failed",
    8: "Operation failed - Most likely the backend service failed. Please try again.",
    9: "Invalid session key",
    10: "Invalid API key - You must be granted a valid key by last.fm",
    11: "Service Offline - This service is temporarily offline. Try again later.",
    16: "The service is temporarily unavailable, please try again.",
    17: "Login: User requires to be logged in",
    26: "API Key Suspended - This application is not allowed to make requests to the web services",
    29: "Rate Limit Exceded - Your IP has made too many requests in a short period, exceeding our API guidelines",
}
# Characters XML 1.0 cannot carry at all.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class LastfmError(VendorError):
    """An error of the API, by its number; `status` is the HTTP status it comes with."""

    def __init__(self, code: int, message: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code, self.message = code, message or MESSAGES.get(code, "Operation failed")
        self.status = status or STATUSES.get(code, 200)

    def response(self, request: Request) -> Response:
        if request.values.get("format") == "json":
            return as_json({"error": self.code, "message": self.message, "links": []}, self.status)
        return _xml("failed", f'<error code="{self.code}">{_text(self.message)}</error>', self.status)


def as_json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def as_xml(content: dict[str, Any]) -> Response:
    return _xml("ok", "".join(_element(name, value) for name, value in content.items()), 200)


def _xml(outcome: str, body: str, status: int) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="{outcome}">{body}</lfm>'
    return Response(text, status, content_type="text/xml; charset=utf-8")


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, row) for row in value)
    if not isinstance(value, dict):
        return f"<{name}>{_text(value)}</{name}>"
    if "#text" in value:  # what JSON gives beside a text, XML gives as attributes
        attributes, inside = {key: below for key, below in value.items() if key != "#text"}, _text(value["#text"])
    else:
        attributes = value.get("@attr", {})
        inside = "".join(_element(key, below) for key, below in value.items() if key != "@attr")
    return f"<{name}{''.join(f' {key}={_quoted(one)}' for key, one in attributes.items())}>{inside}</{name}>"


def _text(value: Any) -> str:
    return escape(UNPRINTABLE.sub("", str(value)))


def _quoted(value: Any) -> str:
    return quoteattr(UNPRINTABLE.sub("", str(value)))
