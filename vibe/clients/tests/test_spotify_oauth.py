from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests

from vibe.clients import spotify_oauth
from vibe.clients.errors import NeedsReconnect, RateLimited, ServiceError
from vibe.clients.tests.conftest import NOW
from vibe.clients.types import Tokens

TOKEN = "https://accounts.spotify.com/api/token"
GRANTED = {"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r", "scope": "one two"}


@pytest.fixture(autouse=True)
def _application(settings):
    settings.SPOTIFY_ACCOUNTS_URL = "https://accounts.spotify.com/"
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = "id-1", "secret-1"
    settings.SPOTIFY_REDIRECT_URI = "http://127.0.0.1:8000/auth/spotify/callback"


def test_the_listener_is_sent_to_spotify_with_our_state_and_scopes():
    url = urlsplit(spotify_oauth.authorize_url("s&t", ["one", "two"]))
    assert (url.scheme, url.netloc, url.path) == ("https", "accounts.spotify.com", "/authorize")
    assert {name: values[0] for name, values in parse_qs(url.query).items()} == {
        "client_id": "id-1",
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1:8000/auth/spotify/callback",
        "scope": "one two",
        "state": "s&t",
    }


def test_consent_is_asked_again_where_wanted():
    assert "show_dialog=true" in spotify_oauth.authorize_url("s", [], show_dialog=True)


def test_a_code_is_exchanged_with_basic_credentials_and_time_outs(web, meter):
    web.post(TOKEN, json=GRANTED)
    assert spotify_oauth.exchange("code-1", meter) == Tokens("a", "r", 3600, ("one", "two"))
    request = web.calls[0].request
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"id-1:secret-1").decode()
    assert dict(parse_qsl(request.body)) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "http://127.0.0.1:8000/auth/spotify/callback",
    }
    assert request.req_kwargs["timeout"] == (3.05, 20.0)
    assert meter.calls == {("spotify", "token"): 1}


@pytest.mark.parametrize(("sent", "kept"), [({}, ""), ({"refresh_token": ""}, ""), ({"refresh_token": "r2"}, "r2")])
def test_a_refresh_may_bring_no_empty_or_a_new_refresh_token(web, meter, sent, kept):
    web.post(TOKEN, json={"access_token": "a2", "expires_in": 3600, **sent})
    assert spotify_oauth.refresh("r1", meter) == Tokens("a2", kept, 3600, ())
    assert dict(parse_qsl(web.calls[0].request.body)) == {"grant_type": "refresh_token", "refresh_token": "r1"}


@pytest.mark.parametrize(
    "description", ["Refresh token expired", "Refresh token revoked", "Invalid authorization code"]
)
def test_an_invalid_grant_needs_a_new_sign_in_and_is_never_repeated(web, meter, description):
    web.post(TOKEN, status=400, json={"error": "invalid_grant", "error_description": description})
    with pytest.raises(NeedsReconnect):
        spotify_oauth.refresh("r1", meter)
    assert len(web.calls) == 1


def test_wrong_credentials_of_the_app_are_permanent(web, meter):
    web.post(TOKEN, status=400, json={"error": "invalid_client", "error_description": "Invalid client"})
    with pytest.raises(ServiceError) as refused:
        spotify_oauth.refresh("r1", meter)
    assert (refused.value.code, refused.value.permanent) == ("bad_credentials", True)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 503, "body": "<html>invalid_grant</html>"}, "unavailable"),
        ({"status": 500, "json": {"error": "server_error"}}, "unavailable"),
        ({"status": 400, "json": {"error": {"status": 400, "message": "invalid_grant"}}}, "unavailable"),
        ({"status": 400, "json": ["invalid_grant"]}, "unavailable"),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example/"}}, "unavailable"),
        ({"body": requests.ReadTimeout("secret-1")}, "timeout"),
        ({"body": requests.ConnectionError("secret-1")}, "connection"),
        ({"body": "<html>"}, "malformed"),
        ({"json": {"access_token": ""}}, "malformed"),
        ({"json": None, "body": ""}, "malformed"),
    ],
)
def test_every_other_failure_is_passing_and_is_not_repeated(web, meter, answer, code):
    web.post(TOKEN, **{name: value for name, value in answer.items() if value is not None})
    with pytest.raises(ServiceError) as refused:
        spotify_oauth.refresh("r1", meter)
    assert not isinstance(refused.value, NeedsReconnect)
    assert (refused.value.code, refused.value.permanent, len(web.calls)) == (code, False, 1)
    assert "secret" not in str(refused.value)


def test_a_rate_limit_of_the_accounts_service_is_typed(web, meter):
    web.post(TOKEN, status=429, headers={"Retry-After": "60"})
    with pytest.raises(RateLimited) as refused:
        spotify_oauth.exchange("code-1", meter)
    assert refused.value.until == NOW + timedelta(seconds=60)


def test_without_a_meter_a_call_still_works(web):
    web.post(TOKEN, json=GRANTED)
    assert spotify_oauth.refresh("r1").access == "a"


def test_the_app_itself_gets_a_token_for_the_catalogue(web, meter):
    web.post(TOKEN, json={"access_token": "a", "expires_in": 3600})
    assert spotify_oauth.app_token(meter) == "a"
    assert web.calls[0].request.body == "grant_type=client_credentials"
