"""The ledger proves itself: every invariant of rules.md §1 as a query that must find nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

# Each query answers (id of the offender, what is wrong with it).
CHECKS: dict[str, str] = {
    "postings of each transaction sum to 0": """
        select transaction_id, 'sum ' || sum(amount) from ledger_posting
         group by transaction_id having sum(amount) <> 0""",
    "every transaction has at least two postings": """
        select t.id, t.kind || ' has ' || count(p.transaction_id) from ledger_transaction t
          left join ledger_posting p on p.transaction_id = t.id
         group by t.id having count(p.transaction_id) < 2""",
    "every posting belongs to a transaction": """
        select p.transaction_id, p.account from ledger_posting p
         where not exists (select 1 from ledger_transaction t where t.id = p.transaction_id)""",
    "a wallet equals its postings": """
        select w.id, format('%s %s %s %s against %s %s %s %s', w.available, w.pending, w.held,
                            w.debt, s.available, s.pending, s.held, -s.debt)
          from ledger_wallet w left join lateral (
            select coalesce(sum(p.amount) filter (where account = 'available'), 0) as available,
                   coalesce(sum(p.amount) filter (where account = 'pending'), 0) as pending,
                   coalesce(sum(p.amount) filter (where account = 'held'), 0) as held,
                   coalesce(sum(p.amount) filter (where account = 'debt'), 0) as debt
              from ledger_transaction t join ledger_posting p on p.transaction_id = t.id
             where t.wallet_id = w.id) s on true
         where (w.available, w.pending, w.held, w.debt)
               is distinct from (s.available, s.pending, s.held, -s.debt)""",
    "a wallet equals its lots": """
        select w.id, format('%s %s %s against %s %s %s', w.available, w.pending, w.held,
                            s.available, s.pending, s.held)
          from ledger_wallet w left join (
            select wallet_id, sum(remaining) filter (where is_mature) as available,
                   sum(remaining) filter (where not is_mature) as pending, sum(held) as held
              from ledger_lot where remaining > 0 or held > 0 group by wallet_id) s
            on s.wallet_id = w.id
         where (w.available, w.pending, w.held) is distinct from
               (coalesce(s.available, 0), coalesce(s.pending, 0), coalesce(s.held, 0))""",
    "a lot is what was granted less what was drawn": """
        select l.id, format('%s = %s + %s + %s', l.granted, l.remaining, l.held, coalesce(c.n, 0))
          from ledger_lot l left join (
            select lot_id, sum(amount) as n from ledger_consumption group by lot_id) c
            on c.lot_id = l.id
         where l.granted <> l.remaining + l.held + coalesce(c.n, 0)""",
    "every lot has its grant": """
        select l.id, 'transaction ' || l.transaction_id from ledger_lot l
          left join ledger_transaction t on t.id = l.transaction_id and t.wallet_id = l.wallet_id
         where t.id is null""",
    "every consumption belongs to a lot and a transaction of one wallet": """
        select c.transaction_id, 'lot ' || c.lot_id from ledger_consumption c
          left join ledger_transaction t on t.id = c.transaction_id
          left join ledger_lot l on l.id = c.lot_id
         where t.wallet_id is distinct from l.wallet_id or l.id is null or t.id is null""",
    "what was spent was drawn from lots": """
        select t.id, format('%s of %s', t.amount, t.kind) from ledger_transaction t
         where t.kind in ('spend', 'capture', 'expire', 'payout')
           and -t.amount <> coalesce((select sum(c.amount) from ledger_consumption c
                                       where c.transaction_id = t.id), 0)""",
    "what one member gave another received": """
        select min(t.id), format('%s in all under %s', sum(t.amount), t.source_id)
          from ledger_transaction t where t.kind in ('transfer_out', 'transfer_in')
         group by t.source_id having sum(t.amount) <> 0""",
    "nothing stays between two wallets": """
        select 'transfer', sum(amount)::text from ledger_posting
         where account = 'transfer' having sum(amount) <> 0""",
    "what passed from wallet to wallet left lots and became lots": """
        select t.id, format('%s of %s', p.points, t.kind)
          from ledger_transaction t cross join lateral (
            select coalesce(sum(amount), 0) as points from ledger_posting
             where transaction_id = t.id and account in ('available', 'pending', 'held')) p
         where t.kind = 'transfer_out' and -p.points <> coalesce((
                 select sum(c.amount) from ledger_consumption c where c.transaction_id = t.id), 0)
            or t.kind = 'transfer_in' and p.points <> coalesce((
                 select sum(l.granted) from ledger_lot l where l.transaction_id = t.id), 0)""",
    "a wallet that was poured into another is empty": """
        select a.id, format('%s %s %s %s', a.available, a.pending, a.held, a.debt)
          from ledger_wallet a left join ledger_wallet b
            on b.id = a.merged_into_id and b.unit = a.unit and b.merged_into_id is null
         where a.merged_into_id is not null
           and (b.id is null or a.available + a.pending + a.held + a.debt > 0)""",
    "no return exceeds what was drawn": """
        select r.reverses_id, 'lot ' || r.lot_id from ledger_consumption r
          join ledger_consumption c on c.transaction_id = r.reverses_id and c.lot_id = r.lot_id
         where r.reverses_id is not null group by r.reverses_id, r.lot_id, c.amount
        having -sum(r.amount) > c.amount""",
    "held points lie on open holds": """
        select l.id, format('%s against %s', l.held, coalesce(h.n, 0)) from ledger_lot l
          left join (select p.lot_id, sum(p.amount) as n from ledger_holdpart p
                       join ledger_hold h on h.id = p.hold_id where h.status = 'open'
                      group by p.lot_id) h on h.lot_id = l.id
         where l.held <> coalesce(h.n, 0)""",
    "every captured hold has one spend": """
        select h.hold_row, h.what from (
          select row_number() over () as hold_row, h.id::text as what from ledger_hold h
            left join ledger_transaction t on t.id = h.closed_by_id and t.kind = 'capture'
                 and t.amount = -h.points
           where h.status = 'captured' and t.id is null) h""",
    "a wallet knows when it changes next": """
        select w.id, 'a change is due before ' || coalesce(w.next_change_at::text, 'never')
          from ledger_wallet w where exists (
            select 1 from ledger_lot l where l.wallet_id = w.id and l.remaining > 0
               and l.matures_at is not null and case when l.is_mature then l.expires_at
                        else least(l.matures_at, l.expires_at) end
                   < coalesce(w.next_change_at, 'infinity'))""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant at one row."""

    check: str
    row_id: str
    detail: str


def find_inconsistencies(*, checks: Mapping[str, str] = CHECKS, limit: int = 20) -> list[Finding]:
    """All broken invariants, at most `limit` rows of each. An empty list means the books are right."""
    findings: list[Finding] = []
    with connection.cursor() as cursor:
        for name, sql in checks.items():
            cursor.execute(f"select * from ({sql}) as found limit {int(limit)}")
            findings += [Finding(name, str(row[0]), str(row[1])) for row in cursor.fetchall()]
    return findings
