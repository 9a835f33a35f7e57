"""The pages for people: HTML small enough to stand here, nothing loaded from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from html import escape

from werkzeug.wrappers import Response

from vibe.sandbox import hands
from vibe.sandbox.state import Account, Playlist, Sandbox
from vibe.sandbox.wire import html
from vibe.sandbox.world import Track

STYLE = """
:root{color-scheme:light dark;--line:#8884;--accent:#1a7f37}
@media(prefers-color-scheme:dark){:root{--accent:#5fd38d}button[value=allow]{color:#06150c!important}}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}
a{color:var(--accent)}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
ol,ul{padding-left:1.4rem}li{margin:.15rem 0}small{opacity:.75}
.card{border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;margin:.8rem 0}
select,button{font:inherit;padding:.5rem .9rem;border-radius:.5rem;border:1px solid var(--line)}
li button{padding:.1rem .5rem;margin-right:.2rem}
button[value=allow]{background:var(--accent);color:#fff}
"""


def document(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}"
        "<p><small>A stand-in for tests and trials. Nothing here is Spotify.</small></p></body></html>"
    )


def answer(sandbox: Sandbox, path: str) -> Response:
    """The pages outside /authorize; whatever nobody serves is a page as well."""
    _, kind, key = [*path.split("/", 2), "", ""][:3]
    show = SHELVES.get(kind)
    text = home(sandbox) if path == "/" else show(sandbox, key) if show else None
    if text is None:
        return html(document("Nothing here", '<p><a href="/">All listeners</a></p>'), 404)
    return html(text)


def consent(sandbox: Sandbox, asked: dict[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
    )
    listeners = "".join(
        f'<option value="{escape(one.id)}">{escape(one.name)} ({len(one.likes)} likes)</option>'
        for one in sandbox.accounts.values()
    )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked["scope"].split()) or "<li>nothing special</li>"
    return document(
        "Connect to the pretend Spotify?",
        f'<form method="post" action="/authorize" class="card">{hidden}'
        f'<p><label>You are <select name="listener">{listeners}</select></label></p>'
        f"<p>The app <b>{escape(asked['client_id'])}</b> asks for:</p><ul>{scopes}</ul>"
        '<p><button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></p></form>',
    )


def home(sandbox: Sandbox) -> str:
    made = Counter(one.owner.id for one in sandbox.playlists.values())
    rows = "".join(
        f'<li><a href="/listener/{escape(one.id)}">{escape(one.name)}</a> '
        f"<small>{len(one.likes)} likes, {made[one.id]} playlists made</small></li>"
        for one in sandbox.accounts.values()
    )
    mode = "extended quota" if sandbox.extended else "development"
    about = f"{len(sandbox.world.artists):,} artists, {len(sandbox.world.tracks):,} tracks, {mode} mode."
    chat = '<p class="card"><a href="/chat"><b>Chat with the bot</b></a>, and watch its playlists appear beside it.</p>'
    return document("Pretend Spotify", f"{chat}<p>{about} Pick a listener:</p><ul>{rows}</ul>")


def listener(sandbox: Sandbox, account: Account) -> str:
    made = "".join(_playlist_card(sandbox, one) for one in reversed(sandbox.playlists.values()) if one.owner is account)
    likes = "".join(f"<li>{_line(sandbox, like.track.id)}</li>" for like in account.likes[:50])
    plays = "".join(f"<li>{_line(sandbox, play.track.id)}</li>" for play in account.plays[:20])
    return document(
        account.name,
        f'<p><a href="/">All listeners</a></p><h2>Playlists that were made</h2>{made or "<p>None yet.</p>"}'
        f"<h2>Liked ({len(account.likes)}, newest first)</h2><ul>{likes}</ul><h2>Heard lately</h2><ul>{plays}</ul>",
    )


def playlist(sandbox: Sandbox, one: Playlist) -> str:
    back = f'<p><a href="/listener/{escape(one.owner.id)}">{escape(one.owner.name)}</a></p>'
    told = "<p>Do with it as its listener would: play a track, like it, take it out.</p>"
    return document(one.name, f'{back}{told}<form method="post">{_playlist_card(sandbox, one, hands.buttons)}</form>')


def _music(title: str, sandbox: Sandbox, tracks: Iterable[Track]) -> str:
    rows = "".join(f"<li>{_line(sandbox, track.id)}</li>" for track in tracks)
    return document(title, f'<p><a href="/">All listeners</a></p><ul>{rows}</ul>')


def _listener_page(sandbox: Sandbox, key: str) -> str | None:
    account = sandbox.accounts.get(key)
    return listener(sandbox, account) if account else None


def _playlist_page(sandbox: Sandbox, key: str) -> str | None:
    one = sandbox.playlists.get(key)
    return playlist(sandbox, one) if one else None


def _track_page(sandbox: Sandbox, key: str) -> str | None:
    track = sandbox.world.tracks.get(key)
    return _music(track.name, sandbox, [track]) if track else None


def _album_page(sandbox: Sandbox, key: str) -> str | None:
    album = sandbox.discography.albums.get(key)
    return _music(album.name, sandbox, album.tracks) if album else None


def _artist_page(sandbox: Sandbox, key: str) -> str | None:
    artist = sandbox.world.artists.get(key)
    return _music(artist.name, sandbox, sandbox.discography.tracks_by_artist.get(key, [])) if artist else None


def _playlist_card(
    sandbox: Sandbox, one: Playlist, beside: Callable[[Sandbox, Playlist, Track], str] = lambda *_: ""
) -> str:
    ids = [entry.track_id for entry in one.entries]
    tracks = "".join(f"<li>{_line(sandbox, key)} {beside(sandbox, one, sandbox.world.tracks[key])}</li>" for key in ids)
    kept = "" if one in one.owner.playlists else ", removed from the library"
    return (
        f'<div class="card"><b><a href="/playlist/{escape(one.id)}">{escape(one.name)}</a></b> '
        f"<small>{'public' if one.public else 'private'}{kept}</small>"
        f"<p>{escape(one.description)}</p><ol>{tracks}</ol></div>"
    )


def _line(sandbox: Sandbox, track_id: str) -> str:
    track = sandbox.world.tracks[track_id]
    artists = ", ".join(artist.name for artist in track.artists)
    return f"{escape(artists)} – {escape(track.name)} <small>{escape(track.album)}</small>"


SHELVES: dict[str, Callable[[Sandbox, str], str | None]] = {
    "listener": _listener_page,
    "playlist": _playlist_page,
    "track": _track_page,
    "album": _album_page,
    "artist": _artist_page,
}
