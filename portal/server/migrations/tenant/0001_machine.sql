CREATE TABLE machine (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  machine_id text NOT NULL UNIQUE CHECK (machine_id ~ '^[a-zA-Z0-9_-]{1,64}$'),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- When the portal last received a sample of it.
  last_seen timestamptz
);
