-- What was uploaded; a refused file leaves no row.
CREATE TABLE upload (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  machine_id int NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
  file_name text NOT NULL CHECK (char_length(file_name) <= 255),
  -- After decompression.
  byte_count bigint NOT NULL,
  rows_imported int NOT NULL,
  rows_duplicate int NOT NULL,
  -- Unix seconds of the file's first and last row.
  start_s bigint NOT NULL,
  end_s bigint NOT NULL,
  warnings text[] NOT NULL,
  -- Name of the key or e-mail address of the person at that time.
  uploaded_by text NOT NULL,
  -- The control plane's; NULL where a person uploaded.
  key_id uuid,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_newest_first ON upload (created_at DESC, id DESC);
CREATE INDEX upload_of_machine ON upload (machine_id);

-- Batches that were streamed lately, so that one which is sent again gets the same answer.
CREATE TABLE stream_batch (
  agent text NOT NULL,
  epoch text NOT NULL,
  sequence bigint NOT NULL,
  -- SHA-256 of the CSV.
  digest bytea NOT NULL,
  machine_id text NOT NULL,
  rows_imported int NOT NULL,
  rows_duplicate int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agent, epoch, sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 80);
