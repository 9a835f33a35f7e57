"""The doctor: all is well with a healthy installation, and each fault turns its own row red and no other."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone, translation
from django_q.models import Schedule

from accounts.models import Incident, SpotifyAccount, User
from botapp import webhook
from playlists.models import PlaylistRun
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState
from vibe.doctor import telegram
from vibe.doctor.checks import CHECKS, examine
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Row, State
from vibe.management.commands.doctor import Command
from vibe.tests import databases
from vibe.tests.healthy import OPERATOR, TOKEN, _sandbox, healthy, linked, sandbox, web_server  # noqa: F401  fixtures
from vibe.tests.sandbox_process import Sandbox

HOUR = timedelta(hours=1)


@dataclass
class Hospital:
    """What a fault may be done to."""

    sandbox: Sandbox
    settings: Any
    monkeypatch: pytest.MonkeyPatch
    user: User
    stack: ExitStack

    def account(self, **values: Any) -> None:
        SpotifyAccount.objects.filter(user=self.user).update(**values)

    def fault(self, kind: str, **options: Any) -> None:
        self.sandbox.fault(kind, times=None, **options)


@pytest.fixture
def hospital(healthy, sandbox, settings, monkeypatch):  # noqa: F811
    settings.LISTENBRAINZ = settings.DEEZER = settings.RECCOBEATS = True
    settings.LISTENBRAINZ_TOKEN = "of-the-installation"
    with ExitStack() as stack:
        yield Hospital(sandbox, settings, monkeypatch, healthy, stack)


def look(**options: Any) -> list[Row]:
    with translation.override("en"):
        return examine(Exam(timezone.now, **options))


def red(rows: list[Row]) -> list[str]:
    return sorted({row.name for row in rows if row.state == State.MEND})


def found(rows: list[Row]) -> dict[str, str]:
    return {row.name: row.state for row in rows}


def change(**values: Any) -> Callable[[Hospital], None]:
    def act(at: Hospital) -> None:
        for name, value in values.items():
            setattr(at.settings, name, value)

    return act


def fault(kind: str, **options: Any) -> Callable[[Hospital], None]:
    return lambda at: at.fault(kind, **options)


def broken(path: str, method: str = "") -> Callable[[Hospital], None]:
    return fault("server_error", path=path, method=method)


def refuse_writes(at: Hospital) -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and "heartbeat" in sql:
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, *rest)

    at.stack.enter_context(connection.execute_wrapper(refuse))


def quota_used_up(_at: Hospital) -> None:
    ApiUsage.objects.create(service="spotify", family="library", hour=timezone.now(), calls=300)


def blocked(_at: Hospital) -> None:
    until = timezone.now() + HOUR
    ServiceState.objects.update_or_create(service="spotify", family="", defaults={"blocked_until": until})


def consent_revoked(at: Hospital) -> None:
    at.account(expires_at=timezone.now() - HOUR)
    at.fault("invalid_grant", reason="revoked")


def another_bot(_at: Hospital) -> None:
    Heartbeat.objects.filter(name="bot").delete()
    Heartbeat.objects.create(name="bot-conflict", at=timezone.now())


def a_strange_webhook(at: Hospital) -> None:
    Heartbeat.objects.filter(name="bot").update(at=timezone.now())
    at.fault("malformed", path="/bot.*/getWebhookInfo")


def six_listeners(at: Hospital) -> None:
    for number in range(5):
        one = SpotifyAccount.objects.get(user=at.user)
        one.user = User.objects.create_user(f"listener{number}")
        one.pk, one.account_id, one.access_token_sealed, one.refresh_token_sealed = None, f"acc{number}", "", ""
        one.save()


def a_night_failed(_at: Hospital) -> None:
    Incident.objects.create(kind="night", opened_at=timezone.now())


def queue_stands_still(at: Hospital) -> None:
    PlaylistRun.objects.create(
        user=at.user,
        trigger="shell",
        day="2026-11-23",
        size_asked=5,
        min_new_ratio=0.8,
        created_at=timezone.now() - HOUR,
    )


def a_broken_check(at: Hospital) -> None:
    def fail(**_options: Any) -> list[Any]:
        raise RuntimeError("canary")

    at.monkeypatch.setattr("vibe.doctor.exam.run_checks", fail)


def no_room(at: Hospital) -> None:
    real = __import__("shutil").disk_usage("/")
    at.monkeypatch.setattr("shutil.disk_usage", lambda _folder: real._replace(free=1024**2))


def at_address(url: str) -> Callable[[Hospital], None]:
    return change(PUBLIC_URL=url, SPOTIFY_REDIRECT_URI=f"{url}/auth/spotify/callback")


def no_redis(at: Hospital) -> None:
    at.settings.REDIS_URL = url = "redis://127.0.0.1:1/0"
    at.settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}


BREAKS: dict[str, list[Callable[[Hospital], object]]] = {
    "settings": [a_broken_check, change(LOG_LEVEL="LOUD"), change(SPOTIFY_API_URL="https://api.spotify.com")],
    "secrets_file": [lambda at: at.settings.ENV_FILE.chmod(0o644)],
    "debug": [change(DEBUG=True)],
    "address": [change(PUBLIC_URL="http://vibe.example.org"), change(ALLOWED_HOSTS=["other"])],
    "redirect": [change(SPOTIFY_REDIRECT_URI="http://localhost:8000/auth/spotify/callback")],
    "web": [at_address("http://127.0.0.1:1"), lambda at: at_address(at.sandbox.url)(at)],
    "database": [refuse_writes, change(DB_PATH="/nonexistent/x.sqlite3", DATABASE_URL="")],
    "migrations": [lambda _at: MigrationRecorder.Migration.objects.filter(app="botapp").delete()],
    "disk": [no_room],
    "cache": [no_redis, change(REDIS_URL="localhost")],
    "time_zones": [lambda at: User.objects.filter(pk=at.user.pk).update(timezone="Mars/Olympus")],
    "tokens": [
        change(TOKEN_ENCRYPTION_KEYS=["YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY="]),
        change(TOKEN_ENCRYPTION_KEYS=[]),
    ],
    "spotify_credentials": [
        change(SPOTIFY_CLIENT_SECRET="wrong"),
        change(SPOTIFY_CLIENT_ID=""),
        broken("/api/token"),
        fault("rate_limit", service="accounts", seconds=60),
    ],
    "spotify_blocks": [blocked],
    "spotify_quota": [quota_used_up],
    "spotify_account": [consent_revoked, lambda at: at.account(needs_reconnect=True)],
    "spotify_scopes": [lambda at: at.account(scopes="user-library-read")],
    "spotify_consent": [lambda at: at.account(authorized_at=timezone.now() - timedelta(days=170))],
    "spotify_me": [broken("/v1/me/?$"), fault("expired", path="/v1/me/?$")],
    "spotify_premium": [fault("forbidden", reason="premium")],
    "spotify_allow_list": [fault("forbidden", reason="not_registered", path="/v1/me")],
    "spotify_likes": [broken("/v1/me/tracks"), fault("forbidden", reason="scope", path="/v1/me/tracks")],
    "spotify_plays": [fault("malformed", path="/v1/me/player/recently-played")],
    "spotify_playlists": [fault("forbidden", path="/v1/me/playlists", method="GET")],
    "spotify_search": [broken("/v1/search"), fault("quota", path="/v1/search")],
    "spotify_artist_albums": [fault("rate_limit", seconds=600, path="/v1/artists/.*/albums")],
    "spotify_album_tracks": [fault("not_found", path="/v1/albums/")],
    "spotify_recommendations": [broken("/v1/recommendations")],
    "spotify_top_tracks": [broken("/v1/artists/.*/top-tracks")],
    "write_create": [
        broken("/v1/me/playlists", "POST"),
        fault("timeout_after_write", mode="drop", path="/v1/me/playlists", method="POST"),
    ],
    "write_fill": [broken("/v1/playlists/.*/items", "PUT")],
    "write_read": [
        broken("/v1/playlists/.*/items", "GET"),
        fault("empty", path="/v1/playlists/.*/items", method="GET"),
    ],
    "write_remove": [lambda at: at.sandbox.fault("server_error", path="/v1/me/library", method="DELETE", times=3)],
    "lastfm_key": [fault("lastfm_error", code=10, status=403)],
    "lastfm_tracks": [broken("/2.0/track.getSimilar")],
    "lastfm_artists": [broken("/2.0/artist.getSimilar")],
    "lastfm_top_tracks": [broken("/2.0/artist.getTopTracks")],
    "lastfm_tag_tracks": [broken("/2.0/tag.getTopTracks")],
    "lastfm_artist_tags": [broken("/2.0/artist.getTopTags")],
    "musicbrainz": [broken("/ws/2/isrc/")],
    "listenbrainz": [broken("/1/lb-radio/"), fault("rate_limit", seconds=600, path="/1/lb-radio/")],
    "listenbrainz_token": [change(LISTENBRAINZ_TOKEN="of-nobody:wrong")],
    "listenbrainz_names": [broken("/1/metadata/recording/", "POST")],
    "listenbrainz_similar": [
        broken("/similar-recordings/", "POST"),
        fault("malformed", path="/similar-recordings/"),
    ],
    "listenbrainz_labs": [fault("malformed", path="/spotify-id-from-metadata/")],
    "deezer": [broken("/deezer/track/"), fault("deezer_error", code=200)],
    "deezer_related": [broken("/deezer/artist/.*/related")],
    "deezer_top_tracks": [broken("/deezer/artist/.*/top")],
    "reccobeats": [broken("/reccobeats/"), fault("rate_limit", seconds=600, path="/reccobeats/")],
    "telegram_token": [
        fault("unauthorized", path="/bot.*/getMe"),
        change(TELEGRAM_BOT_TOKEN="@my_bot"),
        change(TELEGRAM_BOT_TOKEN=""),
    ],
    "telegram_updates": [another_bot, a_strange_webhook, change(TELEGRAM_MODE="by hand")],
    "operator": [
        fault("chat_not_found", path="/bot.*/getChat"),
        lambda at: at.sandbox.block(OPERATOR),
        change(OPERATOR_CHAT_ID="@olga"),
        change(OPERATOR_CHAT_ID=""),
    ],
    "bot": [lambda _at: Heartbeat.objects.filter(name="bot").delete()],
    "worker": [lambda _at: Heartbeat.objects.filter(name="reap").update(at=timezone.now() - HOUR)],
    "schedules": [
        lambda _at: Schedule.objects.filter(name="prune (night)").delete(),
        lambda _at: Schedule.objects.filter(name="listen (night)").update(next_run=timezone.now() - HOUR),
    ],
    "queue": [queue_stands_still],
    "night": [a_night_failed],
    "clock": [lambda at: at.sandbox.set_clock(timezone.now() + timedelta(seconds=90))],
    "listeners": [six_listeners],
}


def test_a_healthy_installation_has_nothing_to_mend_and_every_row_is_made(hospital):
    rows = look(write=True)
    assert red(rows) == []
    gone = {"spotify_recommendations": "info", "spotify_top_tracks": "info", "address": "info", "redirect": "info"}
    assert found(rows) == {check.name: gone.get(check.name, "ok") for check in CHECKS}


def test_there_is_a_fault_for_every_row_and_the_page_tells_of_each():
    page = (settings.BASE_DIR / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert list(BREAKS) == re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert BREAKS.keys() == {check.name for check in CHECKS}


def test_the_page_shows_rows_and_options_that_there_are():
    page = (settings.BASE_DIR / "docs" / "doctor.md").read_text(encoding="utf-8")
    with translation.override("en"):
        titles = {str(check.title) for check in CHECKS}
        states = "|".join(str(state.label) for state in State)
    shown = re.findall(rf"^(\S.*?) {{2,}}(?:{states}) {{2,}}", page, re.MULTILINE)
    assert len(shown) > 15
    assert set(shown) <= titles
    known = Command().create_parser("manage.py", "doctor").format_help()
    assert all(option in known for option in re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE))


@pytest.mark.parametrize(("row", "number"), [(row, n) for row, acts in BREAKS.items() for n in range(len(acts))])
def test_a_fault_turns_its_own_row_red_and_no_other_and_says_what_to_do(hospital, row, number):
    BREAKS[row][number](hospital)
    before = len(hospital.sandbox.state()["playlists"])
    try:
        rows = look(write=row.startswith("write"))
        assert red(rows) == [row], [one for one in rows if one.state == State.MEND]
        assert all(one.remedy and one.found for one in rows if one.state == State.MEND)
        assert not any("{" in one.found + one.remedy for one in rows)
        left = [one["name"] for one in hospital.sandbox.state()["playlists"][before:] if one["followed"]]
        assert left == []
    finally:
        hospital.sandbox.block(OPERATOR, False)


def test_a_new_installation_is_asked_as_far_as_it_goes_without_a_listener(hospital):
    hospital.user.delete()
    rows = found(look(write=True))
    assert State.MEND not in rows.values()
    assert [rows[name] for name in ("spotify_account", "spotify_allow_list", "listeners", "night")] == ["info"] * 4
    assert [rows[name] for name in ("spotify_premium", "spotify_search", "spotify_album_tracks")] == ["ok"] * 3
    assert [rows[name] for name in ("spotify_me", "spotify_likes", "write_create")] == ["not_checked"] * 3


def test_premium_that_lapsed_is_told_before_the_first_listener_tries(hospital):
    hospital.user.delete()
    hospital.fault("forbidden", reason="premium")
    assert red(look()) == ["spotify_premium"]


def test_what_was_mended_is_found_well_at_once_and_nobody_waits_for_its_hour(hospital):
    hospital.settings.SPOTIFY_CLIENT_SECRET = "wrong"
    hospital.fault("lastfm_error", code=10, status=403)
    assert red(look()) == ["lastfm_key", "spotify_credentials"]
    assert ServiceState.objects.filter(blocked_until__gt=timezone.now()).count() == 2
    hospital.settings.SPOTIFY_CLIENT_SECRET = "right"
    hospital.sandbox.clear_faults()
    assert red(look()) == []
    assert not ServiceState.objects.filter(blocked_until__gt=timezone.now()).exists()


def test_a_pause_that_spotify_asked_for_is_kept(hospital):
    blocked(hospital)
    hospital.sandbox.calls(clear=True)
    look(write=True)
    assert hospital.sandbox.calls("spotify") == hospital.sandbox.calls("accounts") == []


def test_a_pause_of_one_family_keeps_no_other_from_being_asked(hospital):
    until = timezone.now() + HOUR
    ServiceState.objects.create(service="spotify", family="search", blocked_until=until, reason="quota_exceeded")
    rows = look()
    states = found(rows)
    assert red(rows) == ["spotify_blocks"]
    assert [states[name] for name in ("spotify_credentials", "spotify_me", "spotify_premium", "spotify_likes")] == [
        "ok"
    ] * 4
    assert states["spotify_search"] == states["spotify_artist_albums"] == "not_checked"


def test_its_calls_count_towards_the_days(hospital):
    look()
    counted = {usage.family: usage.calls for usage in ApiUsage.objects.filter(service="spotify")}
    assert counted["search"] == counted["me"] == counted["library"] == 1


def test_nobody_outside_is_asked_where_that_is_not_wanted(hospital):
    hospital.sandbox.calls(clear=True)
    rows = found(look(calls=False))
    assert (hospital.sandbox.calls(), rows["spotify_me"], rows["worker"]) == ([], "not_checked", "ok")


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("spotify_credentials", {"SPOTIFY_CLIENT_ID": ""}),
        ("telegram_token", {"TELEGRAM_BOT_TOKEN": ""}),
        ("telegram_token", {"TELEGRAM_BOT_TOKEN": "abc"}),
        ("telegram_updates", {"TELEGRAM_MODE": "pushing"}),
        ("operator", {"OPERATOR_CHAT_ID": "", "BOT_OPEN": False}),
    ],
)
def test_what_is_known_at_home_is_told_though_nobody_is_asked(hospital, row, values):
    change(**values)(hospital)
    assert red(look(calls=False)) == [row]


def test_a_database_in_no_folder_is_one_red_row(tmp_path):
    nowhere = {"ENV_FILE": str(tmp_path / "none"), "DATABASE_URL": "", "DB_PATH": str(tmp_path / "no" / "x.sqlite3")}
    secrets = {"SECRET_KEY": settings.SECRET_KEY, "TOKEN_ENCRYPTION_KEYS": ",".join(settings.TOKEN_ENCRYPTION_KEYS)}
    keys = {"SPOTIFY_CLIENT_ID": "a", "SPOTIFY_CLIENT_SECRET": "b", "TELEGRAM_BOT_TOKEN": TOKEN, "BOT_OPEN": "1"}
    doctor = databases.start(["doctor", "--no-calls", "--json"], nowhere | secrets | keys)
    rows = json.loads(databases.ended(doctor)[1])["rows"]
    assert [row["name"] for row in rows if row["state"] == "mend"] == ["database"], rows
    assert {row["name"]: row["state"] for row in rows}["disk"] == "ok"


def test_a_check_that_fails_itself_is_a_row_without_the_text_of_its_error(hospital, monkeypatch, caplog):
    def fail(_now: object) -> bool:
        raise RuntimeError("postgres://user:canary@host")

    monkeypatch.setattr("playlists.worker.is_alive", fail)
    rows = look(calls=False)
    assert red(rows) == ["worker"]
    assert "could not be checked (RuntimeError)" in str(rows)
    assert "canary" not in str(rows) + caplog.text


def test_no_row_shows_a_secret(hospital):
    secrets = [TOKEN, hospital.settings.SPOTIFY_CLIENT_SECRET, hospital.settings.SECRET_KEY]
    secrets += [hospital.settings.LASTFM_API_KEY, *hospital.settings.TOKEN_ENCRYPTION_KEYS]
    shown = str(look(write=True))
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/elsewhere"], ids=["none", "elsewhere"])
def test_a_webhook_is_to_be_ours(hospital, url):
    hospital.settings.TELEGRAM_MODE = "webhook"
    bot = Exam(timezone.now).bot
    try:
        if url:
            bot.set_webhook(url, "secret")
        assert red(look()) == ["telegram_updates"]
    finally:
        bot.delete_webhook()


@pytest.mark.parametrize(("error", "waiting", "state"), [("Connection refused", 3, "mend"), ("Read timeout", 0, "ok")])
def test_a_webhook_that_telegram_can_not_reach_is_told_while_updates_wait(settings, error, waiting, state):
    assert telegram.by_webhook(webhook.address(), waiting, error).state == state


def test_a_webhook_is_in_the_way_of_polling(hospital):
    bot = Exam(timezone.now).bot
    try:
        bot.set_webhook("http://127.0.0.1:9/elsewhere", "secret")
        assert red(look()) == ["telegram_updates"]
    finally:
        bot.delete_webhook()


def test_the_users_account_that_is_named_is_the_one_that_is_tried(hospital):
    linked(hospital.sandbox, "boris", "demo")
    asked = {row.name: row.found for row in look(user="@boris")}
    assert asked["spotify_account"] == "asked as boris"
    assert red(look(user="@nobody")) == ["spotify_account"]


def test_one_whose_consent_is_over_does_not_keep_another_from_being_tried(hospital):
    consent_revoked(hospital)
    linked(hospital.sandbox, "boris", "demo")
    assert {row.name: row.found for row in look()}["spotify_account"] == "asked as boris"


def told(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


@pytest.fixture
def own_signals():  # the command takes them to itself, as a process of its own may
    kept = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for one, handler in kept.items():
        signal.signal(one, handler)


def test_the_command_prints_a_table_in_the_language_asked_for(hospital, own_signals, capsys):
    _json, code = told("--no-calls", "--language", "en")
    table = capsys.readouterr().out
    assert code == 0
    assert "Nothing is to mend." in table
    assert "Register exactly this address" in " ".join(table.split())


def test_the_command_ends_with_1_where_something_is_to_mend(hospital, own_signals):
    hospital.settings.DEBUG = True
    table, code = told("--no-calls", "--json")
    answer = json.loads(table)
    assert (code, answer["well"]) == (1, False)
    assert [row["name"] for row in answer["rows"] if row["state"] == "mend"] == ["debug"]


def test_schedules_that_are_missing_can_be_made_again(hospital, own_signals):
    before = set(Schedule.objects.values_list("name", "func", "cluster", "minutes"))
    Schedule.objects.filter(name__startswith="reap").delete()
    assert told("--no-calls", "--json", "--schedules")[1] == 0
    assert set(Schedule.objects.values_list("name", "func", "cluster", "minutes")) == before


def test_the_environment_chooses_the_language(hospital, own_signals, monkeypatch, capsys):
    monkeypatch.setenv("LANGUAGE", "de:en")
    told("--no-calls")
    assert "Nothing is to mend." in capsys.readouterr().out


def test_a_check_that_takes_too_long_is_broken_off_and_keeps_no_other_from_being_made(hospital, own_signals):
    hospital.fault("slow", path="/v1/me/tracks", seconds=4)
    table, code = told("--json", "--seconds", "9")
    rows = {row["name"]: row["state"] for row in json.loads(table)["rows"]}
    assert (code, [name for name, state in rows.items() if state == "mend"]) == (1, ["spotify_likes"])
    assert (rows["spotify_plays"], rows["clock"]) == ("ok", "ok")


def test_what_could_not_be_taken_away_is_named(hospital):
    hospital.fault("server_error", path="/v1/playlists/.*/items", method="PUT")
    hospital.fault("server_error", path="/v1/me/library", method="DELETE")
    rows = look(write=True)
    assert red(rows) == ["write_fill", "write_remove"]
    assert rows[-1].remedy.startswith("Remove Daily Vibe probe")


def test_when_the_time_is_up_no_check_begins(hospital):
    exam = Exam(timezone.now)
    exam.stop()
    assert {row.state for row in examine(exam)} == {State.SKIPPED}


def test_a_probe_whose_making_was_broken_off_is_taken_away(hospital):
    exam = Exam(timezone.now, write=True)
    hospital.fault("slow", path="/v1/playlists/.*/items", method="PUT", seconds=1)
    before = len(hospital.sandbox.state()["playlists"])
    real = exam.meter.call

    def call(service: str, family: str) -> Any:
        if family == "playlist_write" and exam.probe_id:
            exam.meter.call = real  # type: ignore[method-assign]
            exam.stop()
        return real(service, family)

    exam.meter.call = call  # type: ignore[method-assign]
    rows = found(examine(exam))
    assert (rows["write_create"], rows["write_fill"], rows["write_remove"]) == ("ok", "mend", "not_checked")
    made = hospital.sandbox.state()["playlists"][before:]
    assert [one["followed"] for one in made] == [False]
