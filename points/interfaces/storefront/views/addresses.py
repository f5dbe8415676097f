"""Where the member has parcels sent."""

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, NotSignedIn
from kernel.shapes import given
from points.interfaces.finding import require_id
from points.interfaces.storefront import shop_rendering as rendering
from points.interfaces.storefront import shop_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint
from points.shop import address_actions as actions
from points.shop.errors import AddressNotFound, TooManyAddresses
from points.shop.queries import list_addresses


class Addresses(MemberEndpoint):
    """The member's addresses. GET: 2 queries."""

    @operation(
        summary="List addresses, the default first",
        answers={200: shapes.SavedAddressItems},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> shapes.SavedAddressItems:
        rows = list_addresses(member=self.member.pk)
        return shapes.SavedAddressItems(items=[rendering.address(row) for row in rows])

    @operation(
        summary="Keep an address",
        description="At most 20. The first is the default.",
        body=shapes.SavedAddressIn,
        answers={201: shapes.SavedAddressOut},
        refuses=[TooManyAddresses, KeyReused, NotSignedIn, CsrfFailed],
        idempotency_key="optional",
    )
    def post(self, request: Request, body: shapes.SavedAddressIn) -> shapes.SavedAddressOut:
        row = actions.add_address(
            member_id=self.member.pk, fields=msgspec.structs.asdict(body), at=clock.now()
        )
        return rendering.address(row)


class AddressView(MemberEndpoint):
    """One of the member's addresses; somebody else's is not found."""

    @operation(
        summary="Change an address",
        body=shapes.SavedAddressChange,
        answers={200: shapes.SavedAddressOut},
        refuses=[AddressNotFound, NotSignedIn, CsrfFailed],
    )
    def patch(
        self, request: Request, body: shapes.SavedAddressChange, address_id: str
    ) -> shapes.SavedAddressOut:
        row = actions.change_address(
            member_id=self.member.pk, address_id=require_id(address_id, AddressNotFound),
            changes=given(body),
        )  # fmt: skip
        return rendering.address(row)

    @operation(
        summary="Forget an address",
        answers={204: None},
        refuses=[AddressNotFound, NotSignedIn, CsrfFailed],
    )
    def delete(self, request: Request, address_id: str) -> None:
        parsed = require_id(address_id, AddressNotFound)
        actions.remove_address(member_id=self.member.pk, address_id=parsed)
