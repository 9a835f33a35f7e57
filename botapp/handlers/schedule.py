"""When the daily playlist is made, and by whose clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from botapp import cities, reading, upcoming
from botapp.turn import Turn, command

NOT_TOLD = "UTC"  # the zone of whoever has not told his; who chooses UTC gets its other name
COMMON = {
    "en": ("Europe/London", "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Europe/Moscow"),
    "ru": ("Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Kyiv", "Asia/Tbilisi"),
}


@command("schedule")
def schedule(turn: Turn) -> None:
    """The hour of the daily playlist. Who has not told his zone is asked for it next."""
    words = turn.arguments
    at = reading.hour(words)
    if at is None and not reading.is_off(words):
        turn.await_answer("schedule")
        turn.say("schedule", edit=True, wrong=reading.quoted(words), **facts(turn.user, turn.now))
        return
    # From now on: an hour that has passed today is tomorrow's, for he may well have a list of today's already.
    turn.user.nightly_at, turn.user.nightly_since = at, turn.now
    turn.user.save(update_fields=["nightly_at", "nightly_since"])
    turn.say("schedule", edit=True, changed=True, **facts(turn.user, turn.now))
    if at is not None and not is_told(turn.user):
        _ask_zone(turn)


@command("timezone")
def timezone(turn: Turn) -> None:
    """His zone, by a city, a country or a distance to UTC."""
    if not turn.arguments:
        _ask_zone(turn, edit=True)
        return
    found = cities.find(turn.arguments, turn.now)
    if not found.zone:
        _ask_zone(turn, wrong=reading.quoted(turn.arguments), zones=found.suggestions)
        return
    turn.user.timezone = found.zone
    turn.user.save(update_fields=["timezone"])
    fixed = found.zone.startswith("Etc/")
    turn.say("timezone", edit=True, changed=True, fixed=fixed, suggestions=[], **facts(turn.user, turn.now))


def _ask_zone(turn: Turn, *, edit: bool = False, wrong: str = "", zones: tuple[str, ...] = ()) -> None:
    turn.await_answer("timezone")
    offered = zones or COMMON.get(turn.user.language, COMMON["en"])
    places = [{"zone": zone, "clock": clock(ZoneInfo(zone), turn.now)} for zone in offered]
    turn.say("timezone", edit=edit, wrong=wrong, meant=bool(zones), suggestions=places, **facts(turn.user, turn.now))


def is_told(user: User) -> bool:
    return user.timezone != NOT_TOLD


def facts(user: User, now: datetime) -> dict[str, Any]:
    told = {"zone": user.timezone, "known": is_told(user), "clock": clock(user.zone, now)}
    return told | upcoming.facts(user, now)


def clock(zone: ZoneInfo, now: datetime) -> str:
    return f"{now.astimezone(zone):%H:%M}"
