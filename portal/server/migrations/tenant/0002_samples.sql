-- The sample store. Only portal/server/src/samples/ reads and writes these tables; docs/decisions/sample-store.md says why
-- they are as they are. Times are whole Unix seconds, hours and days are Unix seconds divided by 3,600 and 86,400.

-- Every column name of the CSV standard that this tenant has samples of. A new disk is a new row, never a new table column.
CREATE TABLE metric (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- Samples as they stream in, until their hour is sealed into segments. Only what was measured: a gap has no
-- entry. A time is in here or on the axis below, never in both.
CREATE TABLE hot (
  machine_id integer NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
  time_s bigint NOT NULL,
  metric_ids integer[] NOT NULL,
  metric_values double precision[] NOT NULL,
  PRIMARY KEY (machine_id, time_s)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);

-- The seconds of an hour at which a machine was sampled, shared by the segments of all its metrics.
CREATE TABLE axis (
  machine_id integer NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
  hour integer NOT NULL,
  row_count smallint NOT NULL,
  -- Ascending seconds within the hour, encoded as in samples/codec.ts.
  body bytea NOT NULL,
  PRIMARY KEY (machine_id, hour)
);

-- An hour of one metric: a value, or a gap, for each second of the axis. A metric without any value in the hour has no row.
CREATE TABLE segment (
  machine_id integer NOT NULL,
  hour integer NOT NULL,
  metric_id integer NOT NULL,
  -- Of the values that are no gaps; at least one.
  count smallint NOT NULL,
  min double precision NOT NULL,
  max double precision NOT NULL,
  sum double precision NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (machine_id, hour, metric_id),
  FOREIGN KEY (machine_id, hour) REFERENCES axis (machine_id, hour) ON DELETE CASCADE
) WITH (toast_tuple_target = 8160);

-- Bodies are compressed already.
ALTER TABLE segment ALTER COLUMN body SET STORAGE EXTERNAL;

-- The minutes of a day of one metric, as far as its segments reach; what is in `hot` is not in here. All encoded as above:
-- `counts` has the day's 1,440 minutes, the others only those of which the count is not 0.
CREATE TABLE rollup (
  machine_id integer NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
  day integer NOT NULL,
  metric_id integer NOT NULL,
  counts bytea NOT NULL,
  minima bytea NOT NULL,
  -- NULL where they are the same as the minima, as with one sample a minute.
  maxima bytea,
  sums bytea,
  PRIMARY KEY (machine_id, day, metric_id)
) WITH (toast_tuple_target = 8160);

ALTER TABLE rollup
  ALTER COLUMN counts SET STORAGE EXTERNAL,
  ALTER COLUMN minima SET STORAGE EXTERNAL,
  ALTER COLUMN maxima SET STORAGE EXTERNAL,
  ALTER COLUMN sums SET STORAGE EXTERNAL;

-- The newest sample of each machine.
CREATE TABLE latest (
  machine_id integer PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
  time_s bigint NOT NULL,
  metric_ids integer[] NOT NULL,
  metric_values double precision[] NOT NULL
) WITH (fillfactor = 50);
