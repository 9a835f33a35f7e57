"""Fakes below the libraries: answers at HTTP, a clock and a stopwatch that only move when told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import responses as faked

from vibe.clients.meter import Meter

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@dataclass
class Time:
    """Wall clock and stopwatch in one; sleeping moves both."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return (self.now - NOW).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def meter(time: Time) -> Meter:
    return Meter(time.clock, {}, sleep=time.sleep, monotonic=time.monotonic)


@pytest.fixture
def web() -> Iterator[faked.RequestsMock]:
    """Every request of the `requests` library; one without an answer fails as a broken connection."""
    with faked.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield web
