-- Empty the reasons staff gave when they set the tier of members who were erased: the one thing in a
-- member's moves in which a person may be named. The product's own role may not change what happened,
-- so this runs with the owner's rights, on erased members alone (ADR 0037).
create or replace function tiers_forget_reasons(p_members uuid[]) returns void
language plpgsql security definer as $$
begin
  update tiers_tiermove v set why = v.why || '{"reason": ""}'
    from members_member m
   where m.id = v.member_id and m.id = any(p_members) and m.erased_at is not null
     and v.why->>'reason' <> '';
end $$;
