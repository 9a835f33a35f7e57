"""/schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.spotify import linked_account
from botapp import reading, upcoming
from botapp.tests.at_home import NOW, in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says
from playlists import night
from playlists.models import PlaylistRun

pytestmark = pytest.mark.django_db


def listener(**fields):
    user = meet(timezone="Europe/Moscow", **fields)
    linked_account(user)
    return user


@pytest.mark.parametrize(
    ("words", "at"),
    [
        *[("8", time(8)), ("08:30", time(8, 30)), ("8.30", time(8, 30)), ("20", time(20)), ("0", time(0))],
        *[("23:59", time(23, 59)), ("8 pm", time(20)), ("12am", time(0)), ("12 pm", time(12)), ("8-30", time(8, 30))],
        *[("8 утра", time(8)), ("8 вечера", time(20)), ("10 ночи", time(22)), ("2 ночи", time(2)), ("3 дня", time(15))],
        *[("12 дня", time(12)), ("12 ночи", time(0)), ("20:30 вечера", time(20, 30)), ("В 8:30", time(8, 30))],
        *[("8ч", time(8)), ("8 ч", time(8)), ("8 ч.", time(8)), ("8 h", time(8)), ("8h", time(8))],
        *[("at 8 pm", time(20)), ("в 8 часов вечера", time(20)), ("7 Утра", time(7))],
        *[("８：３０", time(8, 30)), ("٨:٣٠", time(8, 30)), (" 8 : 30 ", time(8, 30))],
    ],
)
def test_an_hour_is_kept_and_said_back(words, at):
    user = listener()
    (screen,) = says(7, f"/schedule {words}")
    assert now_has(user).nightly_at == at
    assert f"every day in the hour from {at:%H:%M} (Moscow)" in screen.html


def refuses(words):
    user = listener(nightly_at=time(9))
    (screen,) = says(7, f"/schedule {words}")
    assert now_has(user).nightly_at == time(9)
    assert "is not a time of day" in screen.html
    assert "in the hour from 09:00" in screen.html
    assert "<a " not in screen.html
    assert user.asked == "schedule"


@wrong
def test_nonsense_changes_nothing(words):
    refuses(words)


@pytest.mark.parametrize("words", ["24", "24:00", "8:60", "8:3", "8:", ":30", "13 pm", "0 am", "8:30:00", "830"])
def test_what_is_no_hour_changes_nothing(words):
    refuses(words)


@pytest.mark.parametrize("words", ["12 утра", "20 утра", "8 дня", "24 ночи", "в", "8 ча", "утра"])
def test_an_hour_that_no_part_of_the_day_has_changes_nothing(words):
    refuses(words)


@pytest.mark.parametrize("words", ["off", "OFF", "выкл", "нет", "ｏｆｆ"])
def test_it_is_switched_off(words):
    user = listener(nightly_at=time(9))
    (screen,) = says(7, f"/schedule {words}")
    assert now_has(user).nightly_at is None
    assert "There is no daily playlist" in screen.html
    assert "Switch off" not in screen.labels


def test_hours_are_offered_and_a_press_is_enough():
    user = listener(nightly_at=time(9))
    (asked,) = says(7, "/schedule")
    assert "✓ 09:00" in asked.labels
    (screen,) = presses(7, "20:00")
    assert now_has(user).nightly_at == time(20)
    assert screen.edits == asked.message_id
    presses(7, "Switch off")
    assert now_has(user).nightly_at is None


def test_an_hour_typed_after_the_question_is_taken():
    user = listener()
    says(7, "/schedule")
    says(7, "7:15")
    assert now_has(user).nightly_at == time(7, 15)


def test_who_never_told_his_zone_is_asked_for_it_after_the_hour():
    user = meet()
    hour, zone = says(7, "/schedule 8")
    assert now_has(user).nightly_at == time(8)
    assert "08:00 (UTC)" in hour.html
    assert "In which city do you live?" in zone.html
    says(7, "Питер")
    assert now_has(user).timezone == "Europe/Moscow"
    assert user.nightly_at == time(8)


def test_who_wants_none_is_not_asked_for_his_zone():
    meet()
    assert [said.kind for said in says(7, "/schedule off")] == ["schedule"]


def test_the_moment_that_is_told_is_the_one_at_which_the_night_comes():
    user = listener()
    (screen,) = says(7, "/schedule 18:00", now=NOW)
    told = datetime.fromisoformat(screen.payload["next"])
    assert night.enqueue_due(told - timedelta(seconds=1))["queued"] == 0
    assert night.enqueue_due(told)["queued"] == 1
    # By then the next is tomorrow's.
    assert upcoming.next_run(now_has(user), told) == told + timedelta(days=1)


def test_an_hour_that_has_passed_today_is_tomorrows():
    user = listener()
    (screen,) = says(7, "/schedule 10", now=NOW)
    told = datetime.fromisoformat(screen.payload["next"])
    assert user.local_date(told) == user.local_date(NOW) + timedelta(days=1)
    assert night.enqueue_due(NOW)["queued"] == 0
    assert night.enqueue_due(told)["queued"] == 1


def test_a_night_that_was_missed_is_caught_up_with_and_told_so():
    user = listener(nightly_at=time(10))
    due = night.due_at(user.zone, time(10), user.local_date(NOW), user.pk)
    assert upcoming.next_run(user, NOW) == due < NOW
    assert upcoming.facts(user, NOW)["soon"]


def test_nothing_is_promised_to_who_is_not_linked():
    meet(timezone="Europe/Moscow")
    (screen,) = says(7, "/schedule 10")
    assert "begins when Spotify is connected" in screen.html


def test_in_the_night_of_a_new_clock_the_moment_told_is_the_right_one():
    user = listener(nightly_at=time(2, 30))
    user.timezone = "Europe/Berlin"
    due = upcoming.next_run(user, datetime(2026, 10, 24, 23, tzinfo=UTC))
    assert due is not None
    assert due == night.due_at(user.zone, time(2, 30), date(2026, 10, 25), user.pk)


def test_a_date_that_has_its_playlist_gets_no_second_one():
    user = listener(nightly_at=time(10))
    PlaylistRun.objects.create(
        user=user,
        trigger="nightly",
        night=date(2026, 11, 22),
        day=date(2026, 11, 22),
        size_asked=30,
        min_new_ratio=0.8,
        created_at=NOW,
    )
    due = upcoming.next_run(user, NOW)
    assert due is not None
    assert user.local_date(due) == date(2026, 11, 23)


@in_each_language
def test_it_is_told_in_each_language(language):
    listener(language=language)
    (screen,) = says(7, "/schedule 18:00")
    assert "18:00" in screen.html


@given(st.times())
def test_each_minute_of_the_day_is_read(at):
    assert reading.hour(f"{at:%H:%M}") == time(at.hour, at.minute)


@given(st.text("0123456789:. apm", max_size=9) | st.text(max_size=12))
def test_whatever_is_typed_is_an_hour_or_nothing(words):
    at = reading.hour(words)
    assert at is None or at.second == 0
    assert not (at and reading.is_off(words))
