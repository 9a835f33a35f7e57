"""What a listener can wish: how many tracks, how new, how wild, in which languages; and how the bot speaks to him."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts import mix
from accounts.models import User
from botapp import people, reading
from botapp.handlers import operator
from botapp.turn import Turn, command
from playlists.states import Status

MODES = {
    "fresh": User.Mode.FRESH,
    "new": User.Mode.FRESH,
    "каждый день": User.Mode.FRESH,
    "standing": User.Mode.STANDING,
    "one": User.Mode.STANDING,
    "один": User.Mode.STANDING,
}
LANGUAGES = {
    **dict.fromkeys(("en", "eng", "english", "английский", "англ"), "en"),
    **dict.fromkeys(("ru", "rus", "russian", "русский", "рус"), "ru"),
}


@command("setsize")
def setsize(turn: Turn) -> None:
    _wish(turn, "setsize", "size", "playlist_size", reading.size(turn.arguments))


@command("setratio")
def setratio(turn: Turn) -> None:
    _wish(turn, "setratio", "ratio", "min_new_ratio", reading.share(turn.arguments))


@command("wild")
def wild(turn: Turn) -> None:
    _wish(turn, "wild", "wild", "wildness", reading.dial(turn.arguments))


@command("languages")
def languages(turn: Turn) -> None:
    chosen, wrong = None, mix.Unreadable()
    try:
        chosen = mix.read(turn.arguments)
    except mix.Unreadable as why:
        wrong = why
    wrongly = {"wrong": reading.quoted(wrong.unknown)} if wrong.unknown else {}
    why_not = {"is_unknown": bool(wrong.unknown), "total": wrong.total, **wrongly}
    _wish(turn, "languages", "languages", "languages", chosen, lately=_lately(turn.user), **why_not)


def _lately(user: User) -> dict[str, float]:
    """The shares in percent that the latest list was to have because he listens so; none where nothing is known."""
    told = user.runs.filter(status=Status.SUCCESS, languages=mix.AUTO).order_by("-pk").values_list("report__languages")
    (aimed,) = told.first() or (None,)
    return {language: 100 * share for language, share in ((aimed or {}).get("aimed") or {}).items()}


@command("mode")
def mode(turn: Turn) -> None:
    _wish(turn, "mode", "mode", "playlist_mode", MODES.get(reading.plain(turn.arguments)))


@command("lang", everybody=True)
def lang(turn: Turn) -> None:
    chosen = LANGUAGES.get(reading.plain(turn.arguments))
    _wish(turn, "lang", "lang", "language", chosen)
    if chosen and not people.is_let_in(turn.user):
        operator.ask(turn)  # what he could not read
    elif chosen:
        turn.say("lang_set")  # brings the keyboard in the new language


def _wish(turn: Turn, name: str, kind: str, field: str, value: Any, **more: Any) -> None:
    """Stores what command `name` read, if anything, and shows what holds now; else waits for a better word."""
    user = turn.user
    if value is None:
        turn.await_answer(name)
    else:
        setattr(user, field, value)
        user.save(update_fields=[field])
    wrong = reading.quoted(turn.arguments) if value is None else ""
    turn.say(kind, edit=True, **{"changed": value is not None, "wrong": wrong, **wishes(user), **more})


def wishes(user: User) -> dict[str, Any]:
    percent = round(user.ratio * 100, 2)
    return {
        "size": user.size,
        "share": percent,
        "percent": f"{percent:g}",
        "wildness": user.wildness,
        "languages": user.languages,
        "shares": mix.shares(user.languages),
        "mode": user.playlist_mode,
        "language": user.language,
        "days": settings.TIDY_AFTER_DAYS,
    }
