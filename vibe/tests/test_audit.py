from __future__ import annotations

from django.conf import settings

from vibe.audit import pinned, verdict

PINS = {"django": "5.2.19", "psycopg": "3.3.9"}


def row(name: str, version: str, *flaws: str) -> dict:
    return {"name": name, "version": version, "vulns": [{"id": flaw, "fix_versions": ["9.9"]} for flaw in flaws]}


def test_every_pin_is_read():
    assert pinned("# why\nDjango==5.2.19\npsycopg[binary]==3.3.9\n-r other.txt\nruamel.yaml_x==1\n") == {
        **PINS,
        "ruamel-yaml-x": "1",
    }
    assert len(pinned((settings.BASE_DIR / "requirements.txt").read_text())) > 20


def test_all_looked_up_and_nothing_known_is_well():
    assert verdict({"dependencies": [row("Django", "5.2.19"), row("psycopg", "3.3.9")]}, PINS) == []


def test_a_known_weakness_is_named_with_what_mends_it():
    report = {"dependencies": [row("django", "5.2.19", "PYSEC-1"), row("psycopg", "3.3.9")]}
    assert verdict(report, PINS) == ["django 5.2.19: PYSEC-1, mended in 9.9"]


def test_what_was_skipped_was_not_audited():
    skipped = {"name": "psycopg", "skip_reason": "Dependency not found on PyPI"}
    wrong = verdict({"dependencies": [row("django", "5.2.19"), skipped]}, PINS)
    assert wrong == ["1 of 2 packages could not be audited: psycopg", "  Dependency not found on PyPI"]


def test_an_audit_of_nothing_or_of_other_versions_has_failed():
    assert verdict({"dependencies": []}, PINS)[0].startswith("2 of 2 packages could not")
    other = {"dependencies": [row("django", "5.2.18"), row("psycopg", "3.3.9")]}
    assert verdict(other, PINS) == ["1 of 2 packages could not be audited: django"]
    assert verdict({"dependencies": []}, {}) == ["There is nothing to audit."]
