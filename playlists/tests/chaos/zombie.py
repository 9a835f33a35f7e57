"""A process freezes at a labelled point until its lease is over and another has finished; then it thaws."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from playlists.tests.chaos.field import LEASE, Child, Field
from playlists.tests.chaos.points import LABELS, finish, helped, helper, quiet_troubles, start
from playlists.tests.chaos.verdict import Row

IN_TRANSACTION = "finishing"
SAMPLE = ("planned", "creating", "created", "filled", "message_sending")  # in the short harness


def zombie(field: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    field.sandbox.clear_faults()
    labels = SAMPLE if short else tuple(label for label in LABELS if label != IN_TRANSACTION)
    troubles = _outside_transactions(field, labels) + ([] if short else _in_transaction(field))
    happened = f"{len(labels)} processes frozen past their lease, each finished by another, then thawed"
    if not short:
        happened += "; one more frozen inside its last transaction, which holds the other up until it is thawed"
    return [Row("SIGSTOP at each point, another finishes, SIGCONT", happened, time.monotonic() - begun, troubles)]


def _outside_transactions(field: Field, labels: Sequence[str]) -> list[str]:
    zombies = {label: start(field, label, signal.SIGSTOP) for label in labels}
    troubles = [f"{label}: never reached" for label, (_run, frozen) in zombies.items() if not frozen.wait_stopped()]
    time.sleep(LEASE)  # the outbox's lease too, which begins later
    runs = {label: run for label, (run, _frozen) in zombies.items()}
    troubles += finish(field, list(runs.values()))
    for label, (_run, frozen) in zombies.items():
        troubles += [f"{label}: {trouble}" for trouble in thawed(frozen)]
    # Thawed right before or after it speaks, a zombie says again what another has said meanwhile.
    repeats = sum(label.startswith("message") for label in labels)
    return troubles + quiet_troubles(runs, field, repeats)


def _in_transaction(field: Field) -> list[str]:
    """Its locks keep the other from finishing (SQLite: from writing at all), so it is thawed while the other waits."""
    run, frozen = start(field, IN_TRANSACTION, signal.SIGSTOP)
    troubles = [] if frozen.wait_stopped() else [f"{IN_TRANSACTION}: never reached"]
    time.sleep(LEASE)
    other = helper(field, [run])
    time.sleep(LEASE)
    troubles += [f"{IN_TRANSACTION}: {trouble}" for trouble in [*thawed(frozen), *helped(other)]]
    return troubles + quiet_troubles({IN_TRANSACTION: run}, field, 0)


def thawed(frozen: Child) -> list[str]:
    """How a zombie ended that must end by itself and quietly."""
    frozen.send(signal.SIGCONT)
    code = frozen.join()
    if code == 0 and not frozen.tracebacks:
        return []
    return [f"the zombie ended with {code}, {frozen.tracebacks} tracebacks: {frozen.last_words}"]
