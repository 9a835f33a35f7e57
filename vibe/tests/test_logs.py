from __future__ import annotations

import logging
import re
import sys
import threading

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from vibe.logs import MASK, ScrubbingFormatter, chat_name, hide_chats, log_uncaught, scrub

BOT = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
LEAKS = [
    "Authorization: Bearer BQsecretsecret-._~+/=",
    "{'Authorization': 'bearer BQsecretsecret'}",
    "Authorization: Basic c2VjcmV0OnNlY3JldHNlY3JldA==",
    "https://api.telegram.org/bot123:secret/sendMessage?chat_id=1",
    f"token of the bot is {BOT.replace('AAHdqTcvCH', 'secretsecr')}",
    "grant_type=refresh_token&refresh_token=secret",
    "refresh_token=secret&grant_type=refresh_token",
    '{"access_token": "secret", "expires_in": 3600}',
    r"body: \"access_token\": \"secret\"",
    "{'refresh_token': b'secret'}",
    "client_id=x&client_secret=secret",
    "GET /2.0/?method=track.getSimilar&api_key=secret&format=json",
    "GET /auth/spotify/callback?code=secret&state=secret HTTP/1.1",
    "GET /auth/spotify/callback?error=access_denied&state=secret",
    "GET /auth/spotify/start?token=secret",
    "code=secret&redirect_uri=http%3A%2F%2F127.0.0.1",
    '{"code": "AQDsecretsecretsecretsecret"}',
    "Cookie: sessionid=secret; csrftoken=secret",
    "postgres://vibe:secret@db:5432/vibe",
    "redis://:secret@cache:6379/0",
    "password=secret",
    # The address a listener pastes into the chat, as it is and inside another; the sign-in's state by itself.
    "http://127.0.0.1:8000/auth/spotify/callback?code=secret&state=secret",
    "http://127.0.0.1:8000/auth/spotify/callback?state=secret&code=secret#_=_",
    "next=http%3A%2F%2F127.0.0.1%2Fcallback%3Fcode%3Dsecret%26state%3Dsecret",
    "{'state': 'secretsecretsecretsecret'}",
    "https://t.me/bot?start=fin_secretsecret-secret",
    "Internal Server Error: /runs/secretsecretsecret12",
    "{'username': 'admin', 'password': 'secret'}",
]
HARMLESS = [
    "run=7 code=rate_limited service=spotify",
    '{"code": "quota_exceeded"}',
    "spotify.token=12 spotify.search=9",
    "status_code=200",
    "error code: 520",
    "https://open.spotify.com/playlist/37i9dQZF1DX",
    "track 12:34 of Basic Channel",
    "token_expired for spotify",
    "the state: queued",
    "/runs/7 was not found",
]


@pytest.mark.parametrize("text", LEAKS)
def test_a_secret_is_taken_out(text):
    assert "secret" not in scrub(text).replace("client_secret", "")
    assert MASK in scrub(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text):
    assert scrub(text) == text


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "INTERNAL_JOB_TOKEN", "SPOTIFY_CLIENT_SECRET", "LASTFM_API_KEY", "TELEGRAM_BOT_TOKEN"]
)
def test_a_configured_secret_is_taken_out_wherever_it_stands(settings, name):
    setattr(settings, name, "vEry+s3cret/value")
    assert scrub("seen vEry+s3cret/value and vEry%2Bs3cret%2Fvalue.") == f"seen {MASK} and {MASK}."


def test_keys_and_encoded_credentials_are_taken_out_too(settings):
    settings.TOKEN_ENCRYPTION_KEYS = ["key-number-one", "key-number-two"]
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = "aladdin", "opensesame"
    assert scrub("key-number-two YWxhZGRpbjpvcGVuc2VzYW1l") == f"{MASK} {MASK}"


def test_an_empty_secret_takes_nothing_out(settings):
    settings.TELEGRAM_BOT_TOKEN = settings.LASTFM_API_KEY = ""
    assert scrub("as it was") == "as it was"


def test_an_empty_secret_key_does_not_hide_the_error_it_causes(settings):
    settings.SECRET_KEY = ""
    settings.SPOTIFY_CLIENT_SECRET = "opensesame"
    assert formatted("no key, but opensesame").endswith(f'message="no key, but {MASK}"')


def test_a_secret_that_is_no_text_does_not_stop_the_log(settings):
    settings.SPOTIFY_CLIENT_SECRET = "open\udcffsesame"
    assert scrub("said open\udcffsesame") == f"said {MASK}"


@given(st.text())
def test_any_text_is_survived_and_scrubbing_twice_changes_nothing(text):
    assert scrub(scrub(text)) == scrub(text)
    assert hide_chats(hide_chats(text)) == hide_chats(text)


def formatted(message: str, *args: object, **extra: object) -> str:
    record = logging.getLogger("playlists").makeRecord(
        "playlists.generate", logging.INFO, "f", 1, message, args, None, extra=extra
    )
    record.created = 1_795_415_400.25
    return ScrubbingFormatter().format(record)


def test_a_line_is_fields_in_utc():
    assert formatted("run finished", run=7, source="top", seconds=1.5, note="a b", request=object()) == (
        'at=2026-11-23T06:30:00.250Z level=info logger=playlists.generate message="run finished"'
        ' run=7 source=top seconds=1.5 note="a b"'
    )


def test_an_argument_cannot_forge_a_line_or_a_field():
    line = formatted("chat said %s", "hi\nat=1970 level=critical", playlist='x" run=9')
    assert "\n" not in line
    assert line.endswith(r'playlist="x\" run=9"')


def test_secrets_of_arguments_extras_and_tracebacks_are_taken_out():
    try:
        raise ValueError(f"https://api.telegram.org/bot{BOT}/getMe")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, "f", 1, "refresh_token=%s", ("s3cret",), sys.exc_info(), extra={"api_key": "s3cret"}
        )
    text = ScrubbingFormatter().format(record)
    assert "Traceback" in text
    assert BOT not in text
    assert "s3cret" not in text


CHAT = "4711815"
CHATS = [
    f"chat={CHAT}",
    f"chat_id={CHAT}&text=hello",
    f'{{"chat_id": "{CHAT}"}}',
    f"{{'chat': {{'id': {CHAT}, 'type': 'private'}}}}",
    rf"\"chat\": {{\"id\": {CHAT}}}",
    f"Key (telegram_chat_id)=({CHAT}) already exists.",
    f"Key (key)=(group:{CHAT}) already exists.",
    f"tg{CHAT} 2026-11-23 success",
    f"no user tg:{CHAT}",
]


@pytest.mark.parametrize("text", CHATS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_chat_has_a_name_of_its_own_in_the_log_instead_of_its_number(text, sign):
    text = text.replace(CHAT, sign + CHAT)
    line = formatted("said %s", text)
    assert CHAT not in line
    assert f"#{chat_name(sign + CHAT)}" in line
    assert hide_chats(line) == line


def test_fields_and_tracebacks_tell_no_chat_either():
    try:
        raise ValueError(f"tg{CHAT} is taken")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, "f", 1, "failed", (), sys.exc_info(), extra={"chat": int(CHAT), "user": f"tg{CHAT}"}
        )
    text = ScrubbingFormatter().format(record)
    assert CHAT not in text
    assert text.count(f"#{chat_name(CHAT)}") == 3


def test_who_looks_for_a_fault_sees_the_numbers_and_no_secret(settings):
    settings.LOG_LEVEL = "DEBUG"
    assert f"chat={CHAT}" in formatted("said", chat=int(CHAT))
    assert "s3cret" not in formatted("password=s3cret")


def test_the_documented_line_tells_an_operator_which_chat_is_meant(capsys):
    page = (settings.BASE_DIR / "docs" / "security.md").read_text("utf-8")
    found = re.search(r'manage\.py shell -c "(.*)"', page)
    assert found is not None
    call_command("shell", command=found[1])
    assert chat_name(123456789) in capsys.readouterr().out


def test_a_chats_name_cannot_be_computed_without_the_key(settings):
    before = chat_name(CHAT)
    settings.SECRET_KEY = "another"
    assert chat_name(CHAT) != before
    settings.SECRET_KEY = ""
    assert "chat=#" in formatted("said", chat=int(CHAT))


def test_other_numbers_stay():
    text = "run=12345 update=987654 outbox=99 kind=chat 2026-11-23 stage 7"
    assert hide_chats(text) == text


def test_what_nobody_caught_goes_through_the_log(monkeypatch, caplog):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log_uncaught()

    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError("in the process"), None)
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        "in a thread",
        "in the process",
    ]


def test_an_interruption_by_the_keyboard_is_left_alone(monkeypatch, caplog, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log_uncaught()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not caplog.records
    assert "KeyboardInterrupt" in capsys.readouterr().err
