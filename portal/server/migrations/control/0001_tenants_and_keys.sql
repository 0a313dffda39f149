-- The control plane: who there is. Owned by pa_owner; pa_control, the serving process, reads and writes rows.

CREATE TABLE tenant (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  created_at timestamptz NOT NULL DEFAULT now(),
  suspended_at timestamptz
);
CREATE UNIQUE INDEX tenant_name ON tenant (lower(name));

CREATE TABLE tenant_migration (
  tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  version int NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version)
);

-- Tenants come and go through the migrator's login alone.
REVOKE INSERT, UPDATE, DELETE ON migration, tenant, tenant_migration FROM pa_control;

CREATE TABLE key (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  -- SHA-256 of the key; the key itself is shown once and kept nowhere.
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  -- The key's last four characters, by which people tell keys apart.
  hint text NOT NULL,
  scopes text[] NOT NULL CHECK (scopes <@ '{ingest,read,admin}' AND cardinality(scopes) > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX key_tenant ON key (tenant_id, created_at, id);
