"""A name in both languages, kept in one text: what a merchant calls something, noted for good.

Entries of the ledger and explanations are never changed, and are read in either language later.
"""

SEPARATOR = "\x1f"


def pack(zh: str, en: str) -> str:
    """Both names as one text; one text alone when they are the same or only one is there."""
    if not (zh and en) or zh == en:
        return zh or en
    return f"{zh}{SEPARATOR}{en}"


def unpack(text: str, language: str) -> str:
    """The name in a language; a text that holds one alone is that in every language."""
    zh, _, en = text.partition(SEPARATOR)
    return zh if not en or language.startswith("zh") else en
