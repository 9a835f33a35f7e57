from __future__ import annotations

import pytest

from recommendations.clutter import is_clutter


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Party Tyme Karaoke", "Hello"),
        ("Zoom Karaoke", "Yellow"),
        ("Adele", "Hello (Karaoke Version)"),
        ("Sing King", "Perfect"),
        ("Караоке Хиты", "Искала"),
        ("Земфира", "Искала (минус)"),
        ("Piano Tribute Players", "Clocks"),
        ("Queen Tribute Band", "Bohemian Rhapsody"),
        ("Somebody", "Clocks (A Tribute to Coldplay)"),
        ("Трибьют Король и Шут", "Лесник"),
        ("The Cover Crew", "The Scientist"),
        ("Rockabye Baby!", "Perfect"),
        ("Baby Lullaby", "Twinkle Twinkle"),
        ("Somebody", "Enter Sandman (Lullaby Version)"),
        ("8-Bit Arcade", "Smells Like Teen Spirit"),
        ("Somebody", "Take On Me (8-Bit Version)"),
        ("Workout Music", "Titanium"),
        ("Somebody", "Titanium - Workout Remix 128 BPM"),
        ("Ringtone Tracks", "Marimba"),
        ("Somebody", "Crazy Frog (Ringtone)"),
        ("White Noise Baby Sleep", "Womb"),
        ("White Noise Therapy", "Fan"),
        ("Rain Sounds", "Heavy Storm"),
        ("Sleep Music Academy", "Dream"),
        ("Somebody", "White Noise for Sleeping Babies"),
        ("Somebody", "Rain Sounds (Loopable, No Fade)"),
        ("Somebody", "528 Hz Healing"),
        ("Somebody", "Binaural Beats for Focus"),
        ("Calm", "Meditation Music"),
        ("Brown Noise", "Brown Noise"),
        ("Pink Noise", "Loopable"),
        ("White Noise", "Fan (8 Hours)"),
        ("Deep Sleep", "Ocean"),
        ("Deep Sleep", "Gentle Rain Sounds"),
        ("Rainy Mood", "Thunder"),
        ("Lullaby Baby Trio", "Yellow"),
        ("Somebody", "Relaxing Music, Vol. 2"),
        ("Звуки природы", "Лес"),
        ("Музыка для сна", "Ночь"),
        ("Кто-то", "Белый шум для малышей"),
    ],
)
def test_filler_is_told_by_its_names(artist, title):
    assert is_clutter(artist, title)


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Drake", "Karaoke"),
        ("Disclosure", "White Noise (feat. AlunaGeorge)"),
        ("White Noise", "Love Without Sound"),
        ("White Noise", "My Game of Loving"),
        ("Calm", "Ocean"),
        ("Calm", "Shadow of the Earth"),
        ("Deep Sleep", "Manic"),
        ("The Beatles", "Rain"),
        ("Led Zeppelin", "The Ocean"),
        ("Imagine Dragons", "Thunder"),
        ("Sleep", "Marijuanaut's Theme"),
        ("Kid Cudi", "Day 'n' Nite (Nightmare)"),
        ("Tenacious D", "Tribute"),
        ("The Cure", "Lullaby"),
        ("Lullaby for the Working Class", "Honey, Drop the Knife"),
        ("100 gecs", "ringtone"),
        ("The 8-Bit Big Band", "Bob-Omb Battlefield"),
        ("Sleep", "Dopesmoker"),
        ("Sleep Token", "The Summoning"),
        ("Sleeping at Last", "Saturn"),
        ("Cigarettes After Sex", "Sweet"),
        ("Max Richter", "Dream 3 (in the midst of my life)"),
        ("Brian Eno", "1/1"),
        ("Marconi Union", "Weightless"),
        ("Roxy Music", "More Than This"),
        ("Nature", "Rain"),
        ("Travis", "Why Does It Always Rain on Me?"),
        ("Radiohead", "Fitter Happier"),
        ("J. Cole", "Work Out"),
        ("Baby Rose", "Show You"),
        ("Loop", "Collision"),
        ("Madonna", "Music"),
        ("The Sounds", "Living in America"),
        ("Ленинград", "Караоке"),
        ("Мельница", "Колыбельная"),
        ("Кино", "Спокойная ночь"),
        ("Мираж", "Музыка нас связала"),
        ("Дельфин", "Шум"),
    ],
)
def test_a_song_that_only_has_such_a_word_survives(artist, title):
    assert not is_clutter(artist, title)


def test_an_album_may_betray_it_too():
    assert is_clutter("Band", "Song", "Karaoke Hits of 2010")
    assert not is_clutter("Band", "Song", "A Tribute to Somebody")
