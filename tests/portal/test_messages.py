"""Every text has a Chinese translation, and the tool that says so can be believed."""

import polib
import pytest

from scripts import messages
from scripts.messages import Text


def catalogue_of(*entries: polib.POEntry) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.extend(entries)
    return catalogue


def test_nothing_is_left_untranslated():
    catalogue = polib.pofile(str(messages.PO))
    assert list(messages.list_faults(catalogue, messages.find_texts())) == []
    assert messages.MO.read_bytes() == catalogue.to_binary()


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("_('one')", [Text("one")]),
        ("gettext_lazy('joined ' 'text')", [Text("joined text")]),
        ("pgettext('month', 'May')", [Text("May", context="month")]),
        ("ngettext('%(n)s day', '%(n)s days', n)", [Text("%(n)s day", "%(n)s days")]),
        ("translation.gettext('dotted')", [Text("dotted")]),
        ("gettext(variable)", []),
    ],
)
def test_texts_are_found_in_python(tmp_path, source, texts):
    file = tmp_path / "code.py"
    file.write_text(source)
    assert list(messages._in_python(file)) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "It\'s open" %}', [Text("It's open")]),
        ("{% translate 'May' context 'month' %}", [Text("May", context="month")]),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", [Text("Hello %(name)s")]),
        (
            "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days"
            "{% endblocktranslate %}",
            [Text("%(n)s day", "%(n)s days")],
        ),
        ("<p>{{ _('inline') }}</p>", [Text("inline")]),
        ("<p>plain</p>", []),
    ],
)
def test_texts_are_found_in_templates(tmp_path, source, texts):
    file = tmp_path / "page.html"
    file.write_text(source)
    assert list(messages._in_template(file)) == texts


def test_what_is_missing_stale_untranslated_or_garbled_is_named():
    catalogue = catalogue_of(
        polib.POEntry(msgid="stale", msgstr="旧"),
        polib.POEntry(msgid="empty", msgstr=""),
        polib.POEntry(msgid="%(n)s left", msgstr="还剩 %(count)s"),
        polib.POEntry(msgid="fine", msgstr="好"),
    )
    texts = {Text(one): ["a.py"] for one in ("missing", "empty", "%(n)s left", "fine")}
    faults = [fault.partition(":")[0] for fault in messages.list_faults(catalogue, texts)]
    assert sorted(faults) == ["missing", "other placeholders", "stale", "untranslated"]


def test_writing_keeps_translations_and_drops_what_nobody_uses():
    catalogue = catalogue_of(
        polib.POEntry(msgid="kept", msgstr="留"), polib.POEntry(msgid="stale", msgstr="旧")
    )
    merged = messages.merge(catalogue, {Text("kept"): ["a.py"], Text("new"): ["b.py"]})
    assert [(entry.msgid, entry.msgstr) for entry in merged] == [("kept", "留"), ("new", "")]
