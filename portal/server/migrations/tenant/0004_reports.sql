-- Reports. The row is the truth about a report; the job queue only says when to work on it.
CREATE TABLE report (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  machine_id integer NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
  -- Unix seconds of the samples that it is about, the last one exclusive.
  from_s bigint NOT NULL,
  to_s bigint NOT NULL CHECK (to_s > from_s),
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
  -- How often work on it was begun; more than one where a process ended in the middle.
  attempts smallint NOT NULL DEFAULT 0,
  error text CHECK ((error IS NOT NULL) = (status = 'failed')),
  html bytea CHECK ((html IS NOT NULL) = (status = 'done')),
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
);
-- Compressed already.
ALTER TABLE report ALTER COLUMN html SET STORAGE EXTERNAL;
CREATE INDEX report_machine ON report (machine_id, created_at DESC, id);
CREATE INDEX report_unfinished ON report (created_at, id) WHERE status IN ('queued', 'running');
