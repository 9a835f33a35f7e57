"""What a wish in words means."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations import steered_artist
from recommendations.candidates import Listening
from recommendations.questions import Answer, Question
from recommendations.steering import LONGEST, MOST, SPELLINGS, TRIED, Steer, parse, spellings
from recommendations.tests.told import heard


def read(text: str) -> Steer:
    steer = parse(text)
    assert steer is not None
    return steer


@pytest.mark.parametrize(
    ("text", "name"),
    [("by Kino", "Kino"), ("BY kino", "kino"), ("from", None), ("songs by The Cure", "The Cure"),
     ("like Radiohead", "Radiohead"), ("in the spirit of Nick Drake", "Nick Drake"), ("similar to Can", "Can"),
     ("от Кино", "Кино"), ("от группы Кино", "Кино"), ("в духе Кино", "Кино"), ("в стиле Кино", "Кино"),
     ("как Кино", "Кино"), ("похоже на Кино", "Кино"), ("что-то вроде Кино", "Кино"), ("песни от Кино", "Кино"),
     ("by «Кино»", "Кино"), ("by «Кино».", "Кино"), ("by !!!", "!!!"), ("by «!!!»", "!!!"), ("by 123", "123"),
     ("by Side by Side", "Side by Side"), ("by jazz", "jazz"), ("Kino", None), ("baby", None), ("by", None)],
)  # fmt: skip
def test_an_artist_is_named_behind_a_preposition(text, name):
    assert read(text).artist[:1] == ((name,) if name else ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Земфиры", "Земфира"), ("Сплина", "Сплин"), ("Виктора Цоя", "Виктор Цой"), ("Аллы Пугачёвой", "Алла Пугачёва"),
     ("Валерия Меладзе", "Валерий Меладзе"), ("Монеточки", "Монеточка"), ("Владимира Высоцкого", "Владимир Высоцкий"),
     ("Агаты Кристи", "Агата Кристи"), ("Гражданской Обороны", "Гражданская Оборона"), ("Саши", "Саша"),
     ("Машины времени", "Машина времени"), ("Янки Дягилевой", "Янка Дягилева"), ("Сектора Газа", "Сектор Газа"),
     ("Зверей", "Звери"), ("Нервов", "Нервы"), ("Порнофильмов", "Порнофильмы"), ("Немцев", "Немцы"), ("Арии", "Ария"),
     ("Ночных снайперов", "Ночные снайперы"), ("Смысловых галлюцинаций", "Смысловые галлюцинации"),
     ("Короля и Шута", "Король и Шут"), ("Ляписа Трубецкого", "Ляпис Трубецкой"), ("Звуков Му", "Звуки Му"),
     ("Тимы Белорусских", "Тима Белорусских"), ("Пошлой Молли", "Пошлая Молли"), ("Крематория", "Крематорий"),
     ("Бригадного подряда", "Бригадный подряд"), ("Тараканов!", "Тараканы!"), ("Мумий Тролля", "Мумий Тролль"),
     ("Иванушек International", "Иванушки International"), ("Гостей из будущего", "Гости из будущего"),
     ("Земфиру", "Земфира"), ("Монеточку", "Монеточка"), ("Арию", "Ария"), ("Машину времени", "Машина времени"),
     ("Гражданскую Оборону", "Гражданская Оборона")],
)  # fmt: skip
def test_a_russian_name_may_stand_in_the_case_its_preposition_asks_for(written, meant):
    assert spellings(written)[0] == written
    assert meant in spellings(written)[:TRIED]


@pytest.mark.parametrize("name", ["Metallica", "Кино", "Би-2", "ДДТ", "Сплин", "Браво", "AC/DC", "Noize MC", "5'nizza"])
def test_a_name_that_has_no_ending_of_a_case_is_left_as_it_is(name):
    assert spellings(name) == (name,)


def test_of_a_long_name_only_a_few_spellings_are_guessed_and_fewer_cost_a_search():
    asked: list[Question] = []

    def ask(questions: Sequence[Question]) -> list[Answer]:
        asked.extend(questions)
        return [()] * len(questions)

    steer = read("в духе Валерии и Аллы Пугачёвой из Москвы и Сочи")
    assert len(steer.artist) == SPELLINGS
    assert steered_artist._meant(steer, Listening(likes=()), ask)[0] == steer.artist[1]
    assert len(asked) == TRIED
    own = Listening(likes=(heard(steer.artist[-1], "Song", days_ago=1),))
    assert steered_artist._meant(steer, own, ask)[0] == steer.artist[-1]


@pytest.mark.parametrize(
    ("text", "whole", "genres", "moods"),
    [("calm jazz", "calm jazz", ["jazz"], ["calm"]), ("спокойный джаз", "calm jazz", ["jazz"], ["calm"]),
     ("Спокойная джазовая музыка", "calm jazz", ["jazz"], ["calm"]), ("рок", "rock", ["rock"], []),
     ("что-нибудь весёлое", "happy", [], ["happy"]), ("грустное", "sad", [], ["sad"]), ("поп", "pop", ["pop"], []),
     ("русский рок 80-х", "russian rock 80s", ["russian rock", "80s"], []), ("r&b", "r&b", ["r&b"], []),
     ("drum & bass", "drum & bass", ["drum and bass"], []), ("drum'n'bass", "drum'n'bass", ["drum and bass"], []),
     ("drum n bass", "drum n bass", ["drum and bass"], []), ("rock & roll", "rock & roll", ["rock and roll"], []),
     ("rock'n'roll", "rock'n'roll", ["rock and roll"], []), ("Rock ’n’ Roll", "rock ’n’ roll", ["rock and roll"], []),
     ("рок-н-ролл", "rock and roll", ["rock and roll"], []), ("драм-н-бейс", "drum and bass", ["drum and bass"], []),
     ("драм энд бейс", "drum and bass", ["drum and bass"], []), ("rock & pop", "rock & pop", ["rock", "pop"], []),
     ("хип-хоп для работы", "hip-hop", ["hip-hop"], []), ("hip hop", "hip hop", ["hip-hop"], []),
     ("in the style of jazz", "jazz", ["jazz"], []), ("в стиле джаз", "jazz", ["jazz"], []),
     ("like russian rock", "russian rock", ["russian rock"], []), ("banana", "banana", ["banana"], [])],
)  # fmt: skip
def test_anything_else_is_a_style_or_a_mood_as_lastfm_spells_it(text, whole, genres, moods):
    steer = read(text)
    assert (steer.artist, steer.whole[0]) == ((), whole)
    assert (list(steer.genres), list(steer.moods)) == (genres, moods)


def test_a_tag_is_asked_for_with_its_hyphen_and_without():
    assert {"hip-hop", "hip hop"} <= set(read("хип-хоп").tags)


@pytest.mark.parametrize("text", ["", "   ", "🎸", "!!!", "2026", "music", "музыка", "a" * (LONGEST + 1)])
def test_nothing_to_go_by_is_no_wish(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", ["jazz by Miles Davis", "sad songs by Radiohead", "грустное от Земфиры", "80s by Kino"]
)
def test_a_style_and_an_artist_in_one_are_told_apart_from_either(text):
    assert read(text).is_mixed


@pytest.mark.parametrize(
    "text",
    ["calm jazz", "songs by Radiohead", "by Side by Side", "baby", "by", "by night", "stand by me", "устал от работы"],
)
def test_who_names_one_of_both_is_not_told_to_choose(text):
    assert not read(text).is_mixed


@pytest.mark.parametrize(
    "text",
    ["no metal", "не рок", "без рока", "rock, but no Metallica", "jazz without vocals", "hip hop without autotune",
     "не громкое", "рок, но не метал", "только не рок", "всё, кроме рока", "ни рок, ни метал", "not by Kino",
     "не от Кино", "rock except Metallica", "everything but jazz", "no wave, no metal", "NO METAL"],
)  # fmt: skip
def test_what_is_not_wanted_is_told_apart_from_what_is(text):
    assert read(text).is_negated


@pytest.mark.parametrize(
    "text",
    ["no wave", "no-wave", "by No Doubt", "by Not", "by Everything but the Girl", "от Ни слова", "not", "без", "techno",
     "sad but fast", "грустное, но бодрое", "nothing but jazz", "not only jazz", "не только рок", "нежное", "никель"],
)  # fmt: skip
def test_a_wish_that_only_looks_like_a_refusal_is_followed(text):
    assert not read(text).is_negated


@pytest.mark.parametrize(
    ("text", "may_be"),
    [("by Kino and Alisa", True), ("от Земфиры и Сплина", True), ("by Kino, Alisa", True), ("by Kino & Alisa", True),
     ("by Simon & Garfunkel", True), ("by Andrew Bird", False), ("by Земфира", False), ("rock and pop", False)],
)  # fmt: skip
def test_several_artists_may_be_meant(text, may_be):
    assert read(text).may_be_several == may_be


@given(st.text(max_size=200) | st.from_regex(r"(by|от|в духе|like) .{0,70}", fullmatch=True))
def test_whatever_is_written_is_read_or_is_no_wish(text):
    steer = parse(text)
    if steer is None:
        return
    assert steer.words.isprintable()
    assert len(steer.words) <= LONGEST
    assert bool(steer.artist) != bool(steer.tags)
    assert all(name.strip() for name in (*steer.artist, *steer.tags))
    assert len(steer.genres) + len(steer.moods) <= MOST
    assert parse(steer.words) == steer
