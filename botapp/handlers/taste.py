"""What the listener says of tracks and artists, and how he takes it back."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import SpotifyAccount
from botapp import given, reading
from botapp.handlers.why import pointed_at, show_list
from botapp.turn import Turn, button, command
from playlists.models import PlaylistRunTrack
from recommendations import feedback, known
from recommendations.models import Feedback

PAGE = 10
LONGEST = 200  # letters of an artist's name; what is longer is no name


@command("like")
def like(turn: Turn) -> None:
    _word(turn, "like")


@command("dislike")
def dislike(turn: Turn) -> None:
    _word(turn, "dislike")


@button("more")
def more(turn: Turn) -> None:
    _word(turn, "more")


@command("block")
def block(turn: Turn) -> None:
    """Typed, with the artist's name; or asks for it."""
    if (account := _account(turn)) is None:
        return
    name = _line(turn.arguments)
    if not name or len(name) > LONGEST:
        turn.await_answer("block")
        turn.say("block_ask", too_long=bool(name))
        return
    artist = known.artist(account, name)
    if likes := known.likes_of(account, artist):
        turn.say("block_sure", artist=artist, count=likes.count(), yes=f"block_liked:{likes[0].pk}", back="")
    else:
        _block(turn, account, artist)


@button("block_liked")
def block_liked(turn: Turn) -> None:
    """`block_liked:<a like of that artist>`: typed, and confirmed."""
    if (account := _account(turn)) is None:
        return
    numbers = given.numbers(turn.arguments)
    liked = account.saved_tracks.filter(pk__in=numbers).first()
    if liked is None:
        turn.say("taste_gone", edit=True)
    else:
        _block(turn, account, known.artist_of(liked))


@button("block_of")
def block_of(turn: Turn) -> None:
    """`block_of:<run>:<position>`, and `:1` behind it once it was confirmed."""
    found, account = pointed_at(turn), _account(turn)
    if account is None:
        return
    if found is None:
        turn.say("taste_gone", edit=True)
        return
    artist = given.word(found, account)["artist"]
    here = f"{found.run_id}:{found.position}"
    likes = known.likes_of(account, artist)
    if likes and len(given.numbers(turn.arguments)) < 3:
        facts = {"artist": artist, "count": likes.count(), "yes": f"block_of:{here}:1", "back": f"track:{here}"}
        turn.say("block_sure", edit=True, **facts)
    else:
        _block(turn, account, artist, found)


@command("taste")
def taste(turn: Turn) -> None:
    """`taste:<page>` turns the pages."""
    if account := _account(turn):
        _show(turn, account, (*given.numbers(turn.arguments), 1)[0], edit=bool(turn.pressed and turn.arguments))


@button("unsay")
def unsay(turn: Turn) -> None:
    """`unsay:<word>`; behind it the page of `/taste` where it was pressed, or run and position of the track."""
    if (account := _account(turn)) is None:
        return
    row, *place = given.numbers(turn.arguments) or [0]
    said = account.feedback.filter(pk=row).first()
    taken_back = said.name if said else ""
    if said:
        said.delete()
    match place:
        case [page]:
            _show(turn, account, page, edit=True, taken_back=taken_back)
        case [run, position] if track := given.track_of(turn.user, run, position):
            turn.say("track", edit=True, **given.screen(track, account), taken_back=taken_back)
        case _:
            turn.say("taste_unsaid", edit=True, name=taken_back)


@button("unsay_more")
def unsay_more(turn: Turn) -> None:
    """`unsay_more:<moment>`: what `more_like` noted then, and not what had been said before."""
    if (account := _account(turn)) is None:
        return
    at = reading.moment(turn.arguments)
    if at and account.feedback.filter(kind=Feedback.Kind.MORE, created_at=at).delete()[0]:
        turn.say("more_like", edit=True, taken_back=True)
    else:
        turn.say("taste_unsaid", edit=True, name="")


def _account(turn: Turn) -> SpotifyAccount | None:
    """What is said is kept with the linked account; where there is none he is told so."""
    account = turn.user.spotify
    if account is None:
        turn.say("taste_unlinked")
    return account


def _word(turn: Turn, kind: str) -> None:
    """On the track whose button was pressed, or whose number in the latest playlist was written."""
    if (account := _account(turn)) is None:
        return
    found = pointed_at(turn) if turn.pressed else _numbered(turn, kind)
    if found is None:
        if turn.pressed:
            turn.say("taste_gone", edit=True)
        return
    said = feedback.say(account, kind, **given.word(found, account), now=turn.now)
    facts = given.screen(found, account) | {"said": kind, "word": said.pk}
    turn.say("track", edit=True, **facts)


def _numbered(turn: Turn, kind: str) -> PlaylistRunTrack | None:
    """None where the list was shown instead, to choose from."""
    run, place = given.latest(turn.user), given.position(turn.arguments)
    found = given.track_of(turn.user, run.pk, place) if run and place else None
    if found is None:
        if run:
            turn.await_answer(kind)
        show_list(turn, run, command=kind, wrong=reading.quoted(turn.arguments))
    return found


def _line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def _block(turn: Turn, account: SpotifyAccount, artist: str, track: PlaylistRunTrack | None = None) -> None:
    said, is_new = feedback.block(account, artist, turn.now)
    back = f"{track.run_id}:{track.position}" if track else ""
    turn.say("block_done", edit=True, artist=said.name, word=said.pk, is_new=is_new, back=back)


def _show(turn: Turn, account: SpotifyAccount, page: int, *, edit: bool, **more: Any) -> None:
    rows = account.feedback.order_by("-created_at", "-pk")
    pages = max(-(-rows.count() // PAGE), 1)
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE
    words = [_row(number, row) for number, row in enumerate(rows[first : first + PAGE], first + 1)]
    turn.say("taste", edit=edit, words=words, page=page, pages=pages, **more)


def _row(number: int, row: Feedback) -> dict[str, Any]:
    return {"number": number, "word": row.pk, "kind": row.kind, "name": row.name}
