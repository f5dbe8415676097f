"""How Stripe is reached: one version, a bounded patience, no proxy to this machine.

Whose key it is, and what is asked, is for those who call: billing's gateway, and the providers of points.
"""

import stripe
from requests import Session as HttpSession
from stripe import StripeClient

CONNECT_SECONDS, READ_SECONDS = 3, 10
RETRIES = 2
_LOOPBACK = ("http://127.0.0.1:", "http://localhost:")


def make_client(key: str, *, base: str, version: str, retries: int = RETRIES) -> StripeClient:
    """A client for one key; `base` is another server, as the stand-in. Calls wait for a network, up to
    13 seconds a try."""
    # A proxy of the environment is for the world outside, not for the stand-in on this machine.
    session = None
    if base.startswith(_LOOPBACK):
        session = HttpSession()
        session.trust_env = False
    return StripeClient(
        key, stripe_version=version, max_network_retries=retries,
        base_addresses={"api": base} if base else None,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS), session=session),
    )  # fmt: skip


def is_live_key(key: str) -> bool:
    """Whether real money moves with this key."""
    return key.startswith(("sk_live_", "rk_live_"))
