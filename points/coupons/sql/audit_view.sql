create view audit_coupon as
  select c.id as coupon_id, c.code, t.code as template, c.member_id, c.state, c.source, c.source_id,
         c.issued_at, c.valid_from, c.valid_until, c.reference, c.locked_until, c.used_at,
         c.discount_cents, c.ended_at, t.total, t.per_member, t.issued_count
    from coupons_coupon c join coupons_coupontemplate t on t.id = c.template_id;
