"""The vocabulary of the doctor: a check looks at one thing and yields what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vibe.doctor.exam import Exam


class State(TextChoices):
    OK = "ok", _("ok")
    MEND = "mend", _("to mend")
    INFO = "info", _("for information")
    SKIPPED = "not_checked", _("not checked")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, in the operator's language; `remedy` is "" where there is nothing to do."""

    name: str
    title: str
    state: State
    found: str
    remedy: str = ""

    @property
    def label(self) -> str:
        return str(State(self.state).label)


class Finding(NamedTuple):
    state: State
    found: str
    remedy: str = ""


class Skipped(Exception):
    """The check can't be made now; the text says why."""


class Check(NamedTuple):
    """`needs`: rows without which this one can say nothing. `asks`: somebody outside. `writes`: at Spotify."""

    name: str
    title: Promise
    look: Callable[[Exam], Iterable[Finding]]
    needs: tuple[str, ...] = ()
    asks: bool = False
    writes: bool = False


def ok(found: str) -> Finding:
    return Finding(State.OK, found)


def mend(found: str, remedy: str) -> Finding:
    return Finding(State.MEND, found, remedy)


def note(found: str, remedy: str = "") -> Finding:
    return Finding(State.INFO, found, remedy)
