from __future__ import annotations


def test_it_answers_without_a_session_or_a_database(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_it_answers_head_and_refuses_the_rest(client):
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 405
