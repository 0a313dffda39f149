-- Reports have a PDF beside the HTML, and tell how far they are. Reports made before have HTML alone.
ALTER TABLE report
  ADD COLUMN pdf bytea CHECK (pdf IS NULL OR status = 'done'),
  ADD COLUMN stage text CHECK (stage IN ('reading', 'judging', 'writing')),
  -- Of the whole work; only ever shown.
  ADD COLUMN percent smallint NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100);
-- Compressed already.
ALTER TABLE report ALTER COLUMN pdf SET STORAGE EXTERNAL;
