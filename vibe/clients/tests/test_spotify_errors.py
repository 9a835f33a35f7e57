from __future__ import annotations

import json
from datetime import timedelta

import pytest

from vibe.clients.errors import NotAllowed, QuotaExceeded, RateLimited, TokenExpired
from vibe.clients.http import Refused
from vibe.clients.spotify_errors import NoRoute, refusal
from vibe.clients.tests.conftest import NOW

QUOTA = {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}


def refused(status: int, error: object = "", **headers: str) -> Refused:
    text = error if isinstance(error, str) else json.dumps({"error": error})
    return Refused(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)


def forbidden(message: str) -> Refused:
    return refused(403, {"status": 403, "message": message})


@pytest.mark.parametrize(
    ("answer", "kind", "seconds"),
    [
        (refused(429, {"message": "API rate limit exceeded"}, Retry_After="7"), RateLimited, 7),
        (refused(429, "Too many requests"), RateLimited, 30),
        (refused(429, "", Retry_After="in a while"), RateLimited, 30),
        (refused(429, QUOTA, Retry_After="52531"), QuotaExceeded, 52_531),
        (refused(429, QUOTA), QuotaExceeded, 30),
        (refused(429, "Too many requests", Retry_After="86207"), QuotaExceeded, 86_207),
        (refused(429, {"reason": "OTHER"}, Retry_After="7200"), RateLimited, 7200),
        (refused(429, QUOTA, Retry_After="9999999"), QuotaExceeded, 86_400),
    ],
)
def test_a_429_is_a_rate_limit_or_a_quota(answer, kind, seconds):
    error = refusal(answer, NOW)
    assert isinstance(error, RateLimited)
    assert type(error) is kind
    assert error.until == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "<html>", '{"error": "a string"}', '{"error": null}', "[1]", '"x"'])
@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [(400, "bad_request", True), (413, "too_large", True), (500, "unavailable", False), (302, "unavailable", False)],
)
def test_any_body_is_survived(status, code, permanent, text):
    error = refusal(refused(status, text), NOW)
    assert (error.code, error.permanent, error.status) == (code, permanent, status)


def test_a_401_asks_for_a_fresh_token():
    assert isinstance(refusal(refused(401, {"message": "The access token expired"}), NOW), TokenExpired)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "Check settings on developer.spotify.com/dashboard, the user may not be registered.",
            "not_registered",
        ),
        ("The user is not registered for this application. Please check your settings", "not_registered"),
        ("Active premium subscription required for the owner of the app. When the status changes", "premium"),
        ("Insufficient client scope", "scope"),
    ],
)
def test_a_403_that_a_person_must_mend_says_which(message, kind):
    error = refusal(forbidden(message), NOW)
    assert isinstance(error, NotAllowed)
    assert error.kind == kind


def test_the_plain_text_of_an_unregistered_user_is_understood():
    error = refusal(refused(403, "User not registered in the Developer Dashboard"), NOW)
    assert isinstance(error, NotAllowed)
    assert error.kind == "not_registered"


@pytest.mark.parametrize(
    "answer",
    [
        forbidden("Forbidden"),
        refused(403),
        refused(404),
        refused(404, " \n"),
        refused(404, {"status": 404, "message": "Service not found"}),
    ],
)
def test_a_wordless_refusal_may_be_a_removed_route(answer):
    assert isinstance(refusal(answer, NOW), NoRoute)


def test_a_refusal_with_words_is_no_removed_route():
    unknown, missing = forbidden("Something new"), refused(404, {"status": 404, "message": "Resource not found"})
    assert [(refusal(answer, NOW).code, type(refusal(answer, NOW)) is NoRoute) for answer in (unknown, missing)] == [
        ("forbidden", False),
        ("not_found", False),
    ]


def test_no_error_repeats_what_the_vendor_said():
    secret = "Bearer BQsecret"
    for status in (400, 401, 403, 404, 429, 500):
        assert "secret" not in str(refusal(refused(status, {"message": secret}), NOW))
