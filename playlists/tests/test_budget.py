"""A run's share of the day's calls, decided before its first call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from queue import Queue

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from accounts.models import SpotifyAccount, User
from playlists import budget
from playlists.budget import (
    DAILY_CALLS,
    FIRST_RUN_CALLS,
    HELD_CALLS,
    KNOWN_LIBRARY_PAGES,
    LASTFM_CALLS,
    LEAST_CALLS,
    PLAYS_CALLS,
    TIDY_CALLS,
    WRITE_CALLS,
    for_listening,
    plan,
)
from playlists.models import PlaylistRun
from playlists.states import LEASE
from recommendations import listen
from recommendations.library import PAGES_A_RUN
from recommendations.models import LibraryState
from vibe.clients import quota
from vibe.clients.errors import QuotaExceeded
from vibe.clients.models import ApiUsage, ServiceState
from vibe.tests.at_once import at_once

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FIXED = PLAYS_CALLS + WRITE_CALLS + TIDY_CALLS
LISTENING = 45  # five accounts, nine times in the 25 hours that may count
FIRST_SHARE = (300 - LISTENING - 5 * HELD_CALLS) // 5
NAMES = ("ada", "bela", "cyd", "dov", "eva")


def linked(name: str, *, at: time | None = None, **account) -> User:
    user = User.objects.create_user(name, nightly_at=at)
    facts = {"account_id": name, "spotify_user_id": name, "pending": False} | account
    SpotifyAccount.objects.create(user=user, expires_at=NOW, authorized_at=NOW, **facts)
    return user


def household(*names: str, **wishes) -> list[User]:
    return [linked(name, **wishes) for name in names]


def begun(user: User, **columns) -> PlaylistRun:
    lease = {"status": "running", "lease_until": NOW + LEASE, "lease_token": "mine"}
    facts = {"created_at": NOW, "day": NOW.date(), "size_asked": 30, "min_new_ratio": 0.8}
    return PlaylistRun.objects.create(user=user, **lease | facts | columns)


def listed(user: User, at: datetime) -> None:
    begun(user, status="success", finished_at=at, created_at=at, day=at.date(), night=at.date())
    User.objects.filter(pk=user.pk).update(last_generated_date=at.date())


def used(calls: int, family: str = "library", at: datetime = NOW) -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    usage, _ = ApiUsage.objects.get_or_create(service="spotify", family=family, hour=hour)
    usage.calls += calls
    usage.save()


@pytest.fixture
def ada(db) -> User:
    return linked("ada")


def test_a_first_list_has_more_calls_than_the_ones_after(ada):
    first, later = plan(ada, NOW, first=True), plan(ada, NOW, first=False)
    assert first.granted["total"] > later.granted["total"] == DAILY_CALLS
    assert not first.thrifty


def test_what_a_run_may_spend_adds_up_to_its_share(ada):
    for first in (True, False):
        made = plan(ada, NOW, first=first)
        assert made.budget.left["spotify"] + made.library_pages + FIXED == made.granted["total"]
        assert made.budget.left["lastfm"] == LASTFM_CALLS


def test_a_library_that_was_read_leaves_more_calls_to_the_sources(ada):
    reading = plan(ada, NOW, first=True)
    LibraryState.objects.create(account=ada.spotify, reading_since=None, next_offset=None)
    read = plan(ada, NOW, first=True)
    assert (reading.library_pages, read.library_pages) == (PAGES_A_RUN, KNOWN_LIBRARY_PAGES)
    assert read.budget.left["spotify"] - reading.budget.left["spotify"] == PAGES_A_RUN - KNOWN_LIBRARY_PAGES


def test_no_family_may_pass_its_own_ceiling(ada):
    used(145, "search")
    made = plan(ada, NOW, first=True)
    assert made.budget.left["spotify/search"] == 1  # five are left, and four more listeners may still come
    assert made.budget.left["spotify"] > 1


def test_five_who_link_on_one_day_share_it_evenly(db):
    for user in household(*NAMES):
        made = plan(user, NOW, first=True)
        assert made.granted["total"] == FIRST_SHARE


def test_those_whose_night_is_still_to_come_are_counted_and_those_who_are_served_are_not(db):
    ada, bela, cyd, dov, eva = household(*NAMES, at=time(7))
    for user in (ada, bela, cyd, dov, eva):
        listed(user, NOW - timedelta(hours=24))
    used(300 - LISTENING - 100)
    assert plan(ada, NOW, first=False).granted["total"] == 100 // 5
    for user in (bela, cyd, dov):
        listed(user, NOW - timedelta(hours=1))
    assert plan(ada, NOW, first=False).granted["total"] == DAILY_CALLS


def test_whose_list_is_still_to_come_is_told_by_his_own_calendar(db):
    late = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # the 24th in Tokyo, the 23rd in London and Honolulu
    here = {"ada": "Europe/London", "bela": "Asia/Tokyo", "cyd": "Pacific/Honolulu", "dov": "Mars/Olympus"}
    for user in household(*here, at=time(7)):
        User.objects.filter(pk=user.pk).update(timezone=here[user.username], last_generated_date=date(2026, 11, 23))
    linked("eva", at=time(7))  # never had one
    assert for_listening(late) == 300 - 2 * LEAST_CALLS  # bela's of the 24th, and eva's
    User.objects.filter(username="bela").update(last_generated_date=date(2026, 11, 24))
    assert for_listening(late) == 300 - LEAST_CALLS


@pytest.mark.parametrize(
    "change",
    [
        lambda user: SpotifyAccount.objects.filter(user=user).update(needs_reconnect=True),
        lambda user: SpotifyAccount.objects.filter(user=user).update(pending=True),
        lambda user: User.objects.filter(pk=user.pk).update(is_bot_blocked=True),
        lambda user: User.objects.filter(pk=user.pk).update(nightly_at=None),
    ],
    ids=["sign-in gone", "sign-in unfinished", "bot blocked", "night switched off"],
)
def test_nothing_is_kept_for_whoever_gets_no_list_anyway(db, settings, change: Callable[[User], object]):
    users = household("ada", "bela", "cyd", "dov", "eva", "fred", at=time(7))
    for user in users:
        listed(user, NOW - timedelta(hours=24))
    used(300 - 54 - 120)  # nine readings of plays by six accounts
    assert plan(users[0], NOW, first=False).granted["total"] == 120 // 6
    change(users[5])
    assert plan(users[0], NOW, first=False).granted["total"] > 120 // 6


def test_a_small_rest_goes_to_the_least_that_each_needs(db):
    ada, *_ = household(*NAMES)
    used(300 - LISTENING - 2 * LEAST_CALLS)
    made = plan(ada, NOW, first=True)
    assert made.granted["total"] == LEAST_CALLS
    assert (made.library_pages, made.budget.left["spotify"], made.budget.left["lastfm"]) == (1, 0, LASTFM_CALLS)
    assert made.thrifty


def test_a_run_is_thrifty_once_it_misses_what_it_had_to_give_to_others(db):
    ada, *_ = household(*NAMES)
    made = plan(ada, NOW, first=True)
    assert made.as_json()["thrifty"] is False
    while made.budget.take("spotify", "recommendations"):
        pass
    assert made.as_json()["thrifty"] is True


def test_a_run_that_spends_a_full_budget_is_not_thrifty(ada):
    listed(ada, NOW - timedelta(days=2))
    made = plan(ada, NOW, first=False)
    while made.budget.take("spotify", "recommendations"):
        pass
    assert not made.thrifty


def test_without_the_least_a_run_waits_until_enough_comes_back(ada):
    used(200, at=NOW - timedelta(hours=9))
    used(90, at=NOW - timedelta(hours=3))
    with pytest.raises(QuotaExceeded) as refused:
        plan(ada, NOW, first=True)
    assert refused.value.until == NOW - timedelta(hours=9) + timedelta(hours=25)


def test_without_calls_to_write_a_playlist_a_run_waits_too(ada):
    used(95, "playlist_write", at=NOW - timedelta(hours=4))
    with pytest.raises(QuotaExceeded) as refused:
        plan(ada, NOW, first=True)
    assert refused.value.until == NOW + timedelta(hours=21)


def test_whoever_asks_again_leaves_the_others_theirs(db):
    ada, bela = household("ada", "bela", at=time(7))
    listed(ada, NOW - timedelta(hours=1))
    used(300 - LISTENING - 10 * HELD_CALLS)
    forced = begun(ada, night=None)
    assert plan(ada, NOW, first=False).granted["total"] >= LEAST_CALLS
    forced.fail(NOW, "interrupted", {}, report={})
    used(HELD_CALLS)
    begun(ada, night=None)
    with pytest.raises(QuotaExceeded):
        plan(ada, NOW, first=False)
    assert plan(bela, NOW, first=True).granted["total"] >= LEAST_CALLS


def test_a_run_under_way_keeps_what_it_has_not_spent_yet(db):
    ada, bela, *_ = household(*NAMES)
    run = begun(ada)
    first = plan(ada, NOW, first=True)
    run.refresh_from_db()
    assert run.report["budget"]["granted"] == first.granted
    assert plan(bela, NOW, first=True).granted["total"] == FIRST_SHARE
    used(FIRST_SHARE)  # all of it stored, and told on the run
    PlaylistRun.objects.update(report=run.report | {"calls": {"spotify/library": FIRST_SHARE, "lastfm/top_tracks": 90}})
    assert plan(bela, NOW, first=True).granted["total"] == FIRST_SHARE


def test_a_run_that_has_chosen_its_tracks_only_keeps_what_it_takes_to_write_them(db):
    ada, bela, *_ = household(*NAMES)
    run = begun(ada)
    plan(ada, NOW, first=True)
    run.refresh_from_db()
    run.plan = {"tracks": []}
    run.save()
    used(20)
    assert plan(bela, NOW, first=True).granted["total"] == (5 * FIRST_SHARE - 20 - WRITE_CALLS - TIDY_CALLS) // 4


def test_a_run_whose_process_died_keeps_nothing(db):
    ada, bela, *_ = household(*NAMES)
    begun(ada, lease_until=NOW + timedelta(seconds=1))
    plan(ada, NOW, first=True)
    assert plan(bela, NOW + timedelta(seconds=2), first=True).granted["total"] == FIRST_SHARE


def test_where_only_runs_under_way_stand_in_the_way_the_wait_is_short(db):
    ada, bela, *_ = household(*NAMES)
    run = begun(ada)
    plan(ada, NOW, first=True)
    used(300 - LISTENING - FIRST_SHARE)
    with pytest.raises(QuotaExceeded) as refused:
        plan(bela, NOW, first=True)
    assert refused.value.until == NOW + LEASE
    run.fail(NOW, "interrupted", {}, report={})
    assert plan(bela, NOW, first=True).granted["total"] >= LEAST_CALLS


def test_an_app_with_extended_quota_plans_without_a_look_at_the_others(db, settings, django_assert_num_queries):
    settings.SPOTIFY_DAILY_CALLS = 0
    ada, *_ = household(*NAMES)
    used(100_000)
    with django_assert_num_queries(1):
        made = plan(ada, NOW, first=True)
    assert made.granted == {"total": FIRST_RUN_CALLS}
    assert "spotify/search" not in made.budget.left
    assert for_listening(NOW) == listen.TURN


def test_planning_asks_the_database_as_often_however_many_there_are(db, django_assert_max_num_queries):
    users = household(*(f"user{n}" for n in range(40)), at=time(7))
    for user in users[10:20]:
        begun(user)
    with django_assert_max_num_queries(15) as asked:
        plan(users[0], NOW, first=True)
    # Nor does it load them: all others wait for this while they plan.
    assert not [one["sql"] for one in asked.captured_queries if '"accounts_user"."username"' in one["sql"]]


def test_many_accounts_whose_plays_are_read_do_not_starve_the_lists(db):
    ada, *_ = household(*(f"user{n}" for n in range(40)), at=time(7))
    assert plan(ada, NOW, first=True).granted["total"] >= LEAST_CALLS


def test_plays_are_read_with_what_the_lists_leave(db):
    ada, _bela = household("ada", "bela", at=time(7))
    assert for_listening(NOW) == 300 - 2 * LEAST_CALLS
    used(300 - 2 * LEAST_CALLS - 1)
    assert for_listening(NOW) == 1
    used(5)
    assert for_listening(NOW) == 0
    listed(ada, NOW)
    assert for_listening(NOW) == LEAST_CALLS + 1 - 5


def test_a_list_of_the_night_need_not_leave_anything_for_the_next_one(db):
    ada, *others = household(*NAMES, at=time(7))
    for user in (ada, *others):
        listed(user, NOW - timedelta(hours=24))
    used(300 - LISTENING - 5 * LEAST_CALLS)
    begun(ada, night=NOW.date())
    assert plan(ada, NOW, first=False).granted["total"] == LEAST_CALLS


@pytest.mark.django_db(transaction=True)
def test_runs_that_plan_at_the_same_moment_do_not_count_on_the_same_rest():
    users = household(*NAMES, at=time(7))
    for user in users:
        listed(user, NOW - timedelta(hours=24))
        begun(user, night=NOW.date())
    used(300 - LISTENING - 2 * LEAST_CALLS)
    ServiceState.objects.create(service="spotify", family="plans")  # or else making it would hold back all but one
    asking: Queue[User] = Queue()
    for user in users:
        asking.put(user)

    def act() -> int:
        try:
            return plan(asking.get(), NOW, first=False).granted["total"]
        except QuotaExceeded:
            return 0
        finally:
            connections.close_all()

    assert sorted(at_once(5, act)) == [0, 0, 0, LEAST_CALLS, LEAST_CALLS]


@dataclass
class Day:
    """Five users of one installation, minute by minute: lists asked for and carried out, plays read, calls counted."""

    users: list[User]
    made: list[tuple[datetime, str]] = field(default_factory=list)
    firsts: dict[int, int] = field(default_factory=dict)
    refused: list[tuple[date | None, timedelta]] = field(default_factory=list)  # the night it was for, how long to wait
    ends: list[tuple[datetime, PlaylistRun, float]] = field(default_factory=list)

    def call(self, family: str, calls: int, at: datetime) -> None:
        self.made += [(at, family)] * calls
        if calls:
            used(calls, family, at)

    def ask(self, user: User, at: datetime, minutes: int, spent: float) -> None:
        if PlaylistRun.objects.filter(user=user, status="running").exists():
            return
        has_one = PlaylistRun.objects.filter(user=user, day=at.date()).exists()
        night = None if has_one else at.date()
        run = begun(user, lease_until=at + timedelta(hours=1), created_at=at, day=at.date(), night=night)
        try:
            made = plan(user, at, first=user.pk not in self.firsts)
        except QuotaExceeded as refused:
            run.delete()
            self.refused.append((night, refused.until - at))
            return
        self.firsts.setdefault(user.pk, made.granted["total"])
        self.ends.append((at + timedelta(minutes=minutes), run, spent))

    def end(self, run: PlaylistRun, at: datetime, spent: float) -> None:
        """It spends its share, or some of it, whatever it is for."""
        run.refresh_from_db()
        granted = run.report["budget"]["granted"]
        left = round(granted["total"] * spent)
        for family, most in (("playlist_write", granted["playlist"]), *((one, granted[one]) for one in budget.ASKED)):
            calls = min(most, left)
            self.call(family, calls, at)
            left -= calls
        self.call("library", left, at)
        PlaylistRun.objects.filter(pk=run.pk).update(status="success", finished_at=at, report={})
        User.objects.filter(pk=run.user_id).update(last_generated_date=run.day, nightly_at=time(6))

    def until(self, now: datetime) -> None:
        for at, run, spent in sorted((end for end in self.ends if end[0] <= now), key=lambda end: end[0]):
            self.end(run, at, spent)
        self.ends = [end for end in self.ends if end[0] > now]

    def within(self, group: str) -> int:
        """The most calls that any 24 hours hold."""
        mine = sorted(at for at, family in self.made if group in (quota.TOTAL, quota.group(family)))
        return max((sum(end - timedelta(hours=24) < at <= end for at in mine) for end in mine), default=0)


minutes = st.integers(0, 18 * 60 - 1)  # of one date
TWO_NIGHTS = (24 * 60, 48 * 60)
wishes = st.tuples(
    minutes,  # when
    st.integers(0, 4),  # who
    st.integers(0, 30),  # minutes it takes
    st.sampled_from([0.3, 0.8, 1.0]),  # how much of its share it spends
)


# Every example is a day of some fifty plans; shrinking one would take an hour.
@given(firsts=st.tuples(*[minutes] * 5), again=st.lists(wishes, max_size=20), offset=st.integers(0, 179))
@hypothesis(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_in_whatever_order_five_users_ask_each_gets_a_first_list_and_the_nights_after_it(db, firsts, again, offset):
    User.objects.all().delete()
    ApiUsage.objects.all().delete()
    day = Day(household(*NAMES))
    LibraryState.objects.bulk_create(LibraryState(account=user.spotify) for user in day.users)
    asked = [(minute, who, 5 * who, 1.0) for who, minute in enumerate(firsts)] + again
    asked += [(TWO_NIGHTS[0] + 7 * who, who, 5, 1.0) for who in range(5)]
    asked += [(TWO_NIGHTS[1] + 7 * who, who, 5, 1.0) for who in range(5)]
    heard = [(minute, -1, 0, 0.0) for minute in range(offset, 3 * 24 * 60, 180)]
    for minute, who, length, spent in sorted(asked + heard):
        at = NOW + timedelta(minutes=minute)
        day.until(at)
        if who < 0:
            day.call("recent", 5, at)
            LibraryState.objects.update(plays_at=at)
        else:
            day.ask(day.users[who], at, length, spent)
    day.until(NOW + timedelta(days=4))
    assert len(day.firsts) == 5
    assert min(day.firsts.values()) >= LEAST_CALLS
    assert all(night is None and wait > timedelta() for night, wait in day.refused)
    for name, most in quota.ceilings().items():
        assert day.within(name) <= most
