"""What must be true when everything is quiet again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Outbox
from playlists.models import PlaylistRun
from playlists.states import Status
from playlists.tests.chaos.field import Field
from recommendations.models import RecommendationHistory


@dataclass
class Row:
    """A line of the table."""

    check: str
    happened: str  # in numbers
    seconds: float
    troubles: list[str] = field(default_factory=list)  # each in a line; none is a pass

    def shown(self, database: str) -> str:
        end = f"**FAIL** ({len(self.troubles)})" if self.troubles else "pass"
        return f"| {self.check} | {database} | {self.happened} | {end} | {self.seconds:.0f} |"


@dataclass
class Outside:
    """What the pretend services hold at one moment."""

    playlists: list[dict[str, Any]]
    messages: list[str]

    @classmethod
    def look(cls, ground: Field) -> Outside:
        state = ground.sandbox.state()
        return cls(state["playlists"], [str(message) for message in state["messages"]])

    def followed(self, run: PlaylistRun) -> list[dict[str, Any]]:
        """The playlists in the library that carry the run's marker."""
        return [one for one in self.playlists if one["followed"] and run.marker in one["description"]]

    def made(self, runs: Iterable[PlaylistRun]) -> int:
        """How many playlists were ever created with the markers of these runs, whatever became of them."""
        markers = {run.marker for run in runs}
        return sum(any(marker in one["description"] for marker in markers) for one in self.playlists)

    def told(self, playlist_id: str) -> int:
        """How many messages carry this playlist."""
        return sum(playlist_id in message for message in self.messages)


def playlist_troubles(run: PlaylistRun, outside: Outside) -> list[str]:
    """Exactly one playlist with exactly the plan, and the row says so; one that failed or was tidied away has none."""
    followed = outside.followed(run)
    if run.status != Status.SUCCESS:
        return [f"run {run.pk} is {run.status} {run.error_code}"]
    if run.tidied_at:
        return [f"run {run.pk}: tidied away and still there"] if followed else []
    if len(followed) != 1:
        return [f"run {run.pk}: {len(followed)} playlists"]
    troubles = []
    if followed[0]["id"] != run.playlist_id:
        troubles.append(f"run {run.pk}: the row names another playlist")
    planned = [track["id"] for track in run.planned]
    if [track["id"] for track in followed[0]["tracks"]] != planned or run.total != len(planned):
        troubles.append(f"run {run.pk}: not the planned tracks")
    if list(run.tracks.order_by("position").values_list("spotify_track_id", flat=True)) != planned:
        troubles.append(f"run {run.pk}: the tracks' rows differ from the plan")
    return troubles


def standing_troubles(run: PlaylistRun, outside: Outside) -> list[str]:
    """The row's playlist is in the library with exactly the plan; the marker in it is its maker's."""
    tracks = [one["tracks"] for one in outside.playlists if one["followed"] and one["id"] == run.playlist_id]
    if run.status != Status.SUCCESS or len(tracks) != 1:
        return [f"run {run.pk}: {run.status} {run.error_code}, {len(tracks)} playlists"]
    is_planned = [track["id"] for track in tracks[0]] == [track["id"] for track in run.planned]
    return [] if is_planned else [f"run {run.pk}: not the planned tracks"]


def history_troubles(user_id: int, runs: Sequence[PlaylistRun]) -> list[str]:
    """Each track was counted once for each good run of the user that gave it; `runs`: all of his."""
    given = Counter(track["id"] for run in runs if run.status == Status.SUCCESS for track in run.planned)
    rows = RecommendationHistory.objects.filter(account__user=user_id)
    counted = dict(rows.values_list("spotify_track_id", "times_recommended"))
    return [] if counted == given else [f"user {user_id}: history counted wrongly"]


def message_troubles(runs: Sequence[PlaylistRun], outside: Outside, most_repeats: int = 0) -> list[str]:
    """Every success was told of; at most so many times in all once more."""
    done = [run for run in runs if run.status == Status.SUCCESS]
    sent = set(Outbox.objects.filter(status=Outbox.Status.SENT, kind="playlist").values_list("key", flat=True))
    troubles = [f"run {run.pk}: its message is not sent" for run in done if f"run:{run.pk}:done" not in sent]
    due = Counter(run.playlist_id for run in done)  # a standing playlist is told of once for each of its runs
    troubles += [f"playlist {key}: untold" for key, count in due.items() if outside.told(key) < count]
    count = repeats(runs, outside)
    return [*troubles, *([f"{count} messages were repeated"] if count > most_repeats else [])]


def repeats(runs: Sequence[PlaylistRun], outside: Outside) -> int:
    due = Counter(run.playlist_id for run in runs if run.status == Status.SUCCESS)
    return sum(max(0, outside.told(key) - count) for key, count in due.items())
