-- Facts about members that conditions of rules may ask for:
-- {member: [tags, orders before, spent before, joined, birthday, has phone, has e-mail]}.
create or replace function earning_member_facts(p_members uuid[]) returns jsonb
language plpgsql stable as $$
begin
  return (select coalesce(jsonb_object_agg(id, jsonb_build_array(tags, orders_count, spent_cents,
                   joined_at, birthday, phone <> '', email <> '')), '{}')
            from members_member where id = any(p_members));
end $$;
