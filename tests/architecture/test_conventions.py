"""Conventions a reviewer should not have to repeat."""

import ast
import importlib
import inspect
import re
from collections import Counter
from statistics import median, quantiles

import pytest

from kernel.errors import DomainError
from tests.architecture.source import (
    PACKAGES,
    ROOT,
    calls,
    files,
    module_name,
    place,
    product,
    strings,
    tree,
)

SERVER_TIME = re.compile(
    r"\bnow\s*\(\s*\)|\bcurrent_(timestamp|date|time)\b|\blocaltime(stamp)?\b|"
    r"\b(clock|statement|transaction)_timestamp\b",
    re.I,
)
# api.md settled these two before the app had its plural name.
SETTLED = {"tenant.suspended", "tenant.not_ready", "earning.already_checked_in"}


def functions():
    for path in product():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def public_actions():
    for path in product():
        if path.name == "actions.py":
            module = importlib.import_module(module_name(path))
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    yield f"{module.__name__}.{name}", function


def test_actions_take_keywords_only_and_say_what_they_promise():
    actions = dict(public_actions())
    assert len(actions) > 20
    offenders = [
        label
        for label, function in actions.items()
        if not function.__doc__
        or any(
            p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)
            for p in inspect.signature(function).parameters.values()
        )
    ]
    assert offenders == []


def refusals():
    for path in product():
        if "class " in path.read_text() and "management" not in path.parts:
            importlib.import_module(module_name(path))
    waiting = [DomainError]
    while waiting:
        for sub in waiting.pop().__subclasses__():
            waiting.append(sub)
            if sub.__module__.split(".")[0] in PACKAGES:
                yield sub


def test_codes_of_refusals_are_unique_and_begin_with_their_app():
    classes = [cls for cls in set(refusals()) if "code" in vars(cls)]
    counted = Counter(cls.code for cls in classes)
    assert len(counted) > 40
    assert [code for code, times in counted.items() if times > 1] == []
    odd = [
        f"{cls.__module__}.{cls.__name__}: {cls.code}"
        for cls in classes
        if not re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", cls.code)
        or (cls.code.split(".")[0] not in cls.__module__.split(".") and cls.code not in SETTLED)
    ]
    assert odd == []


def test_refusals_have_a_4xx_or_503_and_a_message_whose_facts_can_be_filled():
    for cls in set(refusals()):
        assert 400 <= cls.status < 500 or cls.status == 503, cls
        named = re.findall(r"%\((\w+)\)", str(cls.message))
        assert str(cls(**dict.fromkeys(named, 1)))


def test_nobody_enters_a_merchant_with_a_with_statement():
    """`with tenant:` of django-tenants leaks between threads."""
    found = [
        place(path, item.context_expr)
        for path in (*product(), *files(".py", under="tests"))
        if re.search(r"\bwith\b.*(merchant|tenant)", path.read_text(), re.I)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Name | ast.Attribute)
        and re.search(r"merchant|tenant", ast.unparse(item.context_expr), re.I)
    ]
    found += [
        place(path, node)
        for path in product()
        for node, name in calls(path)
        if name.endswith(".__enter__")
    ]
    assert found == []


def test_apps_do_not_talk_by_signals():
    found = []
    for path in product():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and re.search(
                r"django\.(dispatch|(core|db\.models|contrib\.auth)\.signals)", node.module or ""
            ):
                found.append(place(path, node))
        found += [
            place(path, node)
            for node, name in calls(path)
            # `line` is a network connection's.
            if name.endswith(".connect") and not name.startswith(("psycopg2.", "line."))
        ]
    assert found == []


def test_business_dates_are_never_the_database_server_s():
    found = []
    for path in files(".sql", under="points"):
        text = re.sub(r"--[^\n]*", "", path.read_text())
        found += [f"{place(path)}: {m.group()}" for m in SERVER_TIME.finditer(text)]
    for path in product():
        if path.relative_to(ROOT).parts[0] == "points":
            found += [place(path, s) for s in strings(path) if SERVER_TIME.search(s.value)]
            found += [
                place(path, node) for node, name in calls(path) if name in ("Now", "functions.Now")
            ]
    assert found == []


def test_moments_carry_a_time_zone():
    naive = ("datetime.now", "datetime.datetime.now", "datetime.fromtimestamp")
    never = ("datetime.utcnow", "datetime.utcfromtimestamp", "date.today", "datetime.today")
    found = [
        place(path, node)
        for path in (*product(), *files(".py", under="tests"))
        if "date" in path.read_text()
        for node, name in calls(path)
        if (name in naive and len(node.args) + len(node.keywords) < (2 if "from" in name else 1))
        or name in never
    ]
    assert found == []


def test_the_clock_is_passed_in_to_actions_flows_queries_and_calculations():
    """Who asks for the time: surfaces, tasks and commands, which then pass `at=` down."""
    rooms = {"actions.py", "queries.py", "calculations.py", "models.py"}
    found = [
        f"{place(path, node)} {name}"
        for path in product()
        if path.relative_to(ROOT).parts[0] == "points"
        and "management" not in path.parts
        and "interfaces" not in path.parts
        and (path.name in rooms or (path.parent.name == "flows" and path.name != "tasks.py"))
        for node, name in calls(path)
        if name in ("datetime.now", "clock.now", "timezone.now", "time.time", "now")
    ]
    assert found == []


def test_functions_are_short(record_property):
    lengths = sorted(
        (node.end_lineno - node.lineno + 1, place(path, node), node.name)
        for path, node in functions()
    )
    counts = [lines for lines, *_ in lengths]
    outliers = [entry for entry in lengths if entry[0] > 60]
    record_property("longest_functions", lengths[-10:])
    assert median(counts) < 12
    assert quantiles(counts, n=20)[-1] < 40, lengths[-20:]
    assert len(outliers) <= 3, outliers


def test_modules_say_what_they_are_for():
    """All but Django's apps.py and the empty __init__.py of folders that only hold others."""
    found = [
        place(path)
        for path in product()
        if path.name != "apps.py" and path.read_text().strip() and not ast.get_docstring(tree(path))
    ]
    assert found == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_left_for_later_in_a_comment(word):
    found = [place(p) for p in product() if re.search(rf"#.*\b{word}\b", p.read_text())]
    assert found == []


def test_a_grant_that_the_programme_dates_says_whether_it_lives_by_activity():
    """`expires_at(expiry, …)` without `idle_rule(…)` beside it would expire under an active member."""
    found = []
    for path in product():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Grant"):
                given = {word.arg: word.value for word in node.keywords}
                dated = given.get("expires_at")
                is_dated = isinstance(dated, ast.Call) and "expires_at" in ast.unparse(dated.func)
                if is_dated and "idle_rule" not in given:
                    found.append(place(path, node))
    assert found == []
