"""Where members' data lies, app by app: the one place that merging, export and erasure ask.

Every table with a column that names a member stands in HOLDINGS with what becomes of its rows: how
they are locked before a merge, moved in it, told in an export, and rid of the person in an erasure.
A table that is not named here fails a test.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kernel.db import connection
from points.cash import red_packets
from points.checkin import actions as checkin
from points.earning import actions as earning
from points.referral import actions as referral
from points.referral.distributors import unite_distributors
from points.shop import address_actions as addresses
from points.shop import cart_actions as cart

Members = Sequence[uuid.UUID]
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One table, and its name in an export.

    `columns` are what an export tells; `personal` what an erasure empties, column → SQL value.
    `move` unites rows where naming the survivor is not enough; None: it is done elsewhere, in the
    order of locks that the flow spells out. `is_locked`: rows that others hold before a wallet.
    `keeps_name`: rows that are never changed, or lead on; reads of the survivor look for them.
    `goes`: rows that are nothing without the person; an erasure deletes them.
    """

    table: str
    part: str
    columns: Sequence[str]
    move: Callable[..., None] | None
    order: str = "id"
    personal: dict[str, str] | None = None
    is_locked: bool = False
    keeps_name: bool = False
    goes: bool = False


def _rename(table: str) -> Callable[..., None]:
    """The loser's rows name the survivor."""

    def move(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"update {table} set member_id = %s where member_id = %s", [survivor, loser]
            )

    return move


# Explanations show the facts they looked at: which rules gave what stays, the facts go.
def _unexplained(rules: str) -> str:
    return (
        f"coalesce((select jsonb_agg(one || '{{\"leaves\": []}}') from jsonb_array_elements({rules})"
        " as one), '[]')"
    )


_OF_ORDERS = (
    "case when evaluation->'rules' is null then evaluation else"
    " jsonb_set(evaluation, '{rules}', " + _unexplained("evaluation->'rules'") + ") end"
)

HOLDINGS: tuple[Holding, ...] = (
    # Poured by `ledger.merge_wallets`; what an export tells of them is in `_LEDGER`.
    Holding("ledger_wallet", "wallets", (
        "unit", "available", "pending", "held", "debt", "lifetime_earned",
    ), move=None, keeps_name=True),
    # Moved, ended and erased by `members.identity`.
    Holding("members_memberidentity", "identities", (
        "channel", "external_id", "linked_at",
    ), move=None),
    Holding("members_membersession", "sessions", ("created_at", "expires_at"), move=None,
            order="created_at"),
    Holding("orders_order", "orders", (
        "channel", "external_id", "status", "currency", "goods_cents", "shipping_cents",
        "tax_cents", "discount_cents", "offset_points", "offset_cents", "refunded_cents",
        "points_earned", "points_clawed_back", "points_returned", "placed_at", "completed_at",
    ), move=_rename("orders_order"), is_locked=True, personal={"evaluation": _OF_ORDERS}),
    Holding("redemption_redemption", "redemptions", (
        "code", "status", "quantity", "points", "price_cents", "currency", "payment", "paid_at",
        "delivery", "address", "tracking", "delivered", "valid_until", "used_at", "created_at",
        "fulfilled_at", "cancelled_at", "cancel_reason",
    ), move=_rename("redemption_redemption"), is_locked=True,
        personal={"address": "null", "tracking": "''", "cancel_reason": "''"}),
    Holding("checkin_checkin", "check_ins", (
        "local_date", "streak", "is_made_up", "base_points", "milestones", "cost_points",
        "checked_in_at",
    ), move=checkin.unite_days),
    # Rows that wait are locked by who decides, before the wallet.
    Holding("adjustments_adjustment", "adjustments", (
        "points", "reason", "status", "requested_at", "expires_at", "decided_at", "decision_note",
    ), move=_rename("adjustments_adjustment"), is_locked=True, personal={
        "reason": "''", "decision_note": "''",
        # Nobody is there any more to give points to: what waits has run out.
        "expires_at": "case when status = 'waiting' then requested_at else expires_at end",
    }),
    # Three tables of one app, united in one go.
    Holding("earning_earningevent", "events", (
        "external_id", "type", "properties", "points_earned", "occurred_at", "received_at",
    ), move=earning.unite_members, personal={"properties": "'{}'", "evaluation": _unexplained("evaluation")}),
    Holding("earning_award", "awards", (
        "rule_id", "version", "planned_points", "granted_points", "status", "reason", "occurred_at",
    ), move=None),
    Holding("earning_awardcount", "award_counts", ("rule_id", "period", "times", "points"),
            move=None, order="rule_id, period"),
    # Rows of an import that were checked and wait; written ones are gone.
    Holding("imports_importrow", "import_rows", ("raw",), move=_rename("imports_importrow"),
            order="member_import_id, number", personal={
        "raw": "'{}'", "plan": "null", "status": "'refused'",
        "problem": "'{\"code\": \"members.erased\", \"field\": \"\", \"facts\": {}}'",
    }),
    # The survivor is reassessed when all is moved: `tiers.unite_members`, called by the flow.
    Holding("tiers_membertier", "tier", (
        "tier_id", "earned_tier_id", "since", "keeps_until", "grace_ends_at", "manual_until",
        "reason",
    ), move=None, order="member_id", personal={"reason": "''"}),
    Holding("tiers_tiermove", "tier_moves", (
        "kind", "from_tier_id", "to_tier_id", "why", "occurred_at",
    ), move=None, keeps_name=True),
    Holding("shop_cartline", "cart", ("variant_id", "quantity", "added_at"),
            move=cart.unite_carts, goes=True),
    Holding("shop_address", "addresses", (
        "name", "phone", "region", "line", "is_default", "created_at",
    ), move=addresses.unite_addresses, goes=True),
    # Locked before coupons and wallets by whoever moves one. Goods that are on their way need an
    # address; it goes when they have arrived.
    Holding("shop_order", "shop_orders", (
        "number", "status", "currency", "list_cents", "payable_cents", "cash_cents",
        "offset_points", "shipping_cents", "refunded_cents", "coupons", "address", "note",
        "created_at", "paid_at", "completed_at",
    ), move=_rename("shop_order"), is_locked=True, personal={
        "address": "case when status in ('paid', 'shipped') then address end", "note": "''",
    }),
    # Held by a checkout before it comes to a wallet.
    Holding("coupons_coupon", "coupons", (
        "code", "state", "terms", "source", "issued_at", "valid_from", "valid_until", "reference",
        "used_at", "discount_cents", "returned_at", "ended_at", "void_reason",
    ), move=_rename("coupons_coupon"), is_locked=True, personal={"void_reason": "''"}),
    # Open ones are locked by who decides, before the wallet.
    Holding("cash_withdrawal", "withdrawals", (
        "cents", "status", "provider", "payee_name", "payee_account", "requested_at", "decided_at",
        "decision_note", "reference", "closed_at",
    ), move=_rename("cash_withdrawal"), is_locked=True, personal={
        "payee_name": "''", "payee_account": "''", "decision_note": "''",
        "details": "details - 'package_info'",
    }),
    Holding("cash_redpacketshare", "red_packet_shares", (
        "red_packet_id", "cents", "taken_at",
    ), move=red_packets.unite_shares),
    # Whom a member invited is named as well; commissions are moved with it.
    Holding("referral_referral", "referrals", (
        "source", "status", "reason", "invitee_points", "claimed_at", "decided_at",
    ), move=referral.unite_referrals, personal={"device_hash": "null", "code": "''"}),
    Holding("referral_distributor", "distributor", (
        "status", "level", "message", "applied_at", "admitted_at", "decided_at", "note",
    ), move=unite_distributors, personal={"message": "''", "note": "''"}),
    Holding("referral_commission", "commissions", (
        "level", "rate", "base_cents", "amount_cents", "paid_cents", "taken_back_cents", "status",
        "earned_at", "closes_at", "settled_at",
    ), move=None),
)  # fmt: skip

# The ledger names its wallet, not the member.
_LEDGER = {
    "transactions": (
        "select w.unit, t.kind, t.amount, t.balance_after, t.reference,"
        " replace(t.note, chr(31), ' / ') as note, t.occurred_at, t.posted_at"
        " from ledger_transaction t join ledger_wallet w on w.id = t.wallet_id"
        " where w.member_id = any(%s::uuid[]) order by t.occurred_at, t.id"
    ),
    "lots": (
        "select w.unit, l.granted, l.remaining, l.held, l.expired, l.granted_at, l.matures_at,"
        " l.expires_at from ledger_lot l join ledger_wallet w on w.id = l.wallet_id"
        " where w.member_id = any(%s::uuid[]) order by l.id"
    ),
    "order_lines": (
        "select o.external_id as order_external_id, l.external_id, l.sku, l.category, l.quantity,"
        " l.amount_cents, l.points, l.refunded_cents from orders_orderline l"
        " join orders_order o on o.id = l.order_id where o.member_id = any(%s::uuid[])"
        " order by o.placed_at, o.id, l.position"
    ),
    "expiry_notices": (
        "select w.unit, n.expires_date, n.days, n.told_at from ledger_expirynotice n"
        " join ledger_wallet w on w.id = n.wallet_id where w.member_id = any(%s::uuid[])"
        " order by n.expires_date, n.days desc"
    ),
    "refunds": (
        "select o.external_id as order_external_id, r.external_id, r.amount_cents,"
        " r.points_clawed_back, r.points_returned, r.refunded_at from orders_refund r"
        " join orders_order o on o.id = r.order_id where o.member_id = any(%s::uuid[])"
        " order by r.refunded_at, r.id"
    ),
}


def lock(*, member: uuid.UUID) -> None:
    """Lock the rows that others hold before they come to the wallet, in order of their ids."""
    with connection.cursor() as cursor:
        for holding in HOLDINGS:
            if holding.is_locked:
                cursor.execute(
                    f"select 1 from {holding.table} where member_id = %s order by id for update",
                    [member],
                )


def move(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Every row that names the loser names the survivor; one to three statements a table."""
    for holding in HOLDINGS:
        if holding.move is not None:
            holding.move(loser=loser, survivor=survivor)


def collect(*, members: Members) -> dict[str, Rows]:
    """All rows that are these members', by part; one query a part, values as the database has them."""
    found = {
        holding.part: _rows(
            f"select {', '.join(holding.columns)} from {holding.table}"
            f" where member_id = any(%s::uuid[]) order by {holding.order}",
            members,
        )
        for holding in HOLDINGS
    }
    return found | {part: _rows(sql, members) for part, sql in _LEDGER.items()}


def erase(*, members: Members) -> None:
    """Rid every row of these members of the person; numbers, dates and states stay.

    Events that were delivered go, from the log of webhooks as well; those that wait keep ids, amounts
    and dates alone. Answers kept for
    Idempotency-Keys that tell of them go. The members are marked as erased by then.
    """
    ids = list(members)
    with connection.cursor() as cursor:
        for holding in HOLDINGS:
            if holding.goes:
                cursor.execute(
                    f"delete from {holding.table} where member_id = any(%s::uuid[])", [ids]
                )
            if holding.personal:
                emptied = ", ".join(f"{name} = {value}" for name, value in holding.personal.items())
                cursor.execute(
                    f"update {holding.table} set {emptied} where member_id = any(%s::uuid[])",
                    [ids],
                )
        cursor.execute("select ledger_forget_notes(%s::uuid[])", [ids])
        cursor.execute("select tiers_forget_reasons(%s::uuid[])", [ids])
        subjects = [*map(str, ids), *(f"member:{one}" for one in ids)]
        cursor.execute(
            "delete from kernel_outboxevent where subject = any(%s) and delivered_at is not null",
            [subjects],
        )
        cursor.execute(
            "delete from webhooks_webhookdelivery where subject = any(%s) and status <> 'pending'",
            [subjects],
        )
        for table, column in (
            ("kernel_outboxevent", "payload"),
            ("webhooks_webhookdelivery", "data"),
        ):
            cursor.execute(_EVENTS.format(table=table, column=column), [list(_KEPT), subjects])
        for one in ids:
            cursor.execute(
                "delete from kernel_idempotencyrecord where position(%s in answer) > 0",
                [str(one).encode()],
            )


# What an event that still waits may go on saying, all that the catalogue of events promises among it;
# a note of staff says who did what to whom.
_KEPT = (
    "member_id", "merged_member_id", "merged_external_id", "transaction_id", "unit", "amount",
    "points", "reference", "from", "to", "kind", "why", "expires_at", "expires_date", "days",
    "actor", "actor_name", "action", "before", "after", "request_id",
    "coupon_id", "code", "template", "discount_cents", "valid_until",
    "referral_id", "inviter_id", "inviter_points", "invitee_points", "commission_id", "order_id",
    "level",
)  # fmt: skip
_EVENTS = """
update {table} e set {column} = coalesce((
  select jsonb_object_agg(key, case
           when key in ('before', 'after', 'merged_external_id') then 'null'
           when key = 'why' then value - 'reason' else value end)
    from jsonb_each(e.{column}) where key = any(%s)), '{{}}')
 where e.subject = any(%s)
"""


def _rows(sql: str, members: Members) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(found) from ({sql}) as found", [list(members)])
        return [msgspec.json.decode(row[0]) for row in cursor.fetchall()]
