"""Is anybody there, and who am I to them?"""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.db import connection
from points.interfaces.partner import schemas
from points.interfaces.partner.base import PartnerEndpoint


class Ping(PartnerEndpoint):
    """The first call of an integration."""

    @operation(
        summary="Check the key and the connection",
        description="Whose shop the host is, what the key may do, and the shop's time of now.",
        answers={200: schemas.PingOut},
        scope="points:read",
    )
    def get(self, request: Request) -> schemas.PingOut:
        merchant, caller = connection.tenant, self.request.auth
        return schemas.PingOut(
            merchant=merchant.slug, mode=merchant.mode, now=clock.now(), key_prefix=caller.prefix,
            scopes=caller.scopes,
        )  # fmt: skip
