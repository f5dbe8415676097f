"""The checkout as these tests read it: files, and Python as syntax trees."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    "config", "kernel", "users", "portal", "superadmin", "devstack", "tenants", "billing", "points",
]  # fmt: skip
_SKIPPED = {
    ".git", ".venv", ".cache", "node_modules", "dist", "__pycache__", "static", "media", "build",
    "coverage", ".hypothesis",
}  # fmt: skip


def files(*suffixes: str, under: str = "") -> Iterator[Path]:
    """Files a person wrote, with these endings."""
    for folder, names, found in os.walk(ROOT / under):
        names[:] = [n for n in names if n not in _SKIPPED and not n.startswith((".run", ".venv"))]
        yield from (Path(folder) / name for name in found if name.endswith(suffixes))


@cache
def product() -> tuple[Path, ...]:
    """The product's own Python: no tests, no migrations."""
    roots = [*(f"platform/{p}" for p in PACKAGES[:6]), *PACKAGES[6:]]
    every = [path for root in roots for path in files(".py", under=root)]
    return tuple(sorted(path for path in every if "migrations" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """`points/flows/tasks.py:12`, for a message."""
    line = f":{node.lineno}" if hasattr(node, "lineno") else ""
    return f"{path.relative_to(ROOT)}{line}"


def module_name(path: Path) -> str:
    """`points.flows.tasks`; what lies in platform/ is imported without it."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "platform" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def strings(path: Path) -> Iterator[ast.Constant]:
    """String constants that are no docstrings."""
    whole = tree(path)
    said = {
        id(node.body[0].value)
        for node in ast.walk(whole)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


@cache
def calls(path: Path) -> tuple[tuple[ast.Call, str], ...]:
    """Calls with the dotted text of what is called."""
    found = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return tuple((node, dotted(node.func)) for node in found)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of names and attributes; `….c` of anything else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"
