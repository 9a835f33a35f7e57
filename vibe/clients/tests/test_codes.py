"""Every code an error can carry, read from the source, has a sentence for the listener it stops."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playlists.notes import ERRORS

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("code", "kind")  # the parameters that carry one
# After the run, where the outbox keeps them, or of the bot's poll alone.
TELEGRAM_ONLY = {"bad_token", "blocked", "chat_not_found", "message_gone", "conflict", "webhook_set"}
LASTFM_ONLY = {"bad_key"}  # costs a source, never the run: it is a figure of its report
NO_SENTENCE = TELEGRAM_ONLY | LASTFM_ONLY


@dataclass
class Module:
    tree: ast.Module
    tables: dict[str, ast.expr] = field(default_factory=dict)  # module-level names


def modules() -> list[Module]:
    paths = [*(ROOT / "vibe/clients").glob("*.py"), *(ROOT / "accounts").rglob("*.py")]
    found = [Module(ast.parse(path.read_text("utf-8"))) for path in paths if "tests" not in path.parts]
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                module.tables[node.targets[0].id] = node.value
    return found


def signatures(found: list[Module]) -> dict[str, tuple[str, ...]]:
    """The positional parameters of ServiceError and all that derive from it; one without __init__ has its base's."""
    known: dict[str, tuple[str, ...]] = {"ServiceError": ("service", "code")}
    classes = [node for module in found for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    while new := [one for one in classes if one.name not in known and base_of(one) in known]:
        for one in new:
            inits = [node for node in one.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
            own = [tuple(argument.arg for argument in init.args.args[1:]) for init in inits]
            known[one.name] = own[0] if own else known[base_of(one)]
    return known


def base_of(one: ast.ClassDef) -> str:
    return one.bases[0].id if one.bases and isinstance(one.bases[0], ast.Name) else ""


def codes() -> set[str]:
    found = modules()
    known = signatures(found)
    carried: set[str] = set()
    for module in found:
        for scope in ast.walk(module.tree):
            if isinstance(scope, ast.FunctionDef):
                carried |= set(defaults(scope))
                for expression in carrying(scope, known):
                    read = set(texts(expression, scope, module))
                    assert read or is_passed_on(expression, scope), ast.unparse(expression)
                    carried |= read
    return carried


def carrying(scope: ast.FunctionDef, known: dict[str, tuple[str, ...]]) -> Iterator[ast.expr]:
    """What calls within a function give as the code of an error."""
    for call in ast.walk(scope):
        match call:
            case ast.Call(func=ast.Name(name)) if name in known:
                parameters = known[name]
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__")):
                parameters = ("service", "until", "code") if len(call.args) == 3 else ("service", "code")
            case _:
                continue
        yield from (given for name, given in zip(parameters, call.args, strict=False) if name in NAMES)
        yield from (keyword.value for keyword in call.keywords if keyword.arg in NAMES)


def texts(expression: ast.expr, scope: ast.FunctionDef, module: Module) -> Iterator[str]:
    """The strings an expression may be, through tables of the module and names of the function."""
    match expression:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp(body=first, orelse=second):
            yield from (*texts(first, scope, module), *texts(second, scope, module))
        case ast.Dict(values=values):
            yield from (text for value in values for text in texts(value, scope, module))
        case ast.Subscript(value=table):
            yield from texts(table, scope, module)
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, default]):
            yield from (*texts(table, scope, module), *texts(default, scope, module))
        case ast.Name(name):
            told = [module.tables[name]] if name in module.tables else []
            for value in (*told, *bound(name, scope)):
                yield from texts(value, scope, module)


def bound(name: str, scope: ast.FunctionDef) -> Iterator[ast.expr]:
    """What a name of a function stands for: an assignment, or its place in the rows of a loop."""
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(target)], value=value) if target == name:
                yield value
            case ast.For(target=ast.Tuple(names), iter=ast.Tuple(rows)):
                places = [place for place, one in enumerate(names) if isinstance(one, ast.Name) and one.id == name]
                yield from (row.elts[place] for row in rows if isinstance(row, ast.Tuple) for place in places)


def defaults(scope: ast.FunctionDef) -> Iterator[str]:
    arguments = scope.args.args
    for argument, default in zip(reversed(arguments), reversed(scope.args.defaults), strict=False):
        if argument.arg in NAMES and isinstance(default, ast.Constant) and default.value:
            yield str(default.value)


def is_passed_on(expression: ast.expr, scope: ast.FunctionDef) -> bool:
    """A parameter: what its callers give was read there."""
    return isinstance(expression, ast.Name) and expression.id in {argument.arg for argument in scope.args.args}


def test_the_walk_reads_codes_in_every_form_the_source_has():
    literal, table, loop, default, choice = "refresh_busy", "too_large", "premium", "needs_reconnect", "consent_ended"
    assert {literal, table, loop, default, choice, "token_no_key", "gone", "quota_exceeded", "malformed"} <= codes()


def test_every_code_that_can_end_a_run_has_a_sentence():
    assert codes() - set(ERRORS) == NO_SENTENCE


def test_every_code_is_described():
    page = (ROOT / "docs/outside-services.md").read_text("utf-8")
    assert not {code for code in codes() if f"`{code}`" not in page}
