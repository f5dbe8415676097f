"""Keeps the Chinese catalogue complete: `.venv/bin/python scripts/messages.py [--check]`.

Finds every text of the Python code and the templates, adds what is missing to the .po file with an
empty translation, drops what nobody uses any more, and compiles the .mo file. With `--check` it
writes nothing and fails, naming what is missing, stale, untranslated or garbled.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("platform", "tenants", "billing", "points")
PO = ROOT / "platform/config/locale/zh_Hans/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
# How many arguments of each function are texts, and which of them is the context.
FUNCTIONS = {
    "_": (1, False),
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (2, True),
    "pgettext_lazy": (2, True),
    "npgettext": (3, True),
    "npgettext_lazy": (3, True),
}
CALL_IN_TEMPLATE = re.compile(
    r"\b(?:n?p?gettext|_)\((?:\s*u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")\s*,?)+"
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
METADATA = {
    "Project-Id-Version": "jifen",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass(frozen=True)
class Text:
    """One text to translate."""

    msgid: str
    plural: str = ""
    context: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        """What a catalogue looks it up by."""
        return self.context, self.msgid


def find_texts() -> dict[Text, list[str]]:
    """Every text, with the files it stands in."""
    found: dict[Text, list[str]] = {}
    for file in _list_files():
        read = _in_python if file.suffix == ".py" else _in_template
        for text in read(file):
            place = str(file.relative_to(ROOT))
            places = found.setdefault(text, [])
            if place not in places:
                places.append(place)
    return found


def merge(catalogue: polib.POFile, texts: dict[Text, list[str]]) -> polib.POFile:
    """A catalogue of exactly these texts, with the translations there are."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    merged = polib.POFile(wrapwidth=98)
    merged.metadata = METADATA
    for text in sorted(texts, key=lambda one: (texts[one][0], one.msgid)):
        old = known.get(text.key)
        entry = polib.POEntry(
            msgid=text.msgid,
            msgctxt=text.context,
            occurrences=[(place, "") for place in texts[text]],
        )
        if text.plural:
            entry.msgid_plural = text.plural
            entry.msgstr_plural = {0: old.msgstr_plural.get(0, "") if old else ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        merged.append(entry)
    return merged


def list_faults(catalogue: polib.POFile, texts: dict[Text, list[str]]) -> Iterator[str]:
    """What keeps the catalogue from being complete."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    wanted = {text.key: places for text, places in texts.items()}
    for key, places in wanted.items():
        if key not in known:
            yield f"missing: {key[1]!r} ({', '.join(places)})"
    for key, entry in known.items():
        translation = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        if key not in wanted:
            yield f"stale: {key[1]!r}"
        elif not translation or entry.fuzzy:
            yield f"untranslated: {key[1]!r}"
        elif _placeholders(translation) != _placeholders(entry.msgid_plural or entry.msgid):
            yield f"other placeholders: {key[1]!r} and {translation!r}"


def main() -> int:
    """Write the catalogue, or check it; 1 if something is left to do."""
    is_check = "--check" in sys.argv[1:]
    texts = find_texts()
    catalogue = polib.pofile(str(PO)) if PO.exists() else polib.POFile()
    if not is_check:
        catalogue = merge(catalogue, texts)
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_text(f"{catalogue}\n" if not str(catalogue).endswith("\n") else str(catalogue))
        MO.write_bytes(catalogue.to_binary())
    faults = list(list_faults(catalogue, texts))
    if is_check and (not MO.exists() or MO.read_bytes() != catalogue.to_binary()):
        faults.append("the .mo file is not made from the .po file")
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{len(texts)} texts, {len(faults)} to do\n")
    return 1 if faults else 0


def _list_files() -> Iterator[Path]:
    for source in SOURCES:
        for file in sorted((ROOT / source).rglob("*")):
            is_template = file.suffix in (".html", ".txt") and "templates" in file.parts
            if (file.suffix == ".py" and "migrations" not in file.parts) or is_template:
                yield file


def _in_python(file: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in FUNCTIONS:
                yield from _from_arguments(name, node.args)


def _in_template(file: Path) -> Iterator[Text]:
    if not settings.configured:
        settings.configure()
    source = templatize(file.read_text(), origin=str(file))
    for call in CALL_IN_TEMPLATE.finditer(source):
        node = ast.parse(call.group().rstrip(" ,") + ")", mode="eval").body
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        yield from _from_arguments(node.func.id, node.args)


def _from_arguments(name: str, arguments: Iterable[ast.expr]) -> Iterator[Text]:
    wanted, has_context = FUNCTIONS[name]
    words = [one.value for one in arguments if isinstance(one, ast.Constant)][:wanted]
    texts = [word for word in words if isinstance(word, str)]
    if len(texts) != wanted or not texts[-1]:
        return  # a variable: its texts are marked where they are written
    context = texts.pop(0) if has_context else None
    yield Text(texts[0], texts[1] if len(texts) > 1 else "", context)


def _placeholders(text: str) -> set[str]:
    return {"".join(found) for found in PLACEHOLDER.findall(text)}


if __name__ == "__main__":
    sys.exit(main())
