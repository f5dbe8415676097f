-- Plain views for auditors and outside testers; they add nothing to the tables behind them.
create or replace view audit_posting as
  select t.id as transaction_id, t.kind, w.member_id, w.unit, p.account, p.amount, t.source_key,
         t.occurred_at, t.posted_at
    from ledger_posting p
    join ledger_transaction t on t.id = p.transaction_id
    join ledger_wallet w on w.id = t.wallet_id;
create or replace view audit_wallet as
  select id as wallet_id, member_id, unit, available, pending, held, debt, lifetime_earned,
         next_change_at
    from ledger_wallet;
create or replace view audit_lot as
  select l.id as lot_id, w.member_id, w.unit, l.granted, l.remaining, l.held, l.expired,
         l.is_mature, l.granted_at, l.matures_at, l.expires_at, f.code as funding_source,
         coalesce((select sum(c.amount) from ledger_consumption c where c.lot_id = l.id), 0)
           as consumed
    from ledger_lot l
    join ledger_wallet w on w.id = l.wallet_id
    join ledger_fundingsource f on f.id = l.funding_source_id;
create or replace view audit_outbox as
  select event_id, topic, subject, payload, occurred_at, attempts, parked_at, delivered_at
    from kernel_outboxevent;
