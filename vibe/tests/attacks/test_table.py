from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

DOCUMENT = settings.BASE_DIR / "docs" / "security.md"


def rows(module: Path) -> list[tuple[str, str]]:
    """Attack and outcome of each test, from the first line of its docstring."""
    tests = [node for node in ast.parse(module.read_text()).body if isinstance(node, ast.FunctionDef)]
    told = [ast.get_docstring(test) or "" for test in tests if test.name.startswith("test_")]
    return [(attack.strip(), outcome.strip()) for attack, _, outcome in (line.partition("|") for line in told)]


def test_the_table_of_attacks_is_that_of_the_tests():
    modules = [path for path in sorted(Path(__file__).parent.glob("test_*.py")) if path.name != "test_table.py"]
    tried = [row for module in modules for row in rows(module)]
    assert all(attack and outcome for attack, outcome in tried)
    table = re.search(
        r"<!-- attacks -->\n(.*?)<!-- end of attacks -->", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
    )
    assert table is not None
    told = re.findall(r"^\| (?!attack|---)(.+?) \| (.+?) \|$", table[1], re.MULTILINE)
    assert sorted(told) == sorted(tried)
