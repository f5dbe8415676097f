"""What is noted in the audit log has words for it in the console, in both languages."""

import re

import msgspec
import pytest

from points.program.calculations import ProgramSettings
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


def settings_paths(section: type[msgspec.Struct] = ProgramSettings, begins: str = "") -> list[str]:
    """Every setting of a programme as the log names it: `cash.min_points`."""
    found: list[str] = []
    for field in msgspec.structs.fields(section):
        path = f"{begins}{field.name}"
        is_section = isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
        found += settings_paths(field.type, f"{path}.") if is_section else [path]
    return found


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_setting_has_words(locale):
    """A text of its page (lib/audit.test.ts holds that there is one), or one of its own."""
    paths = settings_paths()
    assert {"face_value_points_per_unit", "cash.payout", "distribution.level1_rate"} <= set(paths)
    ours = (LOCALES.parent / "lib" / "auditFields.ts").read_text()
    words = "".join(
        (LOCALES / locale / f"{name}.ts").read_text() for name in ("oversight", "settingsLog")
    )
    missing = [
        path
        for path in paths
        if not re.search(rf"^  '?{re.escape(path)}'?: '", ours, re.M)
        and f" {path.replace('.', '_')}: '" not in words
    ]
    assert missing == []
