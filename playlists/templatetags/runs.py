"""What a run says of itself, for templates: times in the current zone, words in the current language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats, timezone, translation

from playlists import notes

register = template.Library()
NAMES = {"spotify": "Spotify", "lastfm": "Last.fm", "telegram": "Telegram"}


@register.simple_tag
def sentence(code: str, params: Mapping[str, Any] | str = "", until: str = "") -> str:
    """The error of a run and what its listener can do; `params` may be missing. `until`: instead of the error's own."""
    known = {**params} if isinstance(params, Mapping) else {}
    told = known | ({"until": until} if until else {})
    return notes.sentence(code, told, timezone.get_current_timezone(), listener=True)


@register.filter
def reason(stored: Mapping[str, Any]) -> str:
    """Why a track was picked."""
    return notes.reason(stored)


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
