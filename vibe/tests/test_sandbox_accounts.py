"""The accounts service of the sandbox: consent, codes, tokens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from vibe.tests.sandbox_local import Local
from vibe.tests.sandbox_process import CLIENT, REDIRECT


@pytest.fixture
def local() -> Local:
    return Local()


def grant_error(answer: TestResponse) -> tuple[int, str, str]:
    return answer.status_code, answer.get_json()["error"], answer.get_json()["error_description"]


def test_the_consent_page_names_the_listeners_and_carries_the_query(local):
    page = local.authorize().get_data(as_text=True)
    assert '<option value="anna">' in page
    assert '<option value="boris">' in page
    assert 'name="state" value="s t&amp;te"' in page


def test_allowing_sends_a_code_and_the_state_back(local):
    answer = local.authorize("POST", listener="boris", decision="allow")
    parts = urlsplit(answer.headers["Location"])
    assert answer.status_code == 302
    assert parts._replace(query="").geturl() == REDIRECT
    assert parse_qs(parts.query).keys() == {"code", "state"}
    assert parse_qs(parts.query)["state"] == ["s t&te"]


def test_denying_sends_an_error_and_the_state_back(local):
    answer = local.authorize("POST", listener="boris", decision="deny")
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"error": ["access_denied"], "state": ["s t&te"]}


def test_a_query_of_the_redirect_uri_survives(local):
    answer = local.authorize("POST", listener="anna", decision="deny", redirect_uri="https://example.org/back?a=1")
    assert answer.headers["Location"].startswith("https://example.org/back?a=1&error=access_denied")


@pytest.mark.parametrize(
    "uri",
    [
        *("http://localhost:8000/cb", "https://localhost/cb", "http://192.168.1.5/cb", "http://example.org/cb"),
        *("ftp://127.0.0.1/cb", "example.org", "https://", "javascript:alert(1)", "https://[broken/cb"),
    ],
)
def test_a_redirect_spotify_would_refuse_is_refused_on_a_page(local, uri):
    answer = local.authorize(redirect_uri=uri)
    assert answer.status_code == 400
    assert "Invalid redirect URI" in answer.get_data(as_text=True)


@pytest.mark.parametrize("uri", ["https://example.org/cb", "http://127.0.0.1:9/cb", "http://[::1]:9/cb"])
def test_https_and_loopback_literals_are_fine(local, uri):
    assert local.authorize(redirect_uri=uri).status_code == 200


@pytest.mark.parametrize("values", [{"client_id": ""}, {"response_type": "token"}, {"redirect_uri": ""}])
def test_an_incomplete_question_is_refused_on_a_page(local, values):
    assert local.authorize(**values).status_code == 400


def test_an_unknown_scope_is_reported_to_the_app(local):
    assert "error=invalid_scope" in local.authorize(scope="user-library-read everything").headers["Location"]


def test_a_listener_nobody_knows_is_refused(local):
    assert local.authorize("POST", listener="zoe", decision="allow").status_code == 400


def test_a_code_buys_both_tokens_and_the_granted_scopes(local):
    code = local.code(scope="user-top-read user-library-read")
    answer = local.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT).get_json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert answer["scope"] == "user-library-read user-top-read"
    assert answer["access_token"] != answer["refresh_token"]


def test_a_code_works_once(local):
    code = local.code()
    local.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    again = local.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert grant_error(again) == (400, "invalid_grant", "Invalid authorization code")


def test_a_code_lives_ten_minutes(local):
    code = local.code()
    local.later(minutes=10, seconds=1)
    answer = local.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert grant_error(answer) == (400, "invalid_grant", "Authorization code expired")


def test_the_redirect_uri_must_be_the_same_to_the_letter(local):
    answer = local.token(grant_type="authorization_code", code=local.code(), redirect_uri=f"{REDIRECT}/")
    assert grant_error(answer) == (400, "invalid_grant", "Invalid redirect URI")


def test_another_client_cannot_use_a_code(local):
    form = {"grant_type": "authorization_code", "code": local.code(), "redirect_uri": REDIRECT}
    answer = local.http.post("/api/token", data=form, auth=("other", "secret"))
    assert grant_error(answer)[:2] == (400, "invalid_grant")


@pytest.mark.parametrize("auth", [(CLIENT[0], "wrong"), (CLIENT[0], ""), ("", "secret"), None])
def test_a_client_without_a_good_secret_is_refused(local, auth):
    answer = local.http.post("/api/token", data={"grant_type": "client_credentials"}, auth=auth)
    assert grant_error(answer) == (400, "invalid_client", "Invalid client")


def test_the_clients_name_may_stand_in_the_form(local):
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    answer = local.http.post("/api/token", data=form).get_json()
    assert "refresh_token" not in answer
    local.headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert local.call("GET", "search", q="xtal", type="track").status_code == 200
    assert local.call("GET", "me").status_code == 401


def test_a_refresh_brings_no_new_refresh_token_and_the_old_one_stays_good(local):
    kept = local.link()["refresh_token"]
    for _ in range(2):
        answer = local.token(grant_type="refresh_token", refresh_token=kept).get_json()
        assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}


def test_refreshing_does_not_make_a_consent_last_longer_than_six_months(local):
    kept = local.link()["refresh_token"]
    local.later(days=181)
    assert local.token(grant_type="refresh_token", refresh_token=kept).status_code == 200
    local.later(days=2)
    answer = local.token(grant_type="refresh_token", refresh_token=kept)
    assert grant_error(answer) == (400, "invalid_grant", "Refresh token expired")


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}])
def test_other_grants_are_refused(local, form):
    assert grant_error(local.token(**form))[:2] == (400, "unsupported_grant_type")


def test_an_access_token_lives_an_hour(local):
    local.link()
    local.later(minutes=59)
    assert local.call("GET", "me").status_code == 200
    local.later(minutes=1)
    answer = local.call("GET", "me")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert answer.get_json()["error"]["message"] == "The access token expired"
