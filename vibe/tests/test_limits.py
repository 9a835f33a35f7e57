"""Which doors are limited, and that one who is sent away elsewhere is not kept out here."""

from __future__ import annotations

import pytest

LIMITED = {"/auth/spotify/start?token=x": 20, "/auth/spotify/callback?state=x": 20, f"/runs/{'x' * 22}": 60}


@pytest.mark.parametrize(("path", "limit"), LIMITED.items())
def test_an_address_that_asks_too_often_waits(client, db, path, limit):
    # On a slow machine a token or two drop meanwhile.
    answers = [client.get(path).status_code for _ in range(2 * limit)]
    assert 429 not in answers[:limit]
    assert 429 in answers
    assert client.get("/health").status_code == 200
    assert client.get(path, REMOTE_ADDR="198.51.100.1").status_code != 429
