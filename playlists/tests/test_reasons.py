"""The reason of a track as a person reads it, one of each kind, in both languages."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from playlists import reasons
from recommendations.reasons import BEST_FIRST

SEED = {"relation": "similar_track", "because": "Кино - Перемен", "source": "lastfm_similar_tracks"}
PLAYED, LIKED = SEED | {"origin": "play"}, SEED | {"origin": "like"}
OTHER = {"because": "AC/DC - Thunderstruck", "origin": "like"}
ARTIST = {"because": "Кино", "origin": "artist", "liked": 5}
UNLIKED = ARTIST | {"liked": 0}


def of(relation: str, **changed):
    return {"relation": relation, **ARTIST, **changed}


SENTENCES = [
    (
        PLAYED | {"plays": 1},
        "because you played Кино - Перемен this past week; its listeners also play this",
        "потому что вы слушали «Кино - Перемен» за последнюю неделю: те, кто слушает тот трек, слушают и этот",
    ),
    (
        PLAYED | {"plays": 2},
        "because you played Кино - Перемен twice this past week; its listeners also play this",
        "потому что вы слушали «Кино - Перемен» дважды за последнюю неделю: те, кто слушает тот трек, слушают и этот",
    ),
    (
        PLAYED | {"plays": 3},
        "because you played Кино - Перемен 3 times this past week; its listeners also play this",
        "потому что вы слушали «Кино - Перемен» 3 раза за последнюю неделю: те, кто слушает тот трек, слушают и этот",
    ),
    (
        PLAYED,
        "because you played Кино - Перемен lately; its listeners also play this",
        "потому что вы недавно слушали «Кино - Перемен»: те, кто слушает тот трек, слушают и этот",
    ),
    (
        LIKED | {"source": "listenbrainz_similar_recordings"},
        "because you liked Кино - Перемен; its listeners also play this",
        "потому что у вас в любимых «Кино - Перемен»: те, кто слушает тот трек, слушают и этот",
    ),
    (
        SEED | {"origin": "asked"},
        "because you asked for more like Кино - Перемен; its listeners also play this",
        "потому что вы просили ещё такого, как «Кино - Перемен»: те, кто слушает тот трек, слушают и этот",
    ),
    (
        SEED | {"origin": "echo"},
        "because you played Кино - Перемен from our playlist; its listeners also play this",
        "потому что вы слушали «Кино - Перемен» из нашего плейлиста: те, кто слушает тот трек, слушают и этот",
    ),
    (
        LIKED | {"source": "reccobeats_recommendations"},
        "because you liked Кино - Перемен; ReccoBeats names this beside it",
        "потому что у вас в любимых «Кино - Перемен»: ReccoBeats ставит этот трек рядом",
    ),
    (
        LIKED | {"relation": "recommended", "source": "spotify_recommendations"},
        "because you liked Кино - Перемен; Spotify suggests this for it and up to four more tracks",
        "потому что у вас в любимых «Кино - Перемен»: по нему и ещё не более чем четырём трекам Spotify советует этот",
    ),
    (
        PLAYED | {"plays": 2, "also": OTHER},
        "because you played Кино - Перемен twice this past week and you liked AC/DC - Thunderstruck",
        "потому что вы слушали «Кино - Перемен» дважды за последнюю неделю и у вас в любимых «AC/DC - Thunderstruck»",
    ),
    (
        LIKED | {"also": OTHER},
        "because you liked Кино - Перемен and AC/DC - Thunderstruck",
        "потому что у вас в любимых «Кино - Перемен» и «AC/DC - Thunderstruck»",
    ),
    (
        PLAYED | {"plays": 5, "also": OTHER | {"origin": "play", "plays": 1}},
        "because you played Кино - Перемен 5 times this past week, and AC/DC - Thunderstruck too",
        "потому что вы слушали «Кино - Перемен» 5 раз за последнюю неделю, «AC/DC - Thunderstruck» — тоже",
    ),
    (
        LIKED | {"also": OTHER, "more": 1},
        "because you liked Кино - Перемен and AC/DC - Thunderstruck; 1 more track of yours leads here",
        "потому что у вас в любимых «Кино - Перемен» и «AC/DC - Thunderstruck»; сюда ведёт ещё 1 ваш трек",
    ),
    (
        LIKED | {"also": OTHER, "more": 3},
        "because you liked Кино - Перемен and AC/DC - Thunderstruck; 3 more tracks of yours lead here",
        "потому что у вас в любимых «Кино - Перемен» и «AC/DC - Thunderstruck»; сюда ведут ещё 3 ваших трека",
    ),
    (
        of("artist_top"),
        "among the best-known tracks of Кино: you like 5 others, but not this one yet",
        "из самых известных треков исполнителя Кино: в ваших любимых 5 других, а этого ещё нет",
    ),
    (
        of("artist_top", liked=1),
        "among the best-known tracks of Кино: you like 1 other, but not this one yet",
        "из самых известных треков исполнителя Кино: в ваших любимых 1 другой, а этого ещё нет",
    ),
    (
        of("artist_top", again="like", year=2019),
        "among the best-known tracks of Кино, whom you like (one of your likes)",
        "из самых известных треков исполнителя из ваших любимых: Кино (уже есть в ваших любимых)",
    ),
    (
        of("artist_top", liked=0, again="given"),
        "among the best-known tracks of Кино, whom you play (you were given it before)",
        "из самых известных треков исполнителя, которого вы слушаете: Кино (уже было в одном из плейлистов)",
    ),
    (
        of("deep_cut"),
        "a deep cut by Кино, whom you like",
        "малоизвестное у исполнителя из ваших любимых: Кино",
    ),
    (
        of("deep_cut", liked=0),
        "a deep cut by Кино, whom you play",
        "малоизвестное у исполнителя, которого вы слушаете: Кино",
    ),
    (
        of("similar_artist"),
        "by an artist close to Кино, whom you like",
        "исполнитель, близкий к тому, кто у вас в любимых: Кино",
    ),
    (
        of("similar_artist", liked=0),
        "by an artist close to Кино, whom you play",
        "исполнитель, близкий к тому, кого вы слушаете: Кино",
    ),
    (of("search"), "by Кино, whom you like", "Кино — исполнитель из ваших любимых"),
    (of("search", liked=0), "by Кино, whom you play", "Кино — исполнитель, которого вы слушаете"),
    (
        {"relation": "tag", "because": "post-punk"},
        "among the best-known tracks of post-punk, a style you listen to",
        "из самых известных треков в стиле «post-punk», который вы слушаете",
    ),
    (
        {"relation": "asked_tag", "because": "calm jazz"},
        "you asked for “calm jazz”, and this is among the best-known tracks called so",
        "вы просили «calm jazz», а это один из самых известных треков, которые так называют",
    ),
    (
        {"relation": "forgotten_like", "because": "2019", "again": "like", "year": 2019},
        "you liked it in 2019 and have not heard it lately",
        "в ваших любимых с 2019 года, но в последнее время не звучало",
    ),
    (
        {"relation": "fallback", "again": "like", "year": 2019},
        "a like of yours from 2019, as nothing newer was found",
        "в ваших любимых с 2019 года: ничего новее не нашлось",
    ),
]
# Rows of before, which know no more.
OLD = [
    (
        {"relation": "similar_track", "because": "Кино - Перемен"},
        "listeners of Кино - Перемен also play this",
        "те, кто слушает «Кино - Перемен», слушают и это",
    ),
    (
        {"relation": "similar_artist", "because": "Кино"},
        "an artist close to Кино",
        "исполнитель того же круга, что и Кино",
    ),
    (
        {"relation": "artist_top", "because": "Кино"},
        "a favourite of Кино, whom you like or play",
        "популярное у исполнителя, которого вы любите или слушаете: Кино",
    ),
    (
        {"relation": "deep_cut", "because": "Кино"},
        "a deep cut by Кино, whom you like or play",
        "малоизвестное у исполнителя, которого вы любите или слушаете: Кино",
    ),
    (
        {"relation": "search", "because": "Кино"},
        "by Кино, whom you like or play",
        "Кино — исполнитель, которого вы любите или слушаете",
    ),
    (
        {"relation": "recommended", "because": "Кино - Перемен"},
        "Spotify suggests it for Кино - Перемен",
        "Spotify советует тем, кто слушает «Кино - Перемен»",
    ),
    (
        {"relation": "fallback"},
        "one of your likes, as nothing newer was found",
        "из ваших любимых треков: ничего новее не нашлось",
    ),
    ({}, "", ""),
    ({"relation": "of a later version", "because": "x"}, "", ""),
]


@pytest.mark.parametrize(("stored", "english", "russian"), [*SENTENCES, *OLD])
def test_a_reason_is_a_sentence_of_the_readers_language(stored, english, russian):
    with translation.override("en"):
        assert reasons.sentence(stored) == english
    with translation.override("ru"):
        assert reasons.sentence(stored) == russian


@pytest.mark.parametrize(
    ("plays", "english", "russian"),
    [(4, "4 times", "4 раза"), (5, "5 times", "5 раз"), (11, "11 times", "11 раз"), (21, "21 times", "21 раз")],
)
def test_plays_are_counted_as_the_language_counts(plays, english, russian):
    for language, times in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert f" {times} " in reasons.sentence(PLAYED | {"plays": plays})


@pytest.mark.parametrize(
    ("stored", "brief"),
    [
        (PLAYED | {"plays": 4, "also": OTHER, "more": 3}, "you played Кино - Перемен"),
        (LIKED, "you liked Кино - Перемен"),
        (SEED | {"origin": "asked"}, "more like Кино - Перемен"),
        (SEED | {"origin": "echo"}, "beside Кино - Перемен"),
        (SEED, "beside Кино - Перемен"),
        (of("artist_top"), "best of Кино"),
        (of("similar_artist"), "close to Кино"),
        ({"relation": "fallback"}, "one of your likes"),
        ({}, ""),
    ],
)
def test_a_line_of_a_preview_has_a_few_words(stored, brief):
    assert reasons.brief(stored) == brief


def test_every_kind_there_is_can_be_said_and_no_field_is_left_open():
    for relation in BEST_FIRST:
        for more in ({}, {"origin": "play", "plays": 3}, {"origin": "artist", "liked": 2}, {"again": "given"}):
            for language, _name in settings.LANGUAGES:
                with translation.override(language):
                    said = reasons.sentence({"relation": relation, "because": "Кино", **more})
                    assert "Кино" in said
                    assert "{" not in said


names = st.text(max_size=2000)
origins = st.fixed_dictionaries(
    {"because": names, "origin": st.sampled_from(["play", "like", "asked", "echo"])},
    optional={"plays": st.integers(0, 10_000)},
)


@given(
    origins,
    st.none() | origins,
    st.integers(0, 100),
    st.sampled_from([*BEST_FIRST, "fallback"]),
    st.sampled_from(["en", "ru"]),
)
def test_a_reason_stays_short_whatever_things_are_called(seed, also, more, relation, language):
    stored = seed | {"relation": relation} | ({"also": also, "more": more} if also else {})
    with translation.override(language):
        assert 0 < len(reasons.sentence(stored)) <= 240
        assert 0 < len(reasons.brief(stored)) <= 100
