"""Writes what is generated: the OpenAPI files, from the operations' own declarations, and the JSON
schemas of conditions and of the events that webhooks tell.

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


def main() -> int:
    import django

    django.setup()
    wanted = {**_api_files(), **_event_files()}
    stale = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "docs" / "events").glob("*.json")
        if file not in wanted
    ]
    for file, text in wanted.items():
        if file.exists() and file.read_text() == text:
            continue
        if "--check" in sys.argv:
            stale.append(str(file.relative_to(ROOT)))
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
    if stale:
        print(f"Stale or left over: {', '.join(stale)}. Run `make generate` and commit the result.")
    return 1 if stale else 0


def _api_files() -> dict[Path, str]:
    import yaml

    from config.surfaces import documents
    from points.conditions.document import json_schema

    texts = {
        f"{name}.yaml": yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
        for name, document in documents().items()
    }
    schema = json.dumps(json_schema(), ensure_ascii=False, indent=2)
    texts["conditions.schema.json"] = schema + "\n"
    return {ROOT / "docs" / "api" / name: text for name, text in texts.items()}


def _event_files() -> dict[Path, str]:
    from points.webhooks.catalogue import describe_schemas

    return {
        ROOT / "docs" / "events" / f"{topic}.json": json.dumps(schema, indent=2) + "\n"
        for topic, schema in describe_schemas().items()
    }


if __name__ == "__main__":
    sys.exit(main())
