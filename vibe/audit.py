"""Whether a known weakness sits in what requirements.txt pins: `make audit`. Standard library only.

pip-audit skips what it cannot look up and ends well all the same; here an audit that missed anything has failed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")


def pinned(requirements: str) -> dict[str, str]:
    """The version of each package, by its normalized name (https://peps.python.org/pep-0503/)."""
    pins = filter(None, map(PIN.match, requirements.splitlines()))
    return {_normal(pin[1]): pin[2] for pin in pins}


def verdict(report: Any, pins: dict[str, str]) -> list[str]:
    """What is wrong with an audit, as lines; none means that all was looked up and nothing is known of it."""
    rows = {_normal(row["name"]): row for row in report["dependencies"]}
    looked_up = {name for name, row in rows.items() if "vulns" in row and row.get("version") == pins.get(name)}
    missed = sorted(pins.keys() - looked_up)
    wrong = [
        f"{name} {row['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for name, row in sorted(rows.items())
        for flaw in row.get("vulns", ())
    ]
    if missed:
        reasons = sorted({row["skip_reason"] for row in rows.values() if "skip_reason" in row})
        wrong.append(f"{len(missed)} of {len(pins)} packages could not be audited: {', '.join(missed)}")
        wrong += [f"  {reason}" for reason in reasons[:3]]
    return wrong if pins else ["There is nothing to audit."]


def main(requirements: Path) -> int:
    command = ["pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip", "--format", "json"]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(f"Nothing could be audited:\n{done.stderr.strip()[-2000:]}", file=sys.stderr)  # noqa: T201
        return 1
    pins = pinned(requirements.read_text("utf-8"))
    wrong = verdict(report, pins)
    print("\n".join(wrong) or f"{len(pins)} packages audited, nothing is known of them.")  # noqa: T201
    return 1 if wrong else 0


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
