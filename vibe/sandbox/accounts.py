"""Spotify's accounts service: the consent page, single-use codes, access and refresh tokens."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from vibe.sandbox.pages import consent, document
from vibe.sandbox.state import ACCESS_LIFE, CODE_LIFE, REFRESH_LIFE, Grant, Sandbox
from vibe.sandbox.wire import VendorError, as_json, html

KNOWN_SCOPES = frozenset(
    {
        *("ugc-image-upload", "user-read-playback-state", "user-modify-playback-state", "user-read-currently-playing"),
        *("streaming", "app-remote-control", "user-read-playback-position", "user-read-email", "user-read-private"),
        *("playlist-read-private", "playlist-read-collaborative", "playlist-modify-private", "playlist-modify-public"),
        *("user-follow-modify", "user-follow-read", "user-library-modify", "user-library-read"),
        *("user-top-read", "user-read-recently-played"),
    }
)
ASKED = ("client_id", "response_type", "redirect_uri", "scope", "state")


class GrantError(VendorError):
    """An error answer of the token endpoint: `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    def response(self, _request: Request) -> Response:
        return as_json({"error": self.error, "error_description": self.description}, 400)


def authorize(sandbox: Sandbox, request: Request) -> Response:
    """GET renders the consent page, POST is its form; the answer goes to the redirect URI."""
    asked = {
        name: request.values.get(name, "") for name in ("client_id", "response_type", "redirect_uri", "scope", "state")
    }
    if complaint := _complaint(asked):
        return Response(document("Error", f"<p>{complaint}</p>"), 400, content_type="text/html; charset=utf-8")
    if set(asked["scope"].split()) - KNOWN_SCOPES:
        return _back(asked, error="invalid_scope")
    if request.method == "GET":
        return html(consent(sandbox, asked))
    if request.form.get("decision") != "allow":
        return _back(asked, error="access_denied")
    account = sandbox.accounts.get(request.form.get("listener", ""))
    if account is None:
        return Response(document("Error", "<p>No such listener.</p>"), 400, content_type="text/html; charset=utf-8")
    scopes = frozenset(asked["scope"].split())
    grant = Grant(account, asked["client_id"], scopes, sandbox.clock.now(), asked["redirect_uri"])
    return _back(asked, code=sandbox.issue_code(grant))


def _complaint(asked: dict[str, str]) -> str:
    if not asked["client_id"]:
        return "INVALID_CLIENT: Invalid client"
    if asked["response_type"] != "code":
        return "response_type must be code"
    if not _acceptable(asked["redirect_uri"]):
        return "INVALID_CLIENT: Invalid redirect URI"
    return ""


def _acceptable(uri: str) -> bool:
    """https anywhere, http on a loopback literal; the name localhost never."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        if host == "localhost" or parts.fragment or not host:
            return False
        return parts.scheme == "https" or (parts.scheme == "http" and ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _back(asked: dict[str, str], **answer: str) -> Response:
    parts = urlsplit(asked["redirect_uri"])
    state = {"state": asked["state"]} if asked["state"] else {}
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *answer.items(), *state.items()])
    return redirect(urlunsplit(parts._replace(query=query)), 302)


def token(sandbox: Sandbox, request: Request) -> Response:
    """POST /api/token. Raises GrantError."""
    client_id = _client(request)
    kind = request.form.get("grant_type", "")
    if kind == "authorization_code":
        return as_json(_from_code(sandbox, request, client_id))
    if kind == "refresh_token":
        return as_json(_refreshed(sandbox, request, client_id))
    if kind == "client_credentials":
        return as_json({k: v for k, v in _answer(sandbox, None).items() if k != "scope"})
    raise GrantError(
        "unsupported_grant_type", "grant_type parameter is missing" if not kind else "Unsupported grant type"
    )


def _client(request: Request) -> str:
    """The client's id, from Basic authentication or the form; any secret but "wrong" will do."""
    client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id = ""
    if not client_id or not secret or secret == "wrong":  # noqa: S105 - the one secret that is refused
        raise GrantError("invalid_client", "Invalid client")
    return client_id


def _from_code(sandbox: Sandbox, request: Request, client_id: str) -> dict[str, Any]:
    grant = sandbox.codes.pop(request.form.get("code", ""), None)
    if grant is None or grant.client_id != client_id:
        raise GrantError("invalid_grant", "Invalid authorization code")
    if sandbox.clock.now() - grant.at > CODE_LIFE:
        raise GrantError("invalid_grant", "Authorization code expired")
    if request.form.get("redirect_uri", "") != grant.redirect_uri:
        raise GrantError("invalid_grant", "Invalid redirect URI")
    return _answer(sandbox, grant) | {"refresh_token": sandbox.issue_refresh(grant)}


def _refreshed(sandbox: Sandbox, request: Request, client_id: str) -> dict[str, Any]:
    """No refresh token comes back, as from Spotify since June 2026: the old one stays good."""
    grant = sandbox.refreshes.get(request.form.get("refresh_token", ""))
    if grant is None or grant.client_id != client_id:
        raise GrantError("invalid_grant", "Invalid refresh token")
    if sandbox.clock.now() - grant.at > REFRESH_LIFE:
        raise GrantError("invalid_grant", "Refresh token expired")
    return _answer(sandbox, grant)


def _answer(sandbox: Sandbox, grant: Grant | None) -> dict[str, Any]:
    account, scopes = (grant.account, grant.scopes) if grant else (None, frozenset[str]())
    return {
        "access_token": sandbox.issue_access(account, scopes),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "scope": " ".join(sorted(scopes)),
    }
