-- Tokens with which a new host registers itself and gets a key of its own.
CREATE TABLE enrolment (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  -- SHA-256 of the token, which is shown once and kept nowhere.
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  hint text NOT NULL,
  -- How many hosts it lets in, and how many it has.
  max_uses int NOT NULL CHECK (max_uses BETWEEN 1 AND 10000),
  uses int NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND max_uses),
  -- Name of the key or e-mail address of the person at that time.
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX enrolment_tenant ON enrolment (tenant_id, created_at, id);

-- A key that sends samples of this one machine; NULL: of any.
ALTER TABLE key ADD COLUMN machine_id text CHECK (machine_id ~ '^[a-zA-Z0-9_-]{1,64}$');
ALTER TABLE key ADD CHECK (machine_id IS NULL OR scopes = '{ingest}');
