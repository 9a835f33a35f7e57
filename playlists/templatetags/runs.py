"""What a run says of itself, for templates: times in the current zone, words in the current language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats, timezone, translation

from playlists import notes, promise, reasons, story, wishes
from vibe.clients.services import NAMES

register = template.Library()


@register.simple_tag
def sentence(code: str, params: Mapping[str, Any] | str = "", until: str = "") -> str:
    """The error of a run and what its listener can do; `params` may be missing. `until`: instead of the error's own."""
    known = {**params} if isinstance(params, Mapping) else {}
    told = known | ({"until": until} if until else {})
    return notes.sentence(code, told, timezone.get_current_timezone(), listener=True)


@register.filter
def reason(stored: Mapping[str, Any]) -> str:
    """Why a track was picked."""
    return reasons.sentence(stored)


@register.filter
def brief(stored: Mapping[str, Any]) -> str:
    """The same in a few words."""
    return reasons.brief(stored)


@register.filter
def story_lines(told: Mapping[str, Any]) -> list[str]:
    """The whole story of a track."""
    return story.lines(told)


@register.filter
def wish(told: Mapping[str, Any] | str) -> str:
    """What was wished of this list alone; empty where nothing was."""
    return wishes.sentence(told) if isinstance(told, Mapping) else ""


@register.filter
def kept(figures: Mapping[str, Any]) -> list[str]:
    """How many new tracks were asked and are there, in sentences."""
    return promise.kept(figures)


@register.filter
def gave_way(figures: Mapping[str, Any]) -> list[str]:
    """Each rule that gave way, as a sentence."""
    return promise.gave_way(figures)


@register.filter
def source(name: str) -> str:
    """Where a track was found."""
    return notes.source(name)


@register.filter
def relaxation(code: str) -> str:
    """A rule that gave way."""
    return notes.relaxation(code)


@register.filter
def day(iso: str) -> str:
    return formats.date_format(date.fromisoformat(iso), "DATE_FORMAT")


@register.filter
def at(iso: str, now: datetime) -> str:
    """HH:MM, with the date where that is not today's. UTC is named: it may stand for a zone nobody has told yet."""
    local, today = timezone.localtime(datetime.fromisoformat(iso)), timezone.localdate(now)
    hour = f"{local:%H:%M}" + (" UTC" if local.tzname() == "UTC" else "")
    return hour if local.date() == today else f"{_month_day(local)}, {hour}"


def _month_day(local: datetime) -> str:
    # Django's own Russian format has the month in the nominative, which no Russian says after a day.
    return formats.date_format(local, "j E" if translation.get_language() == "ru" else "MONTH_DAY_FORMAT")


@register.filter
def service(name: str) -> str:
    """The name a person knows."""
    return NAMES.get(name, name)
