"""What can go wrong with the stack, said in one sentence."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says what to do about it."""


class PortTaken(StackError):
    """Another program listens on the port."""
