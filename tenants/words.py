"""Forms of words a merchant chooses."""

# Endings of English plurals, the longest first, and what stands there for one.
_ENDINGS = (
    ("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ss", "ss"),
    ("us", "us"), ("s", ""),
)  # fmt: skip


def singular(name: str) -> str:
    """A name of points as it is said of one: points → point, berries → berry, bonus → bonus.

    A word that is no regular English plural (cash, 豆) stays as it is; of several words the last
    changes (Groove Coins → Groove Coin).
    """
    for ending, one in _ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending) + 1:
            return name[: len(name) - len(ending)] + one
    return name
