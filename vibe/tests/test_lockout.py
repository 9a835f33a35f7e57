"""Guessing at the admin's door: whoever guesses is locked out from where he guesses, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

from accounts.models import User
from vibe.logs import ScrubbingFormatter

LOGIN = "/admin/login/"
RIGHT = "correct horse battery"
DESK, ELSEWHERE = "192.0.2.10", "203.0.113.66"


@pytest.fixture(autouse=True)
def operator(db, settings) -> User:
    settings.HTTPS = False
    return User.objects.create_superuser("operator", password=RIGHT)


def sign_in(password: str, at: str = ELSEWHERE, name: str = "operator", **headers: str):
    client = Client(REMOTE_ADDR=at, headers=headers)
    return client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"})


def guess(times: int = 5, **about):
    return [sign_in("wrong", **about) for _ in range(times)][-1]


def test_the_fifth_wrong_password_locks_and_then_the_right_one_does_not_open():
    assert guess(4).status_code == 200
    locked = guess(1)
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "15 minutes" in locked.content.decode()
    assert sign_in(RIGHT).status_code == 429


def test_it_ends_after_a_quarter_of_an_hour_however_often_somebody_tried_meanwhile():
    guess(5)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=14))
    locked = guess(3)
    assert "in 1 minute." in " ".join(locked.content.decode().split())
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=1))
    assert sign_in(RIGHT).status_code == 302


def test_the_operator_at_her_own_desk_is_not_locked_out_by_who_guesses_elsewhere():
    guess(20)
    assert sign_in(RIGHT, at=DESK).status_code == 302


def test_another_address_in_a_header_opens_nothing_where_no_proxy_stands_before_us():
    guess(5)
    for forged in (
        {"x-forwarded-for": "198.51.100.1"},
        {"forwarded": "for=198.51.100.1"},
        {"x-real-ip": "198.51.100.1"},
    ):
        assert sign_in(RIGHT, **forged).status_code == 429


def test_behind_https_what_the_client_wrote_before_our_proxy_counts_for_nothing(settings):
    settings.HTTPS = True
    for number in range(5):
        answer = sign_in("wrong", at="127.0.0.1", **{"x-forwarded-for": f"198.51.100.{number}, {ELSEWHERE}"})
    assert answer.status_code == 429
    assert sign_in(RIGHT, at="127.0.0.1", **{"x-forwarded-for": DESK}).status_code == 302


def test_it_can_be_read_in_russian():
    locked = guess(5, **{"accept-language": "ru"})
    assert locked["Content-Language"] == "ru"


def test_neither_name_password_nor_address_is_in_the_log_or_kept_of_who_comes_in(caplog):
    caplog.set_level("DEBUG")
    guess(6)
    sign_in(RIGHT, at=DESK)
    shown = "\n".join(
        ScrubbingFormatter().format(record) for record in caplog.records if record.name.startswith("axes")
    )
    assert "Locking out" in shown
    for secret in ("operator", RIGHT, "wrong", ELSEWHERE, DESK):
        assert secret not in shown
    assert "wrong" not in str(list(AccessAttempt.objects.values()))
