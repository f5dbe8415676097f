"""What wallets are made of in the model: lots, holds, what was spent of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


class Refused(Exception):
    """The rules say no; nothing has moved."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Lot:
    """What one grant put into a wallet."""

    number: int
    wallet: "Wallet"
    granted: int
    remaining: int
    granted_at: datetime
    ripe_at: datetime
    ends_at: datetime | None
    is_ripe: bool
    payer: str
    price: int
    origin: str
    # How its end follows the member's last activity; None for lots that do not live by it.
    idle: Callable[[datetime], datetime] | None = None
    held: int = 0
    expired: int = 0

    def has_ended(self, at: datetime) -> bool:
        """Whether it is over at a moment."""
        return self.ends_at is not None and self.ends_at <= at

    @property
    def turn(self) -> tuple:
        """Soonest end first, then the oldest, those without an end last."""
        end = (self.ends_at is None, self.ends_at.timestamp() if self.ends_at else 0.0)
        return (*end, self.granted_at, self.number)


@dataclass(eq=False)
class Hold:
    """Points set aside; `parts` are lots and how much of each."""

    number: int
    wallet: "Wallet"
    points: int
    ends_at: datetime
    parts: list[list]
    status: str = "open"
    spending: "Spending | None" = None


@dataclass(eq=False)
class Spending:
    """Points that were spent: drawn from these lots, in this order; what came back of each."""

    wallet: "Wallet"
    points: int
    draws: list[list] = field(default_factory=list)

    @property
    def returned(self) -> int:
        """How much has come back."""
        return sum(back for _, _, back in self.draws)


@dataclass(eq=False)
class Wallet:
    """One member's points."""

    member: str
    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    debt: int = 0
    lifetime: int = 0
    active_at: datetime | None = None
    poured_into: "Wallet | None" = None

    @property
    def available(self) -> int:
        """Ripe and free; right once everything due is booked."""
        return sum(lot.remaining for lot in self.lots if lot.is_ripe)

    @property
    def pending(self) -> int:
        """Not ripe yet."""
        return sum(lot.remaining for lot in self.lots if not lot.is_ripe)

    @property
    def held(self) -> int:
        """Set aside by open holds."""
        return sum(hold.points for hold in self.holds if hold.status == "open")
