-- Who did what that cannot be seen from the data any more, or that lets somebody in.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time timestamptz NOT NULL DEFAULT now(),
  -- Name of the key or e-mail address of the person at that time.
  actor text NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('key', 'session')),
  -- Of the key or the person, in the control plane.
  actor_id uuid NOT NULL,
  action text NOT NULL CHECK (action ~ '^[a-z]+\.[a-z]+$'),
  -- Id of what it was done to.
  target text NOT NULL
);

-- The tenant's own login may add to it and read it, and nothing else.
DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE ON audit FROM %I', replace(current_schema(), 's_', 't_'));
END
$$;
