"""Looks for candidates: as ever, or along the course of a wish for one list, of which it keeps what fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recommendations import steered_artist, steered_tags
from recommendations.candidates import Candidate, Found, Listening, Profile
from recommendations.collect import SourceReport, collect, collect_enough
from recommendations.converse import Budget, Memory, converse
from recommendations.dedupe import merge
from recommendations.questions import FAILED, Answer, Conversation, Question
from recommendations.ranking import rank
from recommendations.services import Services
from recommendations.sources import SOURCES, lastfm_tags
from recommendations.steered import Anew, Astray, Course
from recommendations.steering import Steer

Progress = Callable[..., None]  # progress(step, **counts)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a run asks, and with what means."""

    services: Services
    memory: Memory
    budget: Budget
    tick: Callable[[], None]

    def ask(self, questions: Sequence[Question]) -> Sequence[Answer]:
        talk = {"wish": _put(questions)}
        answers = converse(talk, self.services, self.memory, self.budget, self.tick)["wish"].result
        return [FAILED] * len(questions) if answers is None else answers


def search(
    profile: Profile, listening: Listening, wanted: float, way: Course | None, outside: Outside, progress: Progress
) -> tuple[list[Candidate], list[SourceReport]]:
    """`wanted`: tracks he does not know from which on it is enough."""
    if way:
        found, reports = _collect_along(way, outside)
    else:
        means = outside.services, outside.memory, outside.budget
        found, reports = collect_enough(profile, *means, _enough(listening, wanted), outside.tick)
    candidates = merge(found)
    by_source = {report.source: report.found for report in reports if report.state == "asked"}
    progress("candidates", found=len(found), candidates=len(candidates), **by_source)
    return candidates, reports


def to_rank(
    candidates: list[Candidate],
    profile: Profile,
    listening: Listening,
    wildness: float,
    way: Course | None,
    outside: Outside,
) -> dict[str, Any]:
    """What `rank` is called with: of the candidates, those that fit the wish; by an artist's course they all do."""
    own = {heard.key for heard in (*listening.likes, *listening.plays)}
    asked: dict[str, Any] = {"candidates": candidates, "profile": profile, "known": own, "wildness": wildness}
    if way and way.wanted:
        asked["candidates"] = steered_tags.kept(way, rank(**asked), outside.ask)
    return asked


def _enough(listening: Listening, wanted: float) -> Callable[[list[Found]], bool]:
    known = {heard.key for heard in (*listening.likes, *listening.plays)} | {given.key for given in listening.history}

    def enough(found: list[Found]) -> bool:
        near = merge(word for word in found if word.relation != "tag")  # there is always enough of what is well known
        return sum(candidate.key not in known for candidate in near) >= wanted

    return enough


def _put(questions: Sequence[Question]) -> Conversation[Sequence[Answer]]:
    return (yield questions)


def find_course(
    steer: Steer, listening: Listening, profile: Profile, size: int, anew: Anew, outside: Outside
) -> Course:
    """Raises `Astray` where the wish can't be followed."""
    lastfm = outside.services.available("lastfm")
    if not steer.artist and not lastfm:
        raise Astray("wish_no_tags")
    if not steer.artist:
        try:
            return steered_tags.course(steer, listening, profile, anew, outside.ask)
        except Astray as lost:
            if lost.code != "wish_unknown":
                raise
        # What is no style may be a name: `/generate Radiohead`.
        steer = replace(steer, artist=(steer.words,))
    return steered_artist.course(steer, listening, profile, size, anew, outside.ask, lastfm=lastfm)


def _collect_along(way: Course, outside: Outside) -> tuple[list[Found], list[SourceReport]]:
    """As `collect`; the tags are those of the wish and not the listener's."""
    others = [source for source in SOURCES if source is not lastfm_tags.SOURCE]
    found, reports = collect(way.profile, outside.services, outside.memory, outside.budget, outside.tick, others)
    if way.words:
        reports.append(SourceReport(lastfm_tags.SOURCE.name, "asked", 1, 1, found=len(way.words)))
    return way.on_course(found), reports
