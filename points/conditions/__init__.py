"""Conditions: a small, checked language over named facts, written as JSON Logic trees.

A library without tables. `parse` checks a tree against a schema of fields, `judge` tells whether it
holds and why, `describe` says it in plain words, `to_sql` asks the database the same question.
It never runs anything a user wrote, and never reads a fact by itself: callers hand facts in.
The language: docs/concepts/conditions.md.
"""

from points.conditions.errors import ConditionInvalid
from points.conditions.fields import OPERATORS, Choice, Field, Kind, Operator, Schema, Wildcard
from points.conditions.judging import Judgement, Leaf, holds, judge
from points.conditions.parsing import parse
from points.conditions.sql import Column, to_sql
from points.conditions.tree import Condition
from points.conditions.wording import describe, describe_found

__all__ = [
    "OPERATORS",
    "Choice",
    "Column",
    "Condition",
    "ConditionInvalid",
    "Field",
    "Judgement",
    "Kind",
    "Leaf",
    "Operator",
    "Schema",
    "Wildcard",
    "describe",
    "describe_found",
    "holds",
    "judge",
    "parse",
    "to_sql",
]
