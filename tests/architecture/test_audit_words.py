"""What is noted in the audit log has words for it in the console, in both languages."""

import re

import pytest

from tests.architecture.source import ROOT

ACTION = re.compile(r'(?:audit|action)(?:\(|=)\s*"([a-z_]+\.[a-z_]+)"')
LOCALES = ROOT / "frontend" / "apps" / "console" / "src" / "locales"


def noted_actions() -> set[str]:
    files = (ROOT / "points").rglob("*.py")
    return {action for file in files for action in ACTION.findall(file.read_text())}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_action_has_words(locale):
    actions = noted_actions()
    assert {"member.merged", "tier.added", "program.changed"} <= actions
    words = (LOCALES / locale / "oversight.ts").read_text()
    assert {one for one in actions if f" {one.replace('.', '_')}: " not in words} == set()
