"""What the sandbox's listeners have saved and played, drawn from their taste with a fixed seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .reading import Artist, Listener, Title, Weights, seeded

LIKED_YEARS = 3
RECENT_DAYS = 5
PLAYS_A_DAY = 10
TOP = 50
REPEATED_EVERY = 7
SAVED = 0.6


def draw(pool: list[Title], taste: Weights, random: Random) -> list[Title]:
    """All of the pool in a random order, loved artists and hits tending to the front."""

    def luck(title: Title) -> float:
        return float(random.random() ** (1 / (taste[title.artist.name] * (1.5 if title.hit else 1))))

    return sorted(pool, key=luck, reverse=True)


def liked_titles(pool: list[Title], listener: Listener, random: Random) -> list[Title]:
    """The saved titles: at most half of any artist's, so that there is something left to recommend."""
    kept: list[Title] = []
    times: Counter[str] = Counter()
    for title in draw(pool, listener.taste, random):
        if len(kept) < listener.likes and times[title.artist.name] < len(title.artist.titles) // 2:
            times[title.artist.name] += 1
            kept.append(title)
    return kept


def saved_at(count: int, as_of: datetime, random: Random) -> list[datetime]:
    """When the titles were saved, newest first."""
    span = LIKED_YEARS * 365 * 86400
    return sorted((as_of - timedelta(seconds=random.randrange(3600, span)) for _ in range(count)), reverse=True)


def played_at(as_of: datetime, random: Random) -> Iterator[datetime]:
    """When the recent plays were, newest first: an evening's sitting a day."""
    for day in range(RECENT_DAYS):
        moment = as_of - timedelta(days=day, minutes=random.randrange(5, 90))
        for _ in range(PLAYS_A_DAY):
            yield moment
            moment -= timedelta(seconds=random.randrange(150, 420))


def recent_titles(liked: list[Title], unliked: list[Title], taste: Weights, random: Random) -> list[Title]:
    """What was played: mostly saved titles, some new ones, every so often one again."""
    saved, fresh = draw(liked, taste, random), draw(unliked, taste, random)
    played: list[Title] = []
    for number in range(1, RECENT_DAYS * PLAYS_A_DAY + 1):
        source = (saved if random.random() < SAVED else fresh) or saved or fresh
        if number % REPEATED_EVERY and source:
            played.append(source.pop(0))
        else:
            played.append(random.choice(played))
    return played


def context(listener: Listener, title: Title, saved: set[str], random: Random) -> str | None:
    """Where a play was started from: the saved titles, the artist's page, or nowhere known."""
    if title.id in saved:
        return f"spotify:user:{listener.id}:collection"
    return random.choice([f"spotify:artist:{title.artist.id}", None])


def top(liked: list[Title], played: list[Title], taste: Weights) -> dict[str, list[str]]:
    """The most loved tracks and artists: a play counts twice a save, taste breaks ties."""
    tracks: Counter[str] = Counter()
    artists: Counter[str] = Counter()
    for weight, titles in ((1, liked), (2, played)):
        for title in titles:
            tracks[title.id] += weight
            artists[title.artist.id] += weight
    loved = {title.id: taste[title.artist.name] for title in liked + played}
    loved |= {title.artist.id: taste[title.artist.name] for title in liked + played}

    def best(counts: Counter[str]) -> list[str]:
        return sorted(counts, key=lambda key: (-counts[key] * (0.5 + loved[key]), key))[:TOP]

    return {"tracks": best(tracks), "artists": best(artists)}


def user(listener: Listener, artists: dict[str, Artist], as_of: datetime) -> dict[str, Any]:
    """A listener as the world tells of them."""
    random = seeded("listener", listener.id)
    pool = [title for name in sorted(listener.taste) for title in artists[name].titles]
    liked = liked_titles(pool, listener, random)
    saved = {title.id for title in liked}
    played = recent_titles(liked, [title for title in pool if title.id not in saved], listener.taste, random)
    # The order of saving is its own draw: a favourite may have been found yesterday.
    found = random.sample(liked, len(liked))
    return {
        "id": listener.id,
        "display_name": listener.name,
        "liked": [
            [title.id, moment.isoformat()]
            for title, moment in zip(found, saved_at(len(found), as_of, random), strict=True)
        ],
        "recent": [
            [title.id, moment.isoformat(), context(listener, title, saved, random)]
            for title, moment in zip(played, played_at(as_of, random), strict=True)
        ],
        "top": top(liked, played, listener.taste),
    }
