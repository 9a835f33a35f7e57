"""What the doors ask for: one row a night, polite refusals, a cap a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django_q.models import OrmQ

from accounts.models import User
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, NotConnected, TooManyToday, order, request
from playlists.states import ATTEMPTS
from vibe.tests.at_once import at_once

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def ask(user: User, **wishes) -> tuple[PlaylistRun, bool]:
    return order(user, trigger="bot", now=NOW, **wishes)


def rung() -> list[tuple[str, int]]:
    return [(waiting.key, waiting.task["args"][0]) for waiting in OrmQ.objects.order_by("pk")]


def test_a_request_makes_a_row_and_rings_the_manual_queue(alice):
    run, ours = ask(alice)
    assert (ours, run.status, run.night, run.asked) == (True, "queued", date(2026, 11, 23), 1)
    assert rung() == [("manual", run.pk)]


def test_asking_again_answers_the_row_that_waits_and_rings_no_more(alice):
    first, _ = ask(alice)
    second, ours = ask(alice)
    assert (second.pk, ours, len(rung())) == (first.pk, False, 1)


def of_the_night(alice, **columns) -> PlaylistRun:
    return PlaylistRun.objects.create(
        user=alice, trigger="nightly", night=NOW.date(), day=NOW.date(), created_at=NOW,
        size_asked=30, min_new_ratio=0.8, **columns,
    )  # fmt: skip


def test_a_row_keeps_the_dials_as_they_stood_or_as_they_were_asked_for_once(alice):
    alice.wildness, alice.languages = 3, "ru 100"
    alice.save()
    for wishes, kept in (
        ({}, (3, "ru 100")),
        ({"wildness": 0, "languages": "auto"}, (0, "auto")),
        ({"wildness": 10, "languages": "off"}, (10, "off")),
    ):
        run, _ = ask(alice, dry_run=True, **wishes)
        assert (run.wildness, run.languages) == kept


def test_a_run_cannot_be_wilder_than_ten(alice):
    with pytest.raises(IntegrityError):
        ask(alice, dry_run=True, wildness=11)


def test_a_person_who_asks_for_a_run_of_the_night_does_not_wait_behind_the_night(alice):
    queued = of_the_night(alice)
    run, ours = ask(alice)
    assert (run.pk, ours, run.asked, run.trigger) == (queued.pk, True, 1, "bot")
    assert rung() == [("manual", run.pk)]


def test_a_parked_run_of_the_night_keeps_its_hour(alice):
    of_the_night(alice, not_before=NOW + timedelta(hours=2))
    run, ours = ask(alice)
    assert (ours, run.trigger, run.not_before) == (False, "bot", NOW + timedelta(hours=2))
    assert rung() == []


def test_a_forced_request_beside_a_waiting_forced_one_takes_that_up(alice):
    first, _ = ask(alice, force=True)
    second, ours = ask(alice, force=True)
    assert (second.pk, ours) == (first.pk, False)


@pytest.mark.parametrize("force", [False, True])
def test_a_running_one_is_told(alice, force):
    run, _ = ask(alice, force=force)
    assert run.claim(NOW)
    with pytest.raises(AlreadyRunning):
        ask(alice, force=force)


def test_without_spotify_nothing_is_stored(db):
    with pytest.raises(NotConnected):
        ask(User.objects.create_user("bob"))
    assert not PlaylistRun.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_failed_night_is_queued_again_with_all_its_attempts_and_the_new_wishes(alice):
    run, _ = ask(alice)
    run.claim(NOW)
    run.fail(NOW, "internal", {}, report={})
    again, ours = ask(alice, size=7)
    assert (again.pk, ours) == (run.pk, True)
    assert (again.status, again.attempts, again.asked, again.size_asked) == ("queued", 0, 2, 7)


def test_a_done_night_is_answered_and_not_asked_again(alice):
    run, _ = ask(alice)
    PlaylistRun.objects.update(status="success")
    again, ours = ask(alice)
    assert (again.pk, again.status, ours) == (run.pk, "success", False)


def test_a_listener_may_ask_so_many_times_a_day_and_then_tomorrow(alice, settings):
    settings.MANUAL_RUNS_A_DAY = 2
    for _ in range(2):
        ask(alice, force=True)
        PlaylistRun.objects.update(status="success")
    with pytest.raises(TooManyToday) as refused:
        ask(alice, force=True)
    assert refused.value.limit == 2
    assert PlaylistRun.objects.count() == 2
    assert request(alice, trigger="bot", now=NOW + timedelta(days=1))[1]


def test_a_failed_night_that_is_asked_for_again_and_again_meets_the_cap_too(alice, settings):
    settings.MANUAL_RUNS_A_DAY = 2
    for _ in range(2):
        ask(alice)
        PlaylistRun.objects.update(status="failed")
    with pytest.raises(TooManyToday):
        ask(alice)


def test_zero_means_no_cap(alice, settings):
    settings.MANUAL_RUNS_A_DAY = 0
    for _ in range(7):
        ask(alice, force=True)
        PlaylistRun.objects.update(status="success")
    assert PlaylistRun.objects.count() == 7


def test_nothing_is_left_of_a_request_that_was_rolled_back(alice):
    def ask_and_stumble() -> None:
        ask(alice)
        User.objects.create_user("alice")

    with pytest.raises(IntegrityError), transaction.atomic():
        ask_and_stumble()
    assert not PlaylistRun.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("force", [False, True])
def test_twenty_requests_at_once_are_one_row_and_one_ring(alice, force):
    def one() -> bool:
        try:
            return order(User.objects.get(pk=alice.pk), trigger="bot", now=NOW, force=force)[1]
        finally:
            connections.close_all()

    assert sorted(at_once(20, one)) == [False] * 19 + [True]
    assert PlaylistRun.objects.count() == len(rung()) == 1


def test_a_claim_takes_only_what_waits_and_whose_hour_has_come(alice):
    run, _ = ask(alice)
    PlaylistRun.objects.update(not_before=NOW + timedelta(hours=1))
    assert not run.claim(NOW)
    assert run.claim(NOW + timedelta(hours=1))
    assert not run.claim(NOW + timedelta(hours=2))


def test_a_person_need_not_wait_for_the_hour(alice):
    run, _ = ask(alice)
    PlaylistRun.objects.update(not_before=NOW + timedelta(hours=1))
    assert run.claim(NOW, early=True)


def test_parking_burns_an_attempt_only_where_it_was_ours_to_fail(alice):
    run, _ = ask(alice)
    run.claim(NOW)
    run.park(NOW, "rate_limited", {}, burnt=False, report={})
    assert (run.status, run.attempts) == ("queued", 0)
    run.claim(NOW)
    run.park(NOW, "unavailable", {}, burnt=True, report={})
    assert (run.status, run.attempts, run.lease_token) == ("queued", 1, "")


def test_who_lost_the_lease_can_neither_park_nor_fail_it(alice):
    run, _ = ask(alice)
    run.claim(NOW)
    PlaylistRun.objects.update(lease_token="another")
    assert not run.park(NOW, "unavailable", {}, burnt=True, report={})
    assert not PlaylistRun(pk=run.pk, lease_token="mine").fail(NOW, "internal", {}, report={})
    assert PlaylistRun.objects.get().status == "running"


def test_the_dead_wait_again_until_their_attempts_are_used_up(alice):
    run, _ = ask(alice)
    run.claim(NOW)
    later = NOW + timedelta(minutes=3)
    assert PlaylistRun.objects.revive(NOW) == 0
    assert PlaylistRun.objects.revive(later) == 1
    PlaylistRun.objects.update(status="running", attempts=ATTEMPTS, lease_until=NOW)
    assert PlaylistRun.objects.revive(later) == 0
    assert list(PlaylistRun.objects.worn_out(later)) == [run]
