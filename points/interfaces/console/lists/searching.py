"""What staff type into a search box, as conditions on the database."""

import re
from typing import Annotated

from msgspec import Meta

# Parts of a cursor come from outside: texts PostgreSQL can hold, numbers that fit a bigint.
CursorText = Annotated[str, Meta(pattern=r"^[^\x00]*$", max_length=300)]
CursorInt = Annotated[int, Meta(ge=-(2**62), le=2**62)]


def starts_with(text: str) -> str:
    """A LIKE pattern for what begins with a text, whatever signs are in it."""
    return re.sub(r"([%_\\])", r"\\\1", text) + "%"


def member_condition(q: str, *, sees_contacts: bool) -> tuple[str, list[str]]:
    """SQL condition on `members_member m`, and its values.

    The beginning of the member's number or of any word of the name; the code shown at the till;
    phone and e-mail by their beginning for those who see them, else only in full: a prefix search
    would unmask them figure by figure. All but the name have a unique index to serve them.
    """
    text = q.strip()
    begins = starts_with(text)
    conditions = ["m.external_id like %s", "m.name ilike %s", "m.name ilike %s"]
    values = [begins, begins, f"% {begins}"]
    if text.isdigit():
        conditions.append("m.code = %s")
        values.append(text)
    for column, contact in (("phone", re.sub(r"[\s().\-]", "", text)), ("email", text.lower())):
        if contact and sees_contacts:
            conditions.append(f"(m.{column} like %s and m.{column} <> '')")
            values.append(starts_with(contact))
        elif contact:
            conditions.append(f"(m.{column} = %s and m.{column} <> '')")
            values.append(contact)
    return f"({' or '.join(conditions)})", values
