"""What the pretend Spotify finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibe.sandbox.discography import derive
from vibe.sandbox.search import Catalogue, parse, words
from vibe.sandbox.world import build
from vibe.tests.sandbox_local import NOW
from vibe.tests.sandbox_process import small_world


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    raw = small_world()
    raw["tracks"][0]["year"] = raw["tracks"][1]["year"] = 1992
    world = build(raw, NOW)
    return Catalogue(world, derive(world))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ('track:"Xtal" artist:"Aphex Twin"', "Xtal"),
        ("artist:aphex twin track:XTAL", "Xtal"),
        ("xtal aphex", "Xtal"),
        ('track:"Хочешь" artist:"земфира"', "Хочешь?"),
        ("кино группа крови", "Группа крови"),
        ('track:"Dont Go Away Mad" artist:"Motley Crue"', "Don't Go Away Mad"),
        ("isrc:QZ0002600003", "Rhubarb"),
        ("isrc:qz-000-26-00003", "Rhubarb"),
        ('artist:"AC DC" track:"t n t"', "T.N.T."),
        ("year:1990-1995", "Xtal"),
        ("genre:idm year:1992", "Xtal"),
    ],
)
def test_the_track_meant_comes_first(catalogue, query, first):
    assert catalogue.find_tracks(query)[0].name == first


@pytest.mark.parametrize(
    "query",
    [
        'track:"Xtal" artist:"Кино"',
        'track:"Perfectly Unknown"',
        "isrc:NOPE",
        "year:1850",
        "tag:new",
        '""',
        ":",
        'artist:""',
    ],
)
def test_nothing_is_found_where_nothing_fits(catalogue, query):
    assert catalogue.find_tracks(query) == []


def test_a_name_alone_gives_the_artists_tracks_most_heard_first(catalogue):
    assert [track.name for track in catalogue.find_tracks("кино")] == ["Группа крови", "Перемен", "Кукушка", "Звезда"]


def test_artists_and_albums_are_found_too(catalogue):
    assert [artist.name for artist in catalogue.find_artists("motley crue")] == ["Mötley Crüe"]
    assert [album.artist.name for album in catalogue.find_albums("album:0 artist:земфира")] == ["Земфира"]


def test_every_track_is_found_by_its_own_names(catalogue):
    for track in catalogue.tracks.things:
        assert catalogue.find_tracks(f'track:"{track.name}" artist:"{track.artists[0].name}"')[0] is track


def test_a_field_ends_where_the_next_begins():
    question = parse("remaster track:Doxy artist:Miles Davis year:1955-1960")
    assert question.fields == {"track": "Doxy", "artist": "Miles Davis", "year": "1955-1960"}
    assert question.plain == ("remaster",)


@given(st.text(max_size=60))
def test_any_text_can_be_asked(catalogue, text):
    assert isinstance(catalogue.find_tracks(text), list)
    assert isinstance(catalogue.find_artists(text), list)


@given(st.text(max_size=40))
def test_case_does_not_count(text):
    assert words(text.upper().lower()) == words(text.lower())


def test_accents_and_yo_do_not_count():
    assert words("Ёлка Mötley Don’t") == words("елка motley don't")
