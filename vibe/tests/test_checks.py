from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as project
from django.core.checks import run_checks

from vibe import environment
from vibe.database import described

CALLBACK = "http://127.0.0.1:8000/auth/spotify/callback"
PRODUCTION = {
    "DEBUG": "0",
    "PUBLIC_URL": "https://vibe.example.org",
    "ALLOWED_HOSTS": "vibe.example.org, 127.0.0.1",
}


def ids() -> list[str]:
    return [str(message.id) for message in run_checks() if str(message.id).startswith("vibe.")]


def check(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=project.BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_tests_own_settings_are_clean():
    assert ids() == []


HOSTS = {
    "SPOTIFY_ACCOUNTS_URL": "https://accounts.spotify.com",
    "SPOTIFY_IMAGES_URL": "https://i.scdn.co",
    "TELEGRAM_API_URL": "https://api.telegram.org",
    "TELEGRAM_LINK_URL": "https://t.me",
    "LASTFM_API_URL": "https://ws.audioscrobbler.com",
}
EXAMPLE = {"ALLOWED_HOSTS": ["vibe.example.org"], "SPOTIFY_REDIRECT_URI": f"https://vibe.example.org{CALLBACK[21:]}"}
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
NO_DATABASES = (
    *("nonsense", "mysql://u:canary@h/db", "POSTGRES://u:canary@h/db", "sqlite:", "sqlite:x", "sqlite://relative/path"),
    *("postgres:", "postgres://", "postgres://u:canary@h", "postgres://u:canary@host:port/name"),
    *("postgres://u:canary@[bad/name", "postgres://u:canary@h:99999/name", "postgres://u:canary/2@h/name"),
)
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("vibe.E001", {"SECRET_KEY": ""}),
    ("vibe.E002", {"SECRET_KEY": "short"}),
    ("vibe.E002", {"SECRET_KEY": "ab" * 40}),
    ("vibe.E003", {"SECRET_KEY": "django-insecure-0123456789-0123456789-0123456789-abc"}),
    ("vibe.E004", {"TOKEN_ENCRYPTION_KEYS": []}),
    ("vibe.E005", {"TOKEN_ENCRYPTION_KEYS": ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "short"]}),
    ("vibe.E006", {"INTERNAL_JOB_TOKEN": "x" * 31}),
    ("vibe.E007", {"TELEGRAM_BOT_TOKEN": "@mybot", "BOT_OPEN": True}),
    ("vibe.E007", {"TELEGRAM_BOT_TOKEN": "123456789:short-canary", "BOT_OPEN": True}),
    *(("vibe.E010", {name: f"{value}:abc/v1/2.0/"}) for name, value in HOSTS.items()),
    ("vibe.E010", {"SPOTIFY_ACCOUNTS_URL": "accounts.spotify.com"}),
    ("vibe.E010", {"SPOTIFY_API_URL": "https://api.spotify.com:abc/v1/"}),
    ("vibe.E010", {"LASTFM_API_URL": "http:// ws.audioscrobbler.com/2.0/"}),
    ("vibe.E010", {"TELEGRAM_API_URL": "ftp://api.telegram.org"}),
    ("vibe.E010", {"TELEGRAM_LINK_URL": ""}),
    ("vibe.E011", {"SPOTIFY_API_URL": "https://api.spotify.com/v1"}),
    ("vibe.E011", {"SPOTIFY_API_URL": "https://api.spotify.com/"}),
    ("vibe.E012", {"PUBLIC_URL": "http://127.0.0.1:abc", "SPOTIFY_REDIRECT_URI": CALLBACK}),
    ("vibe.E012", {"PUBLIC_URL": "vibe.example.org", "SPOTIFY_REDIRECT_URI": CALLBACK}),
    ("vibe.E012", {"PUBLIC_URL": "http://[broken", "SPOTIFY_REDIRECT_URI": CALLBACK}),
    ("vibe.E013", {"ALLOWED_HOSTS": ["other.example.org"]}),
    ("vibe.E014", {"SPOTIFY_REDIRECT_URI": "http://localhost:8000/auth/spotify/callback"}),
    ("vibe.E014", {"SPOTIFY_REDIRECT_URI": "https://LOCALHOST/auth/spotify/callback"}),
    ("vibe.E015", {"SPOTIFY_REDIRECT_URI": "http://192.168.1.5:8000/auth/spotify/callback"}),
    ("vibe.E015", {"SPOTIFY_REDIRECT_URI": ""}),
    ("vibe.E015", {"SPOTIFY_REDIRECT_URI": "https://127.0.0.1:abc/auth/spotify/callback"}),
    ("vibe.E016", {"SPOTIFY_REDIRECT_URI": "http://127.0.0.1:8000/callback"}),
    ("vibe.E016", {"SPOTIFY_REDIRECT_URI": f"{CALLBACK}/"}),
    ("vibe.E016", {"SPOTIFY_REDIRECT_URI": f"{CALLBACK}?next=x"}),
    ("vibe.E017", {"SPOTIFY_REDIRECT_URI": "https://vibe.example.org/auth/spotify/callback"}),
    ("vibe.E017", {"SPOTIFY_REDIRECT_URI": "http://127.0.0.1:9000/auth/spotify/callback"}),
    ("vibe.E017", {"SPOTIFY_REDIRECT_URI": "http://127.0.0.1/auth/spotify/callback"}),
    ("vibe.E018", {"LASTFM_API_URL": "https://ws.audioscrobbler.com/"}),
    ("vibe.E018", {"LASTFM_API_URL": "https://ws.audioscrobbler.com/2.0"}),
    ("vibe.E019", {"REDIS_URL": "foo"}),
    ("vibe.E019", {"REDIS_URL": "localhost:6379"}),
    ("vibe.E019", {"REDIS_URL": "redis://:canary@cache:abc/0"}),
    ("vibe.E019", {"REDIS_URL": "http://cache:6379"}),
    ("vibe.E020", {"NOT_NUMBERS": {"COOLDOWN_DAYS": "sixty"}}),
    ("vibe.E021", {"MIN_NEW_RATIO": 1.01}),
    ("vibe.E021", {"MIN_NEW_RATIO": -0.1}),
    ("vibe.E021", {"MIN_NEW_RATIO": float("nan")}),
    ("vibe.E021", {"DEFAULT_PLAYLIST_SIZE": 0}),
    ("vibe.E021", {"DEFAULT_PLAYLIST_SIZE": 101}),
    ("vibe.E021", {"RECENT_DAYS_WINDOW": 0}),
    ("vibe.E021", {"COOLDOWN_DAYS": 0}),
    ("vibe.E021", {"SPOTIFY_CALL_GAP_MS": -1}),
    ("vibe.E021", {"LASTFM_CALL_GAP_MS": -1}),
    ("vibe.E022", {"PLAYLIST_VISIBILITY": "secret"}),
    ("vibe.E031", {"LEARNING": "maybe"}),
    ("vibe.E023", {"SPOTIFY_DEFAULT_MARKET": "de"}),
    ("vibe.E023", {"SPOTIFY_DEFAULT_MARKET": "DEU"}),
    ("vibe.E024", {"OPERATOR_CHAT_ID": "@operator"}),
    *(("vibe.E025", {"DATABASE_URL": url}) for url in NO_DATABASES),
    ("vibe.E026", {"LOG_LEVEL": "loud"}),
    ("vibe.E027", {"NOT_SWITCHES": {"DEBUG": "maybe"}}),
    ("vibe.E028", {"DB_PATH": "missing/db.sqlite3"}),
    ("vibe.E028", {"DB_PATH": "manage.py/db.sqlite3"}),
    ("vibe.E028", {"DB_PATH": "vibe"}),
    ("vibe.E028", {"DATABASE_URL": "sqlite:////missing/directory/db.sqlite3"}),
    ("vibe.E029", {"TELEGRAM_MODE": "push"}),
    ("vibe.E030", {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://vibe.example.org:8080", **EXAMPLE}),
    ("vibe.W001", {"SPOTIFY_CLIENT_ID": ""}),
    ("vibe.W002", {"SPOTIFY_CLIENT_SECRET": ""}),
    ("vibe.W004", {"TELEGRAM_BOT_TOKEN": TOKEN, "OPERATOR_CHAT_ID": ""}),
    ("vibe.W003", {"DATABASE_URL": "sqlite:///x", "DB_PATH": "y"}),
]


@pytest.mark.parametrize(("expected", "values"), WRONG, ids=[f"{id_}-{next(iter(v.items()))}" for id_, v in WRONG])
def test_each_wrong_value_has_one_check_and_a_hint(settings, expected, values):
    settings.DATABASE_URL = ""  # whatever the suite runs on
    for name, value in values.items():
        setattr(settings, name, value)
    (message,) = (message for message in run_checks() if str(message.id).startswith("vibe."))
    assert message.id == expected
    assert message.hint
    assert any(name in f"{message.msg} {message.hint}" for name in [*values, "COOLDOWN_DAYS", "DEBUG"])
    assert "canary" not in f"{message.msg} {message.hint}"


@pytest.mark.parametrize(
    "values",
    [
        {"MIN_NEW_RATIO": 0.0, "DEFAULT_PLAYLIST_SIZE": 100, "COOLDOWN_DAYS": 1},
        {"MIN_NEW_RATIO": 1.0, "DEFAULT_PLAYLIST_SIZE": 1, "SPOTIFY_CALL_GAP_MS": 0},
        {"SPOTIFY_DEFAULT_MARKET": "DE", "OPERATOR_CHAT_ID": "-1001", "PLAYLIST_VISIBILITY": "public"},
        {"INTERNAL_JOB_TOKEN": "", "LASTFM_API_KEY": ""},
        {"DEBUG": True, "SECRET_KEY": "short"},
        {"PUBLIC_URL": "http://[::1]:8000", "SPOTIFY_REDIRECT_URI": "http://[::1]:8000/auth/spotify/callback"},
        {"PUBLIC_URL": "https://127.0.0.1", "SPOTIFY_REDIRECT_URI": "https://127.0.0.1:8443/auth/spotify/callback"},
        {"PUBLIC_URL": "http://127.0.0.1", "SPOTIFY_REDIRECT_URI": "http://127.0.0.1:80/auth/spotify/callback"},
        {"DATABASE_URL": "postgresql://u:p@h/db"},
        {"DATABASE_URL": "postgres://u:p%2F%40@[::1]:5432/db?sslmode=require"},
        {"DATABASE_URL": "postgres:///db"},
        {"DATABASE_URL": "postgres://%2Fvar%2Frun/db"},
        {"DATABASE_URL": "sqlite://:memory:"},
        {"DATABASE_URL": "sqlite://"},
        {"REDIS_URL": "rediss://:p@cache:6379/0"},
        {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_OPEN": True},
        {"TELEGRAM_BOT_TOKEN": TOKEN, "OPERATOR_CHAT_ID": "7", "TELEGRAM_MODE": "webhook"},
        {"SPOTIFY_API_URL": "http://127.0.0.1:8090/v1/", "LASTFM_API_URL": "http://127.0.0.1:8090/2.0/"},
    ],
)
def test_the_edges_of_what_is_allowed_are_clean(settings, values):
    for name, value in values.items():
        setattr(settings, name, value)
    assert ids() == []


def test_production_settings_pass_djangos_deployment_check():
    done = check("--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_with_nothing_set_the_check_says_how_to_make_the_secrets():
    done = check(SECRET_KEY="", TOKEN_ENCRYPTION_KEYS="")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "vibe.E001" in done.stderr
    assert "vibe.E004" in done.stderr
    assert "python -m vibe.first_run" in done.stderr


def test_wrong_text_in_the_environment_is_a_check_and_no_traceback():
    numbers = ("DEFAULT_PLAYLIST_SIZE", "MIN_NEW_RATIO", "RECENT_DAYS_WINDOW", "COOLDOWN_DAYS", "SPOTIFY_CALL_GAP_MS")
    wrong = {"DATABASE_URL": "nonsense", "LOG_LEVEL": "loud", "TOKEN_ENCRYPTION_KEYS": "?", "DEBUG": "maybe"}
    done = check(**dict.fromkeys(numbers, "many"), **wrong)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("vibe.E020") == len(numbers)
    assert "vibe.E025" in done.stderr
    assert "vibe.E026" in done.stderr
    assert "vibe.E005" in done.stderr
    assert "vibe.E027" in done.stderr


@pytest.mark.parametrize("url", NO_DATABASES)
def test_no_address_of_a_database_stops_the_import(url):
    assert described(url) is None


@pytest.mark.parametrize("closed", ["db.sqlite3", ""], ids=["the file", "its folder"])
def test_a_database_that_may_not_be_written_is_a_check(settings, tmp_path, monkeypatch, closed):
    """The operating system's answer is replaced, since for root it is always yes."""
    (tmp_path / "db.sqlite3").touch()
    settings.DATABASE_URL = ""
    settings.DB_PATH = str(tmp_path / "db.sqlite3")
    assert ids() == []
    monkeypatch.setattr(os, "access", lambda path, _mode: str(path) != str(tmp_path / closed).rstrip("/"))
    assert ids() == ["vibe.E028"]


@pytest.mark.parametrize(
    ("text", "is_on", "is_right"),
    [("maybe", False, False), ("2", False, False), ("off", False, True), ("", False, True), ("1", True, True)],
)
def test_a_switch_is_on_or_off(monkeypatch, text, is_on, is_right):
    monkeypatch.setitem(environment.env.ENVIRON, "DEBUG", text)
    monkeypatch.setattr(environment, "NOT_SWITCHES", {})
    assert environment.switch("DEBUG") is is_on
    assert ("DEBUG" not in environment.NOT_SWITCHES) is is_right


def test_a_database_in_memory_takes_migrations_and_what_is_empty_or_off_is_no_mistake():
    """An empty number means the default."""
    lenient = {"DEBUG": "off", "DEFAULT_PLAYLIST_SIZE": "", "MIN_NEW_RATIO": ""}
    done = check(
        "--database", "default", "--fail-level", "WARNING", DATABASE_URL="sqlite://:memory:", DB_PATH="", **lenient
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_browsers_are_told_to_keep_to_https_for_this_host_alone():
    code = "import django; django.setup(); from django.test import Client; print(Client(headers={'host': HOST})"
    code = code.replace("HOST", "'vibe.example.org'") + ".get('/health', secure=True).headers)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.BASE_DIR,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "'max-age=31536000'" in done.stdout


@pytest.mark.parametrize("content", [b"\xff\xfeS", b"SECRET_KEY=\xe9\xe8"])
def test_an_env_file_that_is_no_text_is_named_and_stops_nothing_else(tmp_path, content):
    (tmp_path / ".env").write_bytes(content)
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {"ENV_FILE": str(tmp_path / ".env")},
        cwd=project.BASE_DIR,
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert "vibe.E008" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_cannot_be_used_is_told_in_two_lines(tmp_path):
    ended = subprocess.run(
        [sys.executable, "manage.py", "generate", "--user", "@alice"],
        env=os.environ | {"DATABASE_URL": "", "DB_PATH": str(tmp_path / "empty.sqlite3")},
        cwd=project.BASE_DIR,
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "manage.py migrate" in ended.stderr
    assert "Traceback" not in ended.stderr
