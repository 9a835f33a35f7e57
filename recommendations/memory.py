"""Answers and resolved names kept in the database, shared by all users. Main thread only.

Rows are written in their order: two runs that write the same ones in different orders would wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from recommendations.models import ResolvedTrack, SourceCache
from recommendations.questions import (
    Answer,
    Question,
    answer_from_json,
    answer_to_json,
    track_from_json,
    track_to_json,
)
from vibe.clients.types import Track

HIT_DAYS = 60
EMPTY_DAYS = 30  # an empty answer is kept no longer: what a catalogue lacks it may get
MISS_DAYS = 7  # a track may be added to Spotify, or a search may have had a bad day


class StoredAnswers:
    """The `Memory` of a run: `SourceCache` as of `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def read(self, questions: Sequence[Question]) -> Mapping[Question, Answer]:
        if not questions:
            return {}
        wanted = {(question.service, question.key): question for question in questions}
        rows = SourceCache.objects.filter(key__in=[key for _service, key in wanted], expires_at__gt=self.now)
        return {wanted[r.source, r.key]: answer_from_json(r.answer) for r in rows if (r.source, r.key) in wanted}

    def write(self, answers: Mapping[Question, Answer]) -> None:
        rows = [
            SourceCache(
                source=question.service,
                key=question.key,
                answer=answer_to_json(answer),
                expires_at=self.now + timedelta(days=question.days if answer else min(question.days, EMPTY_DAYS)),
            )
            for question, answer in sorted(answers.items(), key=_place)
        ]
        SourceCache.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["source", "key"], update_fields=["answer", "expires_at"]
        )


def _place(kept: tuple[Question, Answer]) -> tuple[str, str]:
    return kept[0].service, kept[0].key


class StoredNames:
    """The `Names` of a run: `ResolvedTrack` as of `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def known(self, keys: Collection[str]) -> dict[str, Track | None]:
        rows = ResolvedTrack.objects.filter(match_key__in=keys, expires_at__gt=self.now)
        return {key: track_from_json(track) if track else None for key, track in rows.values_list("match_key", "track")}

    def learn(self, tracks: Mapping[str, Track | None]) -> None:
        rows = [
            ResolvedTrack(
                match_key=key,
                track=track_to_json(track) if track else None,
                expires_at=self.now + timedelta(days=HIT_DAYS if track else MISS_DAYS),
            )
            for key, track in sorted(tracks.items(), key=itemgetter(0))
        ]
        ResolvedTrack.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["match_key"], update_fields=["track", "expires_at"]
        )
