from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.identity import ALIASES, artist_key, fold, match_key, version_class
from recommendations.tests.pairs import TABLE


def test_no_two_different_tracks_of_the_table_share_a_key():
    pairs = [pair for pair in TABLE if not pair.same and not pair.duration_ms]
    found = [match_key(pair.found.artist.name, pair.found.name) for pair in pairs]
    assert not [pair.line for pair, key in zip(pairs, found, strict=True) if match_key(pair.artist, pair.title) == key]


@pytest.mark.parametrize(
    ("title", "same"),
    [
        ("Song", "SONG"),
        ("Song", "Song (Remastered 2011)"),
        ("Song", "Song - 2011 Remaster"),
        ("Song", "Song - Remastered 2011 / Bonus Track"),
        ("Song", "Song (feat. Somebody) [Deluxe Edition]"),
        ("Song", "Song ft. Somebody"),
        ("Song", "Song (with Somebody)"),
        ("Song", "Song (при уч. Кого-то)"),
        ("Song", "Song (1984)"),
        ("Song", "Song - Mono"),
        ("Song", "Song - Single Version"),
        ("Song", "Song (Radio Edit)"),
        ("Song", "The Song"),
        ("Song", 'Song - Original 7" Version'),
        ("Song", "Song - Album Version (Edited)"),
        ("Song", "Song - Edit"),
        ("Song", "Song - Film/Soundtrack Version"),
        ("Song (Live)", "Song - Live at Wembley"),
        ("Song (Live)", "Song - Recorded at Some Studios NYC"),
        ("Song (Live)", "Song (Концерт в Москве)"),
        ("Song (Somebody Remix)", "Song - Somebody Remix"),
        ("Song, Pt. 2", "Song (Part II)"),
        ("Song (Parts I-V)", "Song, Pts. 1-5"),
        ("Песня (Часть вторая)", "Песня, ч. 2"),
        ("Song (Live)", "Song - Live in Paris, France - June 1971"),
        ("Song", 'Song (Love Theme from "Film")'),
        ("Песня", "Песня (саундтрек к фильму «Фильм»)"),
        ("Песня", "Песня (п.у. Кто-то)"),
        ("Rock 'n' Roll", "Rock & Roll"),
        ("Ты и я", "Ты & я"),
        ("Моё сердце", "Мое сердце"),
        ("Jóga", "Joga"),
        ("ﬁre", "FIRE"),
    ],
)
def test_spellings_of_one_track_share_a_key(title, same):
    assert match_key("Band", title) == match_key("Band", same)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Song", "Song (Live)"),
        ("Song", "Song (12)"),
        ("Song", "Song (Somebody Edit)"),
        ("Song (Somebody Remix)", "Song (Nobody Remix)"),
        ("Song, Pt. 1", "Song, Pt. 2"),
        ("Stay", "Stay With Me"),
        ("Мой край", "Мои край"),
        ("!!!", "???"),
        ("#1", "#2"),
    ],
)
def test_different_tracks_have_different_keys(title, other):
    assert match_key("Band", title) != match_key("Band", other)


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Song", ""),
        ("Song - 2011 Remaster", ""),
        ("Song (Live)", "live"),
        ("Песня (концерт)", "live"),
        ("Song - Acoustic", "acoustic"),
        ("Song (Somebody Remix)", "remix"),
        ("Песня (ремикс)", "remix"),
        ("Song (Karaoke Version)", "karaoke"),
        ("Песня - караоке", "karaoke"),
        ("Song karaoke", "karaoke"),
        ("Песня (кавер)", "cover"),
        ("Song (Cover)", "cover"),
        ("Song (A Tribute to Band)", "tribute"),
        ("Song - Instrumental", "instrumental"),
        ("Song (Demo)", "demo"),
        ("Song (slowed + reverb)", "slowed"),
        ("Song - Sped Up Version", "sped up"),
        ("Song (Nightcore)", "nightcore"),
        ("Song (8-Bit Version)", "cover"),
        ("Song - BBC Session", "live"),
        ("Canción (En Vivo)", "live"),
        ("Song (Take 3)", "demo"),
        ("Song - Reprise / Remastered 2009", "reprise"),
        # The words alone do not make another recording.
        ("Live Forever", ""),
        ("Cover Me Up", ""),
        ("Karaoke", ""),
        ("Demons", ""),
        ("Концертная", ""),
    ],
)
def test_the_version_class_is_what_stands_beside_the_title(title, version):
    assert version_class(title) == version


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("The Beatles", "Beatles, The"),
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("Король и Шут", "Король & Шут"),
        ("Drake feat. Rihanna", "Drake"),
        ("Splean", "Сплин"),
        ("Би-2", "Би 2"),
        ("N.W.A", "NWA"),
        ("t.A.T.u.", "tATu"),
        ("P!nk", "Pink"),
        ("Beyoncé", "BEYONCE"),
        ("Ёлка", "Елка"),
    ],
)
def test_spellings_of_one_artist_share_a_key(name, same):
    assert artist_key(name) == artist_key(same)


@pytest.mark.parametrize("name", ["The The", "!!!", "¥$", "И", "+/-", "ゆらゆら帝国", "(((O)))", "¯"])
def test_odd_names_keep_a_key_of_their_own(name):
    assert artist_key(name)
    assert artist_key(name) != artist_key("Band")
    assert match_key("Band", name) != match_key("Band", "")


def test_cyrillic_survives_folding():
    assert fold("Ёжик & Йод: «Мой»!") == "ежик and йод мой"


def test_a_letter_with_a_breve_survives_beside_an_accent():
    assert fold("Мой Café") == "мой cafe"
    assert fold("Мои\u0306 Cafe\u0301") == "мой cafe"


names = st.text(st.sampled_from("aé й ё ъZ1!&-.()'$ж字"), max_size=30) | st.text(max_size=30)
words = st.lists(st.sampled_from(["song", "The", "и", "feat", "Live", "pt", "II", "Ёлка", "remix", "2"]), min_size=1)
titles = words.map(" ".join) | names


@given(names, titles)
def test_keys_fit_their_columns(artist, title):
    assert len(match_key(artist * 20, title * 20)) <= 400
    assert len(artist_key(artist * 20)) <= 200


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_no_name_that_can_be_seen_has_an_empty_key(name):
    assert artist_key(name)
    assert match_key("Band", name) != match_key("Band", "")


@given(names, words)
def test_the_key_of_a_key_is_the_same_key(artist, title):
    title = " ".join(title)
    assert match_key(artist_key(artist), title) == match_key(artist, title)
    head, tail = match_key("Band", title).split(" | ")
    assert match_key(head, tail) == f"{head} | {tail}"
    assert artist_key(artist_key(artist)) == artist_key(artist)


@given(words)
def test_the_short_way_for_plain_titles_agrees_with_the_long_one(title):
    plain = " ".join(title)
    # An empty bracket says nothing, but takes the long way.
    assert match_key("Band", plain) == match_key("Band", f"{plain} ()")


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_the_table_of_aliases_is_spelled_as_keys_are():
    assert all("".join(fold(name).split()) == name for pair in ALIASES.items() for name in pair)
