from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, connections
from django_q.models import OrmQ
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import SpotifyAccount, User
from playlists import night
from playlists.models import PlaylistRun
from playlists.night import CATCH_UP, due_at, enqueue_all, enqueue_due, is_due, nights
from vibe.tests.at_once import at_once

ZONES = [
    "UTC", "Etc/GMT+12", "Pacific/Kiritimati", "Pacific/Apia", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Honolulu", "Pacific/Marquesas", "Pacific/Pago_Pago", "Australia/Lord_Howe",
    "Australia/Sydney", "Australia/Adelaide", "Australia/Eucla", "Australia/Perth", "Asia/Tokyo",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Kabul", "Asia/Yangon",
    "Asia/Beirut", "Asia/Gaza", "Asia/Yekaterinburg", "Europe/Moscow", "Europe/Berlin",
    "Europe/London", "Europe/Dublin", "Europe/Chisinau", "Africa/Cairo", "Africa/Casablanca",
    "Africa/Johannesburg", "Atlantic/Azores", "America/Nuuk", "America/St_Johns", "America/Sao_Paulo",
    "America/Santiago", "America/Asuncion", "America/New_York", "America/Havana", "America/Los_Angeles",
    "America/Caracas", "America/Anchorage",
]  # fmt: skip
TICK = timedelta(minutes=5)
HOUR = timedelta(hours=1)
# Every change of a clock in two years of ours, and the day that Samoa left out.
DAYS = [date(2025, 1, 1) + timedelta(days=count) for count in range(720)]
CHANGES = {
    name: [
        day
        for day in DAYS
        if datetime.combine(day, time(), ZoneInfo(name)).utcoffset()
        != datetime.combine(day + timedelta(days=1), time(), ZoneInfo(name)).utcoffset()
    ]
    for name in ZONES
}
CHANGES["Pacific/Apia"] = [date(2011, 12, 29)]

unhurried = settings(deadline=None)  # how quick a busy machine is says nothing about the night
zone_names = st.sampled_from(ZONES)
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))  # none is chosen with a fold
user_ids = st.integers(1, 10**7)


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a day in it: in a zone with summer time, one whose night changes the clock."""
    name = draw(zone_names)
    return ZoneInfo(name), draw(st.sampled_from(CHANGES[name] or DAYS))


def ticks(day: date, days: int = 5, step: timedelta = TICK) -> list[datetime]:
    begin = datetime.combine(day - timedelta(days=2), time(3), UTC)
    return [begin + step * count for count in range(int(timedelta(days=days) / step))]


def local_dates(zone: ZoneInfo, moments: list[datetime]) -> list[date]:
    """The dates that a calendar on the wall showed, without the first and the last, which may be cut."""
    quarters = [moments[0] + HOUR / 4 * n for n in range(int((moments[-1] - moments[0]) / (HOUR / 4)))]
    return sorted({moment.astimezone(zone).date() for moment in quarters})[1:-1]


def served(
    zone: ZoneInfo, at: time, user_id: int, moments: list[datetime], there: set[date] | None = None
) -> list[tuple[date, datetime]]:
    """What the ticks at these moments would make, each tick asked twice before its answer is kept."""
    there = set() if there is None else there
    made: list[tuple[date, datetime]] = []
    for now in moments:
        for _doubled in range(2):
            found = [one for one in nights(zone, now) if is_due(due_at(zone, at, one, user_id), now)]
            made += [(one, now) for one in found if one not in there]
            there |= set(found)
    return made


@unhurried
@given(places(), hours, user_ids)
def test_each_local_date_is_served_exactly_once_and_within_its_hour(place, at, user_id):
    zone, day = place
    moments = ticks(day)
    made = served(zone, at, user_id, moments)
    wanted = local_dates(zone, moments)
    assert [one for one, _ in made if one in wanted] == wanted
    for one, now in made[1:]:
        late = now - due_at(zone, at, one, user_id)
        assert timedelta() <= late < TICK
        assert (now - late).astimezone(zone).date() in {one, one + timedelta(days=1)}


@unhurried
@given(places(), hours, user_ids, st.integers(0, 5 * 288), st.integers(1, 72))
def test_ticks_that_were_missed_for_six_hours_lose_no_date(place, at, user_id, first, missed):
    zone, day = place
    whole = ticks(day)
    moments = [moment for count, moment in enumerate(whole) if not first <= count < first + missed]
    made = [one for one, _ in served(zone, at, user_id, moments)]
    wanted = [one for one in local_dates(zone, whole) if due_at(zone, at, one, user_id) <= moments[-1]]
    assert [one for one in made if one in wanted] == wanted


@unhurried
@given(places(), hours, user_ids, st.lists(st.integers(0, 72), min_size=30, max_size=30))
def test_ticks_at_any_distance_up_to_six_hours_serve_each_date_once(place, at, user_id, gaps):
    zone, day = place
    moments = ticks(day)[:1]
    for gap in gaps:
        moments.append(moments[-1] + TICK * gap)
    made = [one for one, _ in served(zone, at, user_id, moments)]
    wanted = [one for one in local_dates(zone, moments) if due_at(zone, at, one, user_id) <= moments[-1]]
    assert [one for one in made if one in wanted] == wanted
    assert len(set(made)) == len(made)


@unhurried
@given(places(), hours, user_ids, st.integers(13, 80))
def test_after_a_long_standstill_no_old_playlist_is_made(place, at, user_id, hours_off):
    zone, day = place
    moments = ticks(day, 3)
    later = [moments[-1] + HOUR * hours_off + TICK * count for count in range(288)]
    for one, now in served(zone, at, user_id, moments + later):
        assert now - due_at(zone, at, one, user_id) <= CATCH_UP


@unhurried
@given(places(), zone_names, hours, hours, user_ids, st.integers(200, 900))
def test_a_changed_zone_repeats_no_date_and_soon_misses_none(place, other, at, later, user_id, change):
    zone, day = place
    moments, there = ticks(day, 7), set[date]()
    made = served(zone, at, user_id, moments[:change], there)
    made += served(ZoneInfo(other), later, user_id, moments[change:], there)
    dates = [one for one, _ in made]
    assert max(Counter(dates).values()) == 1
    settled = [one for one in local_dates(ZoneInfo(other), moments) if one > latest_date(moments[change])]
    assert set(settled) <= set(dates)


def latest_date(moment: datetime) -> date:
    """Of all that calendars on Earth show at that moment."""
    return (moment + HOUR * 14).date()


@unhurried
@given(places(), hours, user_ids)
def test_the_spread_stays_within_the_hour_and_before_midnight(place, at, user_id):
    zone, day = place
    due = due_at(zone, at, day, user_id)
    midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    begins = datetime.combine(day, at, zone).astimezone(UTC)
    assert due.tzinfo is UTC
    assert min(begins, midnight) <= due < begins + HOUR
    assert due <= midnight


def test_the_listeners_of_one_hour_are_spread_evenly_over_it():
    begins = datetime(2026, 11, 23, 7, tzinfo=UTC)
    minutes = Counter((due_at(ZoneInfo("UTC"), time(7), begins.date(), n) - begins) // TICK for n in range(1, 12_001))
    assert set(minutes) == set(range(12))
    assert all(800 < count < 1_200 for count in minutes.values())


def test_a_listeners_place_in_the_hour_never_changes():
    due = due_at(ZoneInfo("Europe/Berlin"), time(7), date(2026, 11, 23), 42)
    assert due.replace(microsecond=0) == datetime(2026, 11, 23, 6, 11, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "day", "begins"),
    [
        (
            "Europe/Berlin",
            time(2, 30),
            date(2026, 3, 29),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),  # left out: 3:30 by the clock
        (
            "Europe/Berlin",
            time(2, 30),
            date(2026, 10, 25),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),  # the first of two
        (
            "America/Nuuk",
            time(23, 30),
            date(2026, 3, 28),
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        ),  # left out up to midnight
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("Asia/Kathmandu", time(7), date(2026, 11, 23), datetime(2026, 11, 23, 1, 15, tzinfo=UTC)),
    ],
)
def test_the_hour_of_a_night_that_changes_the_clock(zone, at, day, begins):
    due = due_at(ZoneInfo(zone), at, day, 1)
    assert timedelta() <= due - begins < HOUR


def test_where_the_last_hour_of_a_day_is_left_out_midnight_is_the_hour_for_all():
    nuuk, midnight = ZoneInfo("America/Nuuk"), datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert {due_at(nuuk, time(23, 30), date(2026, 3, 28), user_id) for user_id in range(1, 9)} == {midnight}
    assert date(2026, 3, 28) in nights(nuuk, midnight + CATCH_UP)


def test_a_day_that_a_country_left_out_is_no_night():
    apia, noon = ZoneInfo("Pacific/Apia"), datetime(2011, 12, 30, 12, tzinfo=UTC)
    assert nights(apia, noon) == [date(2011, 12, 29), date(2011, 12, 31)]


# --- The rows

MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)
LATER = MORNING + HOUR  # the whole hour from 7:00 has passed


def listener(name: str, *, at: time | None = time(7), needs_reconnect: bool = False, pending=False, **about) -> User:
    user = User.objects.create_user(name, nightly_at=at, **about)
    SpotifyAccount.objects.create(
        user=user, account_id=name, spotify_user_id=name, expires_at=LATER, authorized_at=LATER,
        pending=pending, needs_reconnect=needs_reconnect,
    )  # fmt: skip
    return user


def rung() -> list[int]:
    return sorted(int(task.task["args"][0]) for task in OrmQ.objects.all())


NOBODY = {"done": 0, "off": 0, "not_linked": 0, "blocked": 0}


def counts(**changed: int) -> dict[str, int]:
    return {"queued": 0, **NOBODY} | changed


def test_who_is_due_gets_a_row_with_his_wishes_and_the_queue_is_rung_for_it(db):
    user = listener(
        "ann", playlist_size=12, min_new_ratio=0.5, playlist_mode="standing", timezone="Asia/Tokyo", at=time(16)
    )
    assert enqueue_due(LATER) == counts(queued=1)
    run = PlaylistRun.objects.get()
    assert (run.user, run.status, run.trigger, run.night, run.day) == (
        user,
        "queued",
        "nightly",
        *[date(2026, 11, 23)] * 2,
    )
    assert (run.size_asked, run.min_new_ratio, run.mode, run.asked, run.attempts) == (12, 0.5, "standing", 0, 0)
    assert run.created_at == run.enqueued_at == LATER
    assert rung() == [run.pk]
    assert {task.key for task in OrmQ.objects.all()} == {"night"}


def test_the_night_goes_by_both_dials(db):
    listener("ann", wildness=4, languages="ru 40 latin 60")
    enqueue_due(LATER)
    assert PlaylistRun.objects.values_list("wildness", "languages").get() == (4, "ru 40 latin 60")


def test_the_installations_size_and_ratio_hold_for_who_chose_none(db, settings):
    settings.DEFAULT_PLAYLIST_SIZE, settings.MIN_NEW_RATIO = 7, 0.25
    listener("ann")
    enqueue_due(LATER)
    assert PlaylistRun.objects.values_list("size_asked", "min_new_ratio").get() == (7, 0.25)


def test_a_date_is_the_listeners_own(db):
    listener("ann", timezone="Pacific/Kiritimati", at=time(21))  # 7:00 UTC is 21:00 there
    listener("bob", timezone="Pacific/Honolulu", at=time(21))  # and 21:00 of the day before here
    assert enqueue_due(LATER)["queued"] == 2
    assert dict(PlaylistRun.objects.values_list("user__username", "night")) == {
        "ann": date(2026, 11, 23),
        "bob": date(2026, 11, 22),
    }


def test_a_second_tick_queues_and_rings_nothing(db):
    listener("ann")
    enqueue_due(LATER)
    assert enqueue_due(LATER + TICK) == counts(done=1)
    assert len(rung()) == 1


def test_before_his_hour_nobody_is_queued_or_counted(db):
    listener("ann")
    assert enqueue_due(MORNING - TICK) == counts()
    assert not PlaylistRun.objects.exists()


def test_a_tick_that_comes_after_midnight_serves_the_night_that_has_passed(db):
    listener("ann", at=time(22))
    assert enqueue_due(datetime(2026, 11, 24, 5, tzinfo=UTC))["queued"] == 1
    assert PlaylistRun.objects.get().day == date(2026, 11, 23)


def test_a_night_that_was_missed_by_a_day_is_let_go(db):
    listener("ann", at=time(22))
    assert enqueue_due(datetime(2026, 11, 24, 12, tzinfo=UTC)) == counts()


@pytest.mark.parametrize("status", ["queued", "running", "success", "failed", "needs_link"])
def test_a_night_that_has_its_run_is_done_however_it_ended(db, status):
    user = listener("ann")
    PlaylistRun.objects.create(
        user=user, status=status, night=MORNING.date(), day=MORNING.date(), created_at=MORNING, size_asked=5,
        min_new_ratio=0.8, trigger="bot",
    )  # fmt: skip
    assert enqueue_due(LATER) == counts(done=1)
    assert rung() == []


def all_of(now: datetime, trigger: str) -> dict[str, int]:
    """`enqueue_all`, told as `enqueue_due` tells it."""
    queued, left_out = enqueue_all(now, trigger)
    return {"queued": len(queued), **left_out}


def of_today(user: User, **columns) -> PlaylistRun:
    facts = {"night": MORNING.date(), "day": MORNING.date(), "created_at": MORNING, "size_asked": 5}
    return PlaylistRun.objects.create(user=user, **{"min_new_ratio": 0.8, "trigger": "nightly"} | facts | columns)


@pytest.mark.parametrize("status", ["queued", "running", "success"])
def test_what_waits_runs_or_is_made_is_not_queued_again_by_hand(db, status):
    of_today(listener("ann"), status=status)
    assert all_of(LATER, "shell") == counts(done=1)
    assert rung() == []


@pytest.mark.parametrize("status", ["failed", "needs_link"])
def test_what_ended_badly_is_queued_again_once_for_everybody_at_once(db, status):
    ended = {"status": status, "attempts": 5, "finished_at": MORNING, "enqueued_at": MORNING, "plan": {"tracks": []}}
    run = of_today(listener("ann"), **ended)
    yesterday = {"night": MORNING.date() - timedelta(days=1), "day": MORNING.date() - timedelta(days=1)}
    of_today(run.user, **ended | yesterday)
    assert enqueue_all(LATER, "endpoint") == ([run.pk], NOBODY)
    assert enqueue_all(LATER, "endpoint") == ([], NOBODY | {"done": 1})
    run.refresh_from_db()
    assert (run.status, run.attempts, run.asked, run.finished_at, run.plan) == ("queued", 0, 0, None, None)
    assert run.not_before == run.enqueued_at == LATER
    assert rung() == [run.pk]


def test_a_run_that_may_have_made_its_playlist_keeps_its_plan_when_it_is_queued_again(db):
    run = of_today(listener("ann"), status="failed", intent_at=MORNING, plan={"tracks": []})
    assert all_of(LATER, "endpoint") == counts(queued=1)
    run.refresh_from_db()
    assert run.plan == {"tracks": []}


@pytest.mark.parametrize("about", [{"needs_reconnect": True}, {"is_bot_blocked": True}, {"at": None}], ids=str)
def test_what_ended_badly_stays_so_for_whoever_has_no_night_now(db, about):
    run = of_today(listener("ann", **about), status="needs_link")
    assert all_of(LATER, "endpoint")["queued"] == 0
    run.refresh_from_db()
    assert run.status == "needs_link"


@pytest.mark.django_db(transaction=True)
def test_what_ended_badly_is_queued_and_rung_for_once_by_two_at_once():
    for number in range(10):
        of_today(listener(f"user{number}"), status="failed")

    def act() -> dict[str, int]:
        try:
            return all_of(LATER, "endpoint")
        finally:
            connections.close_all()

    answers = at_once(3, act)
    assert sum(answer["queued"] for answer in answers) == 10
    assert rung() == sorted(PlaylistRun.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("status", ["queued", "success", "failed"])
def test_who_has_a_later_night_is_not_given_an_earlier_one_after_it(db, status):
    user = listener("ann", at=time(23))
    at_nine = datetime(2026, 11, 23, 9, tzinfo=UTC)  # the hour of yesterday passed ten hours ago
    of_today(user, status=status, trigger="bot", created_at=at_nine)
    assert enqueue_due(at_nine)["queued"] == 0
    assert enqueue_due(datetime(2026, 11, 25, 5, tzinfo=UTC))["queued"] == 1


def test_a_forced_or_dry_run_of_the_day_does_not_stand_for_the_night(db):
    user = listener("ann")
    PlaylistRun.objects.create(
        user=user, status="success", day=MORNING.date(), created_at=MORNING, size_asked=5, min_new_ratio=0.8
    )
    assert enqueue_due(LATER) == counts(queued=1)


def test_everybody_else_is_left_out_and_counted_once(db):
    User.objects.create_user("stranger", nightly_at=time(7))
    listener("ann", pending=True)
    listener("bob", needs_reconnect=True, is_bot_blocked=True)
    listener("cid", is_bot_blocked=True, at=None)
    listener("dan", at=None)
    listener("eve", is_active=False)
    left_out = counts(not_linked=3, blocked=1, off=1)
    assert enqueue_due(LATER) == left_out
    assert all_of(LATER, "shell") == left_out
    assert not PlaylistRun.objects.exists()


def test_who_is_linked_and_links_another_account_is_still_served(db):
    user = listener("ann")
    SpotifyAccount.objects.create(
        user=user, account_id="b", spotify_user_id="b", expires_at=LATER, authorized_at=LATER, pending=True
    )
    assert enqueue_due(LATER) == counts(queued=1)


def test_an_unknown_zone_is_taken_for_utc_and_stops_nobody(db):
    listener("ann", timezone="Mars/Olympus")
    listener("bob")
    assert enqueue_due(LATER) == counts(queued=2)


def test_a_full_tick_takes_the_longest_overdue_and_the_next_one_the_rest(db, monkeypatch):
    monkeypatch.setattr(night, "A_TICK", 2)
    monkeypatch.setattr(night, "BATCH", 1)
    for name, hour in (("ann", 5), ("bob", 3), ("cid", 4)):
        listener(name, at=time(hour))
    assert enqueue_due(LATER)["queued"] == 2
    assert set(PlaylistRun.objects.values_list("user__username", flat=True)) == {"bob", "cid"}
    assert enqueue_due(LATER) == counts(queued=1, done=2)
    assert len(rung()) == 3


def test_everybody_at_once_gets_his_own_date_whatever_the_hour(db):
    listener("ann", timezone="Pacific/Kiritimati", at=time(3))
    listener("bob", timezone="Pacific/Honolulu", at=time(23))
    assert all_of(LATER, "endpoint") == counts(queued=2)
    assert set(PlaylistRun.objects.values_list("user__username", "night", "trigger")) == {
        ("ann", date(2026, 11, 23), "endpoint"),
        ("bob", date(2026, 11, 22), "endpoint"),
    }
    assert all_of(LATER, "endpoint") == counts(done=2)
    assert len(rung()) == 2


def test_where_the_queue_cannot_be_rung_no_row_stays_behind(db):
    listener("ann")
    with connection.execute_wrapper(no_queue), pytest.raises(OperationalError):
        enqueue_due(LATER)
    assert not PlaylistRun.objects.exists()
    assert enqueue_due(LATER) == counts(queued=1)


def no_queue(execute, sql, params, many, context):
    """A database that fails when the queue writes."""
    if "django_q_ormq" in sql:
        raise OperationalError("no room")
    return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("batch", [500, 3])
def test_ticks_at_once_queue_and_ring_once_for_each(batch, monkeypatch):
    monkeypatch.setattr(night, "BATCH", batch)
    for number in range(20):
        listener(f"user{number}", at=time(number % 7))

    def act() -> dict[str, int]:
        try:
            return enqueue_due(LATER)
        finally:
            connections.close_all()

    answers = at_once(4, act)
    assert sum(answer["queued"] for answer in answers) == 20
    assert all(answer["queued"] + answer["done"] == 20 for answer in answers)
    assert rung() == sorted(PlaylistRun.objects.values_list("pk", flat=True))
    assert PlaylistRun.objects.filter(enqueued_at=LATER).count() == 20
