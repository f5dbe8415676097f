"""Refusals that were written down, in the language of whoever reads them later."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.errors import DomainError


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a refusal's code; the code itself when nobody knows it any more."""
    refusal = next((one for one in _refusals(DomainError) if vars(one).get("code") == code), None)
    return str(refusal(**facts)) if refusal else code


def _refusals(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in of.__subclasses__():
        yield one
        yield from _refusals(one)
