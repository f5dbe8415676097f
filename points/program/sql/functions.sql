-- The programme of now, on every earning path: a function, so that its plan is kept between calls.

-- [version, settings] of the merchant's programme.
create or replace function program_current() returns jsonb language plpgsql stable as $$
begin
  return (select jsonb_build_array(version, settings) from program_program where id = 1);
end $$;
