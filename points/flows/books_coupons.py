"""What is always true of coupons."""

CHECKS: dict[str, str] = {
    "a template counts the coupons it has issued": """
        select t.id, format('%s against %s', t.issued_count, count(c.id))
          from coupons_coupontemplate t left join coupons_coupon c
            on c.template_id = t.id and c.state <> 'voided'
         group by t.id having t.issued_count <> count(c.id)""",
    "no template issues more than its total": """
        select id, format('%s of %s', issued_count, total) from coupons_coupontemplate
         where issued_count > total""",
    # A limit may be changed, so each coupon knows the one it was issued under. Whoever took over
    # another member's coupons may have more.
    "nobody has more coupons of a template than allowed": """
        select c.member_id, format('%s of template %s', count(*), c.template_id)
          from coupons_coupon c
         where c.state <> 'voided'
           and not exists (select from members_member m where m.merged_into_id = c.member_id)
         group by c.member_id, c.template_id
        having bool_and(c.terms->>'per_member' is not null)
           and count(*) > max((c.terms->>'per_member')::bigint)""",
    "a coupon that is held or used says for what": """
        select id, code from coupons_coupon
         where state in ('locked', 'used') and reference = ''""",
}
