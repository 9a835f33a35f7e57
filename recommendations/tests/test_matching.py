from __future__ import annotations

import re
import subprocess
import sys

import pytest

from recommendations.matching import SURE, matches
from recommendations.tests.builders import make_track
from recommendations.tests.pairs import HELD_OUT, TABLE, Figures


@pytest.mark.parametrize("pairs", [TABLE, HELD_OUT, TABLE + HELD_OUT], ids=["mended by", "held out", "together"])
def test_the_table_of_hard_pairs_is_told_apart(pairs):
    figures = Figures.of(pairs)
    assert figures.precision >= 0.98, [pair.line for pair in figures.failures if pair.taken]
    assert figures.recall >= 0.93, [pair.line for pair in figures.failures if pair.same]


def test_the_table_is_large_in_both_languages_and_a_third_of_it_is_held_out():
    lines = [pair.line for pair in TABLE + HELD_OUT]
    assert len(lines) == len(set(lines)) >= 300
    assert 3 * len(HELD_OUT) >= len(lines)
    assert sum(bool(re.search("[а-яё]", line, re.IGNORECASE)) for line in lines) >= len(lines) / 3


def test_the_program_prints_the_figures_and_what_is_still_missed():
    done = subprocess.run(
        [sys.executable, "-m", "recommendations.tests.pairs"], capture_output=True, text=True, check=True
    )
    assert re.search(r"^held out +precision \d\.\d{3}  recall \d\.\d{3}", done.stdout, re.MULTILINE)
    assert not [pair.line for pair in HELD_OUT if pair.line in done.stdout + done.stderr]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Nothing Else Maters", "Nothing Else Matters"),
        ("Ласковый мой зверь", "Лассковый мой зверь"),
        ("31-я весна", "31я весна"),
    ],
)
def test_a_letter_in_the_middle_of_a_long_word_is_a_slip(wanted, found):
    assert matches("Band", wanted, make_track("Band", found)) >= SURE


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Believe", "Believer"),
        ("The Believers of Us", "The Believer of Us"),
        ("Road to Nowhere Love", "Road to Nowhere Live"),
        ("Позови меня с собой", "Позовите меня с собой"),
        ("Последние дожди", "Последний дождь"),
        ("Belye rozy", "Белую розу"),
        ("Something Waits", "Something Rewaits"),
        ("The Forgotten II", "The Forgotten III"),
        ("Sonata Op. 2 No. 1", "Sonata Op. 2 No. 2"),
        ("Suite, BWV 7: I. Prelude", "Suite, BWV 7: V. Gigue"),
        ("Song (You and Me)", "Song (For You)"),
        ("Song", "Song (Reprise for You)"),
        ("Song", "Song - For You"),
    ],
)
def test_another_ending_word_number_or_part_is_another_song(wanted, found):
    assert matches("Band", wanted, make_track("Band", found)) == 0


def test_short_artists_of_two_scripts_must_sound_alike():
    assert matches("Kino", "Песня", make_track("Кино", "Песня")) >= SURE
    assert matches("Basta", "Песня", make_track("Каста", "Песня")) == 0
    assert matches("Muse", "Song", make_track("Mouse", "Song")) == 0


def test_an_equal_length_vouches_for_an_artist_who_is_spelled_far_apart():
    track = make_track("Сюзанна", "Песня", duration_ms=201_000)
    assert matches("Suzan", "Песня", track, duration_ms=200_000) >= SURE
    assert matches("Suzan", "Песня", track, duration_ms=260_000) == 0
    assert matches("Suzan", "Другая", track, duration_ms=200_000) == 0


def test_twice_the_length_is_another_recording_and_another_edit_is_not():
    track = make_track("Band", "Song", duration_ms=200_000)
    assert matches("Band", "Song", track, duration_ms=250_000) >= SURE
    assert matches("Band", "Song", track, duration_ms=600_000) == 0


def test_an_equal_isrc_needs_one_of_the_names():
    track = make_track("Кино", "Группа крови", isrc="SUR018800001")
    assert matches("Kino", "Blood Type", track, isrc="SUR018800001") == 1
    assert matches("Somebody", "Something", track, isrc="SUR018800001") == 0
    assert matches("Кино", "Группа крови", track, isrc="GBAYE0000001") == 1


def test_a_subtitle_says_nothing_where_it_names_the_album_or_is_a_phrase():
    assert matches("Band", "Song", make_track("Band", "Song - Spider Film", album="Spider Film (Soundtrack)")) >= SURE
    assert matches("Band", "Song", make_track("Band", "Song - Spider Film", album="Best")) == 0
    assert matches("Band", "Song", make_track("Band", "Song - Slow Take", album="Song (Slow Take)")) == 0
    assert matches("Band", "Song", make_track("Band", "Song (Don't Forget About Me)")) >= SURE


def test_any_of_the_tracks_artists_may_be_the_one_that_was_meant():
    track = make_track("Main|Guest|Third", "Song")
    assert matches("Guest", "Song", track) >= SURE
    assert matches("Guest & Main", "Song", track) >= SURE
    assert matches("Main & Stranger", "Song", track) == 0
    assert matches("Stranger", "Song", track) == 0
    assert matches("Main & Guest", "Song", make_track("Main", "Song (feat. Guest)")) >= SURE


def test_an_imitation_is_told_by_its_album_or_artist():
    assert matches("Band", "Song", make_track("Band", "Song", album="Karaoke Hits")) == 0
    assert matches("Band", "Song", make_track("Band|Караоке", "Song")) == 0


def test_of_equal_names_the_studio_track_is_the_surest():
    studio, hits, remaster = (
        make_track("Band", "Song", album="Album"),
        make_track("Band", "Song", album="Greatest Hits"),
        make_track("Band", "Song - 2011 Remaster", album="Album"),
    )
    assert matches("Band", "Song", studio) == 1
    assert SURE <= matches("Band", "Song", hits) < 1
    assert SURE <= matches("Band", "Song", remaster) < 1
