"""What a request is to the handlers, and how the vendors word an answer and an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.state import Access, Account, Sandbox


class VendorError(Exception):
    """An error a vendor answers with, in the vendor's own form."""

    def response(self, request: Request) -> Response:
        raise NotImplementedError


class ApiError(VendorError):
    """An error answer of the Web API: `{"error": {"status", "message"[, "reason"]}}`."""

    def __init__(
        self, status: int, message: str = "", headers: Mapping[str, str] | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.reason = status, message, reason
        self.headers = dict(headers or {})

    def response(self, _request: Request) -> Response:
        if not self.message:  # how Spotify answers for an id it does not know
            return empty(self.status)
        error: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.reason:
            error["reason"] = self.reason
        return as_json({"error": error}, self.status, self.headers)


def as_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False)
    return Response(body, status, dict(headers or {}), content_type="application/json; charset=utf-8")


def empty(status: int = 200) -> Response:
    response = Response(b"", status)
    del response.headers["Content-Type"]
    return response


def html(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def server_error(status: int) -> Response:
    phrase = HTTPStatus(status).phrase
    text = f"<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
    return Response(text, status, content_type="text/html")


def stamp(moment: datetime) -> str:
    """Spotify's form of a time: whole seconds, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Call:
    """One request to the Web API, after its token was looked at."""

    sandbox: Sandbox
    request: Request
    access: Access
    args: dict[str, str] = field(default_factory=dict)  # parts of the path

    @property
    def account(self) -> Account:
        if self.access.account is None:
            raise ApiError(401, "Valid user authentication required")
        return self.access.account

    @property
    def api(self) -> str:
        return f"{self.request.host_url}v1"

    def need(self, *any_of: str) -> None:
        if not self.access.scopes.intersection(any_of):
            raise ApiError(403, "Insufficient client scope")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.request.args.get(name)
        if raw is None:
            return default
        # Longer texts are no numbers Spotify would take, and slow to read.
        value = int(raw) if len(raw) < 10 and raw.lstrip("-").isdecimal() and raw.isascii() else least - 1
        if not least <= value <= most:
            raise ApiError(400, f"Invalid {name}")
        return value

    def body(self) -> Any:
        """The JSON sent, or {} where nothing was."""
        data = self.request.get_data(cache=True)
        if not data:
            return {}
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "Error parsing JSON.") from error

    def fields(self) -> dict[str, Any]:
        body = self.body()
        if not isinstance(body, dict):
            raise ApiError(400, "Error parsing JSON.")
        return body
