"""The operator's first page: each figure is what SQL counts, and leads to exactly the rows it is of."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone, translation
from django_q.models import Schedule

from accounts.models import Incident, SpotifyAccount, User
from playlists import figures
from playlists.models import PlaylistRun, PlaylistRunTrack
from vibe import dashboard
from vibe.clients.models import ApiUsage, ServiceState
from vibe.dashboard import Figure

pytestmark = pytest.mark.django_db
# Some minutes from now on, for which a list that looks at the clock itself agrees.
NOW = timezone.now()
START = datetime.combine(NOW.date() - timedelta(days=29), time.min, UTC)
SOURCES = ("lastfm_similar_tracks", "lastfm_similar_artists", "spotify_search")
REASONS = (
    *({"relation": "similar_track", "origin": origin} for origin in ("play", "like")),
    *({"relation": relation, "origin": "artist"} for relation in ("similar_artist", "deep_cut")),
    {"relation": "fallback"},
)
CODES = ("timeout", "quota_exceeded", "premium")
HOW_OFTEN = 12  # runs a day


def listeners(rng: random.Random, count: int = 40) -> list[User]:
    users = []
    for n in range(count):
        user = User.objects.create(
            username=f"listener{n}",
            telegram_chat_id=n + 1 if rng.random() < 0.9 else None,
            is_active=rng.random() < 0.9,
            is_approved=rng.random() < 0.7,
            is_bot_blocked=rng.random() < 0.2,
            nightly_at=time(rng.randrange(24)) if rng.random() < 0.6 else None,
            timezone=rng.choice(["UTC", "Europe/Moscow", "America/New_York"]),
        )
        for pending in (False, True):
            if rng.random() < 0.6:
                SpotifyAccount.objects.create(
                    user=user,
                    account_id=f"{n}{pending}",
                    expires_at=NOW,
                    authorized_at=NOW,
                    pending=pending,
                    needs_reconnect=rng.random() < 0.3,
                )
        users.append(user)
    return users


def seed() -> None:
    """Thirty-three days of runs, so that the window has something to leave out."""
    rng = random.Random(7)
    users = listeners(rng)
    for day in range(-3, 30):
        for _ in range(rng.randrange(HOW_OFTEN)):
            at = START + timedelta(days=day, seconds=rng.randrange(86_400))
            run(rng, rng.choice(users), min(at, NOW))
    ends = (
        START,
        START - timedelta(microseconds=1),
        START + timedelta(days=1),
        START + timedelta(days=1, microseconds=-1),
    )
    for at in ends:  # of days, where a figure and its link could differ
        run(rng, users[0], at)
    usage(rng)


def run(rng: random.Random, user: User, at: datetime) -> None:
    status = rng.choice(["success"] * 5 + ["failed", "failed", "needs_link", "queued"])
    started = at + timedelta(seconds=rng.randrange(5_000) / 10)
    total, new = 10, rng.randrange(11)
    made: dict[str, Any] = {}
    if status == "success":
        shares = [{"source": name, "state": "asked", "found": rng.randrange(200)} for name in SOURCES]
        steps = {"asking": rng.randrange(9_000), "writing": rng.randrange(2_000)}
        made = {"report": {"sources": shares, "ms": steps}, "total": total, "new": new, "novelty": new / total}
        made |= {"started_at": started, "finished_at": started + timedelta(milliseconds=rng.randrange(1, 90_000))}
    if status in ("failed", "needs_link"):
        made = {"error_code": rng.choice(CODES), "started_at": started, "finished_at": started}
    row = PlaylistRun.objects.create(
        user=user, trigger=rng.choice(["bot", "nightly"]), day=at.date(), created_at=at, status=status,
        dry_run=rng.random() < 0.2 or status == "queued", size_asked=10, min_new_ratio=rng.choice([0.5, 0.8]), **made,
    )  # fmt: skip
    fortunes = rng.choice([("heard", "liked", "kept", "removed", "disliked"), ("heard", "unknown")])
    PlaylistRunTrack.objects.bulk_create(
        PlaylistRunTrack(
            run=row,
            position=n,
            spotify_track_id="t",
            source=rng.choice((*SOURCES, "liked")),
            reason=rng.choice(REASONS),
            outcome=rng.choice(fortunes),
        )
        for n in range(1, row.total + 1)
    )


def usage(rng: random.Random) -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    for service, family in (
        *(("spotify", family) for family in ("search", "playlist_read", "playlist_write", "me", "token")),
        ("lastfm", "top_tracks"),
    ):
        for back in range(30):
            for outcome in ("ok", "timeout"):
                ApiUsage.objects.create(
                    service=service, family=family, outcome=outcome, hour=hour - timedelta(hours=back),
                    calls=rng.randrange(1, 9),
                )  # fmt: skip


def sql(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """In the words both databases share; a moment is given as the column holds it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [_told(one) for one in parameters])
        return list(cursor.fetchall())


def _told(one: Any) -> Any:
    if isinstance(one, datetime) and connection.vendor == "sqlite":
        return one.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds").replace(".000000", "")
    return one


RUNS = "FROM playlists_playlistrun WHERE created_at >= %s"
LISTS = f"{RUNS} AND status = 'success' AND dry_run = FALSE"


def test_the_days_are_what_sql_counts():
    seed()
    total = 0
    for day in figures.days(NOW):
        begin = datetime.combine(day.date, time.min, UTC)
        of_day, window = f"{RUNS} AND created_at < %s", (begin, begin + timedelta(days=1))
        for status in ("success", "failed", "needs_link"):
            [(count,)] = sql(f"SELECT COUNT(*) {of_day} AND status = '{status}' AND dry_run = FALSE", *window)
            assert day.counts[status] == count, day
        [(unfinished,)] = sql(
            f"SELECT COUNT(*) {of_day} AND status IN ('queued', 'running') AND dry_run = FALSE", *window
        )
        [(dry,)] = sql(f"SELECT COUNT(*) {of_day} AND dry_run = TRUE", *window)
        assert (day.counts["unfinished"], day.counts["dry_run"]) == (unfinished, dry)
        [(asked, achieved)] = sql(
            f"SELECT AVG(min_new_ratio), AVG(novelty) {of_day} AND status = 'success' AND dry_run = FALSE", *window
        )
        assert [day.asked, day.achieved] == [pytest.approx(asked), pytest.approx(achieved)]
        total += sum(day.counts.values())
    assert sql(f"SELECT COUNT(*) {RUNS}", START) == [(total,)]
    assert total > 100


def test_novelty_is_the_mean_of_all_lists():
    seed()
    [(asked, achieved)] = sql(f"SELECT AVG(min_new_ratio), AVG(novelty) {LISTS}", START)
    found = figures.novelty(figures.days(NOW))
    assert found is not None
    assert list(found) == [pytest.approx(asked), pytest.approx(achieved)]


def test_failures_are_counted_by_code():
    seed()
    counted = sql(
        f"SELECT error_code, COUNT(*) {RUNS} AND dry_run = FALSE AND status IN ('failed', 'needs_link')"
        " GROUP BY error_code ORDER BY 2 DESC, 1",
        START,
    )
    assert figures.troubles(NOW) == counted
    assert len(counted) == len(CODES)


@pytest.mark.parametrize("newest", [figures.NEWEST, 40])
def test_sources_and_durations_are_of_the_newest_lists(monkeypatch, newest):
    monkeypatch.setattr(figures, "NEWEST", newest)
    seed()
    since = figures.made_since(NOW)
    rows = sql(f"SELECT created_at {LISTS} ORDER BY created_at DESC LIMIT {newest}", START)
    [(made,)] = sql(f"SELECT COUNT(*) {LISTS}", since)
    assert made == len(rows)
    each = {
        "sqlite": "json_each(report, '$.sources') AS one, (SELECT 1)",
        "postgresql": "jsonb_array_elements(report->'sources') AS one(value), (SELECT 1) AS nothing",
    }[connection.vendor]
    get = {"sqlite": "json_extract(one.value, '$.{}')", "postgresql": "one.value->>'{}'"}[connection.vendor]
    name, count = get.format("source"), f"CAST({get.format('found')} AS integer)"
    found = dict(
        sql(
            f"SELECT {name}, SUM({count}) {LISTS.replace(' WHERE', f', {each} WHERE')} GROUP BY 1",
            since,
        )
    )
    picked = dict(
        sql(
            "SELECT source, COUNT(*) FROM playlists_playlistruntrack"
            f" WHERE run_id IN (SELECT id {LISTS}) GROUP BY source",
            since,
        )
    )
    assert {one.name: one.found for one in figures.sources(since)} == {**dict.fromkeys(picked, 0), **found}
    assert {one.name: one.picked for one in figures.sources(since)} == picked
    spent = {
        "sqlite": "ROUND((julianday(finished_at) - julianday(started_at)) * 86400000)",
        "postgresql": "ROUND(EXTRACT(EPOCH FROM finished_at - started_at) * 1000)",
    }[connection.vendor]
    spread = figures.durations(since)[""]
    for share, shown in ((0.5, spread.p50), (0.95, spread.p95)):
        place = -(-made * int(share * 100) // 100) - 1
        [(milliseconds,)] = sql(f"SELECT {spent} {LISTS} ORDER BY 1 LIMIT 1 OFFSET {place}", since)
        assert shown == pytest.approx(float(milliseconds))


def test_each_steps_durations_are_of_the_reports():
    seed()
    each, step, spent = {
        "sqlite": ("json_each(report, '$.ms') AS one", "one.key", "one.value"),
        "postgresql": ("jsonb_each(report->'ms') AS one", "one.key", "CAST(one.value AS integer)"),
    }[connection.vendor]
    rows = f"{LISTS.replace(' WHERE', f', {each} WHERE')}"
    counts = dict(sql(f"SELECT {step}, COUNT(*) {rows} GROUP BY 1", START))
    found = figures.durations(START)
    assert {name: spread for name, spread in found.items() if name} == {
        name: tuple(
            sql(f"SELECT {spent} {rows} AND {step} = '{name}' ORDER BY 1 LIMIT 1 OFFSET {place}", START)[0][0]
            for place in (-(-count * 50 // 100) - 1, -(-count * 95 // 100) - 1)
        )
        for name, count in counts.items()
    }
    assert set(counts) == {"asking", "writing"}


def test_the_tiles_are_what_sql_counts():
    seed()
    for n, one in enumerate(PlaylistRun.objects.filter(status="queued")):
        moment = [None, NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)][n % 3]
        PlaylistRun.objects.filter(pk=one.pk).update(not_before=moment)
    failed_of = dict(PlaylistRun.objects.filter(status="failed").values_list("user", "pk"))  # one may run for each
    PlaylistRun.objects.filter(pk__in=list(failed_of.values())[:3]).update(status="running")
    for n in range(5):
        Incident.objects.create(kind=f"kind{n}", opened_at=NOW, closed_at=NOW if n % 2 else None)
        ServiceState.objects.create(service=f"s{n}", blocked_until=NOW + timedelta(hours=n - 2))
    today = datetime.combine(NOW.date(), time.min, UTC)
    playlists, new, waiting, incidents = dashboard.tiles(figures.days(NOW), NOW)
    [(done,)] = sql(f"SELECT COUNT(*) {LISTS}", today)
    [(failed,)] = sql(f"SELECT COUNT(*) {RUNS} AND status = 'failed' AND dry_run = FALSE", today)
    assert (playlists["figure"].shown, playlists["note"].shown) == (done, f"failed: {failed}")
    [(asked, achieved)] = sql(f"SELECT AVG(min_new_ratio), AVG(novelty) {LISTS}", START)
    for shown, mean in ((new["figure"].shown, achieved), (new["note"].shown.removeprefix("asked for: "), asked)):
        assert float(shown.removesuffix(" %")) == pytest.approx(100 * mean, abs=0.0501)
    due = "FROM playlists_playlistrun WHERE status = 'queued' AND (not_before IS NULL OR not_before <= %s)"
    due += " AND (dry_run = FALSE OR \"trigger\" IN ('bot', 'admin'))"  # others end with who looks on
    [(due_now,)] = sql(f"SELECT COUNT(*) {due}", NOW)
    [(running,)] = sql("SELECT COUNT(*) FROM playlists_playlistrun WHERE status = 'running'")
    assert (waiting["figure"].shown, waiting["note"].shown) == (due_now, f"running: {running}")
    [(open_ones,)] = sql("SELECT COUNT(*) FROM accounts_incident WHERE closed_at IS NULL")
    [(blocked,)] = sql("SELECT COUNT(*) FROM clients_servicestate WHERE blocked_until > %s", NOW)
    assert (incidents["figure"].shown, incidents["note"].shown) == (open_ones, f"services blocked: {blocked}")
    assert min(due_now, running, open_ones, blocked) > 1


def test_people_are_counted_by_how_they_stand():
    seed()
    account = "(SELECT 1 FROM accounts_spotifyaccount a WHERE a.user_id = u.id AND a.pending = FALSE{})"
    linked, ended = account.format(""), account.format(" AND a.needs_reconnect = TRUE")
    alive = f"u.is_active = TRUE AND EXISTS {linked} AND NOT EXISTS {ended}"
    wheres = {
        "all": "1 = 1",
        "linked": alive,
        "needs_link": f"u.is_active = TRUE AND EXISTS {ended}",
        "not_linked": f"u.is_active = TRUE AND NOT EXISTS {linked}",
        "nightly": f"{alive} AND u.nightly_at IS NOT NULL AND u.is_bot_blocked = FALSE",
        "blocked": "u.is_active = TRUE AND u.is_bot_blocked = TRUE",
        "waiting": "u.is_active = TRUE AND u.is_approved = FALSE AND u.telegram_chat_id IS NOT NULL",
        "turned_away": "u.is_active = FALSE",
    }
    counted = {name: sql(f"SELECT COUNT(*) FROM accounts_user u WHERE {where}")[0][0] for name, where in wheres.items()}
    assert figures.people() == counted
    assert all(counted.values())


def test_nobody_waits_to_be_let_in_where_the_bot_is_open(settings):
    seed()
    settings.BOT_OPEN = True
    assert figures.people()["waiting"] == 0


def test_calls_are_those_that_count_against_the_ceilings(settings):
    seed()
    settings.SPOTIFY_DAILY_CALLS = 300
    where = "FROM clients_apiusage WHERE service = 'spotify' AND hour > %s AND family "
    families = {
        "total": "<> 'token'",
        "playlist": "LIKE 'playlist%%'",
        **{name: f"= '{name}'" for name in ("search", "artist_albums", "album_tracks", "me")},
    }
    counted = {
        name: sql(f"SELECT COALESCE(SUM(calls), 0), COUNT(*) {where} {family}", NOW - timedelta(hours=25))[0]
        for name, family in families.items()
    }
    shown = {one.group: (one.made, one.rows) for one in figures.calls(NOW)}
    assert shown == {name: tuple(map(int, row)) for name, row in counted.items()}
    assert {one.group: one.most for one in figures.calls(NOW)} == {
        "total": 300, "search": 150, "artist_albums": 60, "album_tracks": 60, "playlist": 100, "me": None,
    }  # fmt: skip
    settings.SPOTIFY_DAILY_CALLS = 0
    assert {one.most for one in figures.calls(NOW)} == {None}


def rows_of(link: str, user: User) -> int:
    """How many rows the list shows; it is not drawn, which takes most of its time."""
    address = urlsplit(link)
    app, model = str(resolve(address.path).url_name).removesuffix("_changelist").split("_", 1)
    listed = admin.site._registry[apps.get_model(app, model)]
    request = RequestFactory().get(address.path, QueryDict(address.query))
    request.user = user
    return int(listed.get_changelist_instance(request).result_count)


def test_each_figure_leads_to_the_rows_it_is_of(admin_client, admin_user):
    seed()
    every = dashboard.every_figure(dashboard.told(NOW))
    links = {figure.link: figure.rows for figure in every}
    assert len(every) > 150
    assert sum(map(bool, links.values())) > 60
    for link, count in links.items():
        assert rows_of(link, admin_user) == count, link
    assert admin_client.get(next(link for link, count in links.items() if count)).status_code == 200
    page = admin_client.get("/admin/")
    for figure in dashboard.every_figure(dashboard.told(page.context["now"])):
        if figure.rows:
            assert figure.link.replace("&", "&amp;") in page.text


def test_no_count_on_the_page_is_without_its_rows(admin_client):
    seed()
    told = dashboard.told(NOW)
    assert all(isinstance(tile[one], Figure) for tile in told["tiles"] for one in ("figure", "note"))
    assert all(isinstance(new, Figure) for _day, _found, new in told["days"])
    Schedule.objects.update_or_create(
        name="tick", defaults={"func": "x", "next_run": datetime(2026, 11, 23, 6, 5, tzinfo=UTC)}
    )
    assert "23 Nov, 06:05 UTC" in admin_client.get("/admin/").text


def test_the_figures_cost_as_many_queries_for_many_runs_as_for_few(admin_client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get("/admin/").status_code == 200
        return len(captured)

    queries()
    none = queries()
    seed()
    assert queries() <= none + 2  # a list or a person there is makes a query or two worth asking
    few = queries()
    seed_more = random.Random(8)
    users = list(User.objects.all())
    for _ in range(100):
        run(seed_more, seed_more.choice(users), NOW)
    assert queries() == few


def test_the_next_nights_are_those_the_tick_will_make(settings):
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for name, hour, zone in (
        ("late", 22, "UTC"),
        ("soon", 16, "Europe/Moscow"),
        ("had", 13, "UTC"),
        ("off", None, "UTC"),
    ):
        user = User.objects.create(username=name, nightly_at=time(hour) if hour else None, timezone=zone)
        SpotifyAccount.objects.create(user=user, account_id=name, expires_at=at, authorized_at=at, pending=False)
    had = User.objects.get(username="had")
    PlaylistRun.objects.create(
        user=had, night=at.date(), day=at.date(), status="failed", size_asked=1, min_new_ratio=1, created_at=at
    )
    coming = figures.coming(at)
    assert [one.username for one in coming] == ["soon", "late", "had"]
    assert [one.at.date() - at.date() for one in coming] == [timedelta(), timedelta(), timedelta(days=1)]


def test_what_is_due_already_comes_first():
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    user = User.objects.create(username="due", nightly_at=time(9))
    SpotifyAccount.objects.create(user=user, account_id="due", expires_at=at, authorized_at=at, pending=False)
    [one] = figures.coming(at)
    assert at - timedelta(hours=3) <= one.at <= at


def test_an_empty_installation_is_told_what_to_do(admin_client):
    with translation.override("en"):
        shown = admin_client.get("/admin/").text
    for words in ("Nothing has been made yet", "/admin/doctor/", "/start", "/connect", "/generate"):
        assert words in shown


def test_who_may_not_see_runs_sees_no_figure(client):
    assert client.get("/admin/").status_code == 302
    seed()
    client.force_login(User.objects.create_user("helper", is_staff=True))
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "listener" not in page.text
    assert "tiles" not in page.context
