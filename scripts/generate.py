"""Writes what is generated: the OpenAPI files, from the operations' own declarations, and the JSON
Schema of conditions.

python scripts/generate.py            write
python scripts/generate.py --check    fail when a committed file is stale
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
sys.path.append(str(ROOT / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


def generated() -> dict[str, str]:
    """File name in docs/api → its text."""
    import yaml

    from config.surfaces import documents
    from points.conditions.document import json_schema

    texts = {
        f"{name}.yaml": yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
        for name, document in documents().items()
    }
    schema = json.dumps(json_schema(), ensure_ascii=False, indent=2)
    return {**texts, "conditions.schema.json": schema + "\n"}


def main() -> int:
    import django

    django.setup()
    stale = []
    for name, text in generated().items():
        file = ROOT / "docs" / "api" / name
        if file.exists() and file.read_text() == text:
            continue
        if "--check" in sys.argv:
            stale.append(str(file.relative_to(ROOT)))
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
    if stale:
        print(f"Stale: {', '.join(stale)}. Run `make generate` and commit the result.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
