"""Asks every source that can be asked, side by side; each may fail alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace

from recommendations.candidates import Found, Profile
from recommendations.converse import Budget, Memory, Outcome, converse
from recommendations.services import Services
from recommendations.source import Source
from recommendations.sources import SOURCES


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source's share of a run, as the run row and the log keep it."""

    source: str
    state: str  # asked, off (not configured), gone (removed by the service), not_needed
    asked: int = 0
    answered: int = 0
    cached: int = 0
    found: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    ms: int = 0

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def collect(
    profile: Profile,
    services: Services,
    memory: Memory,
    budget: Budget,
    tick: Callable[[], None] = lambda: None,
    sources: Iterable[Source] = SOURCES,
) -> tuple[list[Found], list[SourceReport]]:
    states = {source: state(source, services) for source in sources}
    asked = {source.name: source.find(profile) for source, now in states.items() if now == "asked"}
    outcomes = converse(asked, services, memory, budget, tick)
    found = [word for outcome in outcomes.values() for word in outcome.result or ()]
    return found, [report(source, now, outcomes.get(source.name)) for source, now in states.items()]


def collect_enough(
    profile: Profile,
    services: Services,
    memory: Memory,
    budget: Budget,
    enough: Callable[[list[Found]], bool],
    tick: Callable[[], None] = lambda: None,
) -> tuple[list[Found], list[SourceReport]]:
    """`collect`, and where that is not enough once more with a wide profile.

    The second time most answers are remembered, so only what is asked about further artists costs calls.
    """
    found, reports = collect(profile, services, memory, budget, tick)
    if enough(found):
        return found, reports
    further, later = collect(replace(profile, wide=True), services, memory, budget, tick)
    # A source that found nothing more keeps its first report, which tells what its trouble was.
    return found + further, [max(pair, key=lambda one: one.found) for pair in zip(reports, later, strict=True)]


def state(source: Source, services: Services) -> str:
    if not services.available(source.service):
        return "off"
    if not services.available(source.service, source.capability):
        return "gone"
    if source.instead_of and services.available(source.service, source.instead_of):
        return "not_needed"
    return "asked"


def report(source: Source, now: str, outcome: Outcome[list[Found]] | None) -> SourceReport:
    if outcome is None:
        return SourceReport(source.name, now)
    return SourceReport(
        source.name,
        now,
        asked=outcome.asked,
        answered=outcome.answered,
        cached=outcome.cached,
        found=len(outcome.result or ()),
        errors=dict(outcome.errors),
        ms=outcome.ms,
    )
