-- Who calls: asked before everything else on every request of the partner API.

-- [id, prefix, scopes, last_used_at] of the valid key with this hash, or null.
create or replace function channels_identify(p_hash bytea) returns jsonb language plpgsql stable as $$
begin
  return (select jsonb_build_array(id, prefix, scopes, last_used_at)
            from channels_apikey where key_hash = p_hash and revoked_at is null);
end $$;
