from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recommendations.memory import EMPTY_DAYS, HIT_DAYS, MISS_DAYS, StoredAnswers, StoredNames
from recommendations.models import ResolvedTrack, SourceCache
from recommendations.questions import (
    Row,
    answer_from_json,
    answer_to_json,
    artist_albums,
    artist_search,
    recordings_of,
    similar_tracks,
    top_tracks,
)
from recommendations.tests.told import NOW, found_row, row, track
from vibe.clients.types import Artist

pytestmark = pytest.mark.django_db
KINO = similar_tracks("Кино", "Группа крови")


def test_an_answer_comes_back_as_it_was_names_and_tracks_alike():
    answers = {KINO: (row("Алиса", "Веретено", 0.7),), artist_search("Кино"): (found_row("Кино", "Кукушка"),)}
    StoredAnswers(NOW).write(answers)
    assert StoredAnswers(NOW).read(list(answers)) == answers


def test_names_that_an_older_version_kept_as_they_came_are_read_as_they_can_be_stored():
    odd, long = "Sp\ud800lin\0 ", "x" * 100_000
    found = replace(track("Сплин", "Выхода нет"), name=odd, artists=(Artist("", long),))
    (read,) = answer_from_json(answer_to_json((Row(odd, long, track=found),)))
    assert read.track is not None
    assert (read.artist, read.title) == (read.track.name, read.track.artist.name) == ("Splin", "x" * 400)


def test_what_several_runs_write_at_once_they_write_in_the_same_order():
    """In different orders PostgreSQL would end one of them as a deadlock."""
    StoredAnswers(NOW).write({similar_tracks("A", title): () for title in "cab"} | {artist_search("A"): ()})
    written = list(SourceCache.objects.order_by("pk").values_list("source", "key"))
    assert written == sorted(written)
    StoredNames(NOW).learn(dict.fromkeys(["c", "a", "b"]))
    assert list(ResolvedTrack.objects.order_by("pk").values_list("match_key", flat=True)) == ["a", "b", "c"]


def test_an_empty_answer_is_an_answer():
    StoredAnswers(NOW).write({KINO: ()})
    assert StoredAnswers(NOW).read([KINO]) == {KINO: ()}


def test_an_empty_answer_is_kept_a_month_at_most():
    full, empty = recordings_of("GBAYE9701274"), recordings_of("GBAYE9701275")
    StoredAnswers(NOW).write({full: (row("Radiohead", "Creep"),), empty: ()})
    later = StoredAnswers(NOW + timedelta(days=EMPTY_DAYS))
    assert list(later.read([full, empty])) == [full]


def test_an_answer_expires_and_a_newer_one_replaces_it():
    StoredAnswers(NOW).write({KINO: (row("Алиса", "Веретено"),)})
    later = NOW + timedelta(days=KINO.days)
    assert StoredAnswers(later).read([KINO]) == {}
    StoredAnswers(later).write({KINO: ()})
    assert StoredAnswers(later).read([KINO]) == {KINO: ()}
    assert SourceCache.objects.count() == 1


def test_the_same_words_asked_of_another_family_are_another_question():
    StoredAnswers(NOW).write({top_tracks("Кино"): (row("Кино", "Кукушка"),)})
    assert StoredAnswers(NOW).read([similar_tracks("Кино", "")]) == {}


def test_very_long_names_that_differ_at_their_end_are_told_apart():
    one, two = (similar_tracks("a" * 300, "b" * 300 + end) for end in "xy")
    StoredAnswers(NOW).write({one: (row("A", "x"),)})
    assert StoredAnswers(NOW).read([two]) == {}


def test_ids_that_differ_in_case_alone_are_two():
    StoredAnswers(NOW).write({artist_albums("aB"): (row("A", "x"),)})
    assert StoredAnswers(NOW).read([artist_albums("Ab")]) == {}


def test_a_name_that_was_found_is_known_longer_than_one_that_was_not():
    StoredNames(NOW).learn({"found": track("Кино", "Кукушка"), "missing": None})
    assert StoredNames(NOW).known(["found", "missing", "other"]) == {"found": track("Кино", "Кукушка"), "missing": None}
    later = NOW + timedelta(days=MISS_DAYS)
    assert StoredNames(later).known(["found", "missing"]) == {"found": track("Кино", "Кукушка")}
    assert StoredNames(NOW + timedelta(days=HIT_DAYS)).known(["found"]) == {}


def test_what_was_missing_may_be_found_later():
    StoredNames(NOW).learn({"key": None})
    StoredNames(NOW).learn({"key": track("Кино", "Кукушка")})
    assert ResolvedTrack.objects.count() == 1
    assert StoredNames(NOW).known(["key"]) == {"key": track("Кино", "Кукушка")}


def test_a_track_kept_before_covers_were_told_has_none():
    StoredNames(NOW).learn({"кино | кукушка": track("Кино", "Кукушка")})
    old = {name: value for name, value in (ResolvedTrack.objects.get().track or {}).items() if name != "cover"}
    ResolvedTrack.objects.update(track=old)
    assert StoredNames(NOW).known(["кино | кукушка"]) == {"кино | кукушка": track("Кино", "Кукушка")}
