"""/timezone, and the cities behind it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import validate_timezone
from accounts.tests.spotify import linked_account
from botapp import cities
from botapp.city_names import NAMES
from botapp.tests.at_home import NOW, in_each_language, meet, now_has, wrong
from botapp.tests.listener import presses, says
from playlists import night

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        *[(words, "Europe/Moscow") for words in ("Москва", "МОСКВА", "moscow", "Питер", "спб", "Europe/Moscow", "мск")],
        *[(words, "Europe/Kyiv") for words in ("Киев", "Київ", "Kiev", "kyiv", "Одесса")],
        *[("Екатеринбург", "Asia/Yekaterinburg"), ("Пермь", "Asia/Yekaterinburg"), ("Орёл", "Europe/Moscow")],
        *[
            ("Нью-Йорк", "America/New_York"),
            ("new   york", "America/New_York"),
            ("San Francisco", "America/Los_Angeles"),
        ],
        *[("São Paulo", "America/Sao_Paulo"), ("sao paulo", "America/Sao_Paulo"), ("Zürich", "Europe/Zurich")],
        *[("Калькутта", "Asia/Kolkata"), ("Мумбаи", "Asia/Kolkata"), ("Saigon", "Asia/Ho_Chi_Minh")],
        *[("Германия", "Europe/Berlin"), ("Georgia", "Asia/Tbilisi"), ("Грузия", "Asia/Tbilisi")],
        *[("europe/london", "Europe/London"), ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires")],
        *[("UTC+3", "Etc/GMT-3"), ("utc +3", "Etc/GMT-3"), ("+3", "Etc/GMT-3"), ("-5", "Etc/GMT+5")],
        *[
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Japan", "Asia/Tokyo"),
            ("EST", "America/New_York"),
            ("−5", "Etc/GMT+5"),
            ("GMT+03:00", "Etc/GMT-3"),
            ("мск+2", "Etc/GMT-5"),
            ("МСК-1", "Etc/GMT-2"),
        ],
        *[("UTC", "Etc/UTC"), ("utc", "Etc/UTC"), ("+0", "Etc/UTC"), ("+5:30", "Asia/Kolkata"), ("+14", "Etc/GMT-14")],
        ("Ｍｏｓｃｏｗ", "Europe/Moscow"),
    ],
)
def test_a_place_is_found_under_the_names_people_give_it(words, zone):
    assert cities.find(words, NOW).zone == zone


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        *[("Масква", "Europe/Moscow"), ("Екатеринбрг", "Asia/Yekaterinburg"), ("лондн", "Europe/London")],
        *[("Berln", "Europe/Berlin"), ("США", "America/New_York"), ("Россия", "Europe/Moscow")],
        *[("новоси", "Asia/Novosibirsk"), ("Украина", "Europe/Kyiv")],
    ],
)
def test_a_typo_a_beginning_or_a_wide_country_brings_suggestions(words, zone):
    found = cities.find(words, NOW)
    assert not found.zone
    assert zone in found.suggestions
    assert len(found.suggestions) <= 12


@in_each_language
def test_each_clock_of_a_country_is_shown_two_a_row(language):
    meet(language=language)
    (screen,) = says(7, "/timezone Россия", now=NOW)
    assert [len(row) for row in screen.rows] == [2] * 5 + [1, 1]
    assert {label[-5:] for label in screen.labels[:-1]} == {f"{(12 + hours) % 24:02}:00" for hours in range(2, 13)}


def test_a_city_is_kept_and_the_local_time_lets_him_check_it():
    user = meet()
    (screen,) = says(7, "/timezone Tokyo", now=NOW)
    assert now_has(user).timezone == "Asia/Tokyo"
    assert "Your time zone: <b>Tokyo</b>. It is 21:00 there now." in screen.html
    assert "Choose an hour" in screen.labels


def test_a_distance_to_utc_is_warned_of():
    meet()
    (screen,) = says(7, "/timezone UTC+3", now=NOW)
    assert "<b>UTC+3</b>. It is 15:00 there now." in screen.html
    assert "send the city instead" in screen.html


def test_of_the_suggestions_one_is_pressed():
    user = meet()
    (asked,) = says(7, "/timezone Масква", now=NOW)
    assert "Which one do you mean by “Масква”?" in asked.html
    assert now_has(user).timezone == "UTC"
    presses(7, "Moscow · 15:00")
    assert now_has(user).timezone == "Europe/Moscow"


def test_after_a_typo_the_name_alone_is_enough():
    user = meet()
    says(7, "/timezone qqqq")
    says(7, "Berlin")
    assert now_has(user).timezone == "Europe/Berlin"


@wrong
def test_nonsense_changes_nothing_and_common_cities_are_offered(words):
    user = meet(timezone="Asia/Tokyo")
    (screen,) = says(7, f"/timezone {words}")
    if words == "-1":
        assert now_has(user).timezone == "Etc/GMT+1"
        return
    assert now_has(user).timezone == "Asia/Tokyo"
    assert "<a " not in screen.html
    assert screen.labels
    assert user.asked == "timezone"


def test_who_has_told_none_is_asked_and_utc_is_an_answer():
    user = meet()
    (screen,) = says(7, "/timezone", now=NOW)
    assert "In which city do you live?" in screen.html
    assert "London · 12:00" in screen.labels
    says(7, "UTC")
    assert "Your time zone: <b>UTC</b>" in says(7, "/timezone")[0].html
    assert now_has(user).zone.utcoffset(NOW) == UTC.utcoffset(NOW)


def test_a_change_of_zone_tells_when_the_next_playlist_comes_and_makes_no_second_one_of_a_date():
    user = meet(timezone="Asia/Tokyo", nightly_at=time(6))
    linked_account(user)
    monday = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # 7:30 of the 23rd in Tokyo
    assert night.enqueue_due(monday)["queued"] == 1
    (screen,) = says(7, "/timezone Berlin", now=monday)
    told = datetime.fromisoformat(screen.payload["next"])
    # In Berlin the 23rd is still to come, but it has its playlist.
    assert now_has(user).local_date(told).isoformat() == "2026-11-24"
    assert night.enqueue_due(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))["queued"] == 0
    assert night.enqueue_due(told)["queued"] == 1


@in_each_language
def test_suggestions_are_named_in_each_language(language):
    meet(language=language)
    (screen,) = says(7, "/timezone Масква", now=NOW)
    assert {"en": "Moscow · 15:00", "ru": "Москва · 15:00"}[language] in screen.labels


def test_every_zone_has_a_name_in_each_language_and_is_found_by_it():
    for zone in available_timezones():
        for language in cities.LANGUAGES:
            assert cities.name(zone, language)
    assert cities.name("Europe/Kyiv", "ru") == "Киев"
    assert cities.name("Etc/GMT+5", "ru") == "UTC-5"


def test_the_names_we_added_lead_to_zones_that_there_are():
    assert set(NAMES) <= available_timezones()
    for zone, words in NAMES.items():
        for word in words.split(","):
            found = cities.find(word, NOW)
            assert zone in (found.zone, *found.suggestions), word


@given(st.text(max_size=80) | st.text("utcgm+-:0123456789 ", max_size=10))
def test_whatever_is_found_is_a_zone(words):
    found = cities.find(words, NOW)
    for zone in (found.zone, *found.suggestions):
        if zone:
            validate_timezone(zone)
    assert not (found.zone and found.suggestions)
    assert len(found.suggestions) <= 12


@given(st.sampled_from(sorted(available_timezones() - cities.NO_PLACES - {"EST", "MST"})))
def test_each_name_of_ianas_means_its_own_clock(zone):
    found = ZoneInfo(cities.find(zone, NOW).zone)
    for month in (1, 7):
        moment = datetime(2026, month, 1, tzinfo=UTC)
        assert moment.astimezone(found).utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset()
