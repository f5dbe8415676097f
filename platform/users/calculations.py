"""Pure text work on accounts."""


def normalise_email(email: str) -> str:
    """An address as it is stored and compared: without blanks around it, in lower case."""
    return email.strip().lower()
