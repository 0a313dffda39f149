// The portal's HTTP API, version 1. Times in JSON are RFC 3339 in UTC unless a name says Unix seconds.
// null is a gap: nothing was measured. Columns are those of the CSV standard (columns.ts).
import { Type, type Static, type TSchema } from "typebox";
import { interfaceName, maxInterfaceSpeedMbps } from "./host-facts.ts";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time" });

export const MachineId = Type.String({
  pattern: "^[a-zA-Z0-9_-]{1,64}$",
  description: "1–64 letters, digits, _ or -",
});

export const TimestampRange = Type.Object({ start: Time, end: Time });

export const UploadReceipt = Type.Object({
  status: Type.Literal("success"),
  upload_id: Type.String({ format: "uuid" }),
  rows_imported: Type.Integer({ minimum: 0 }),
  /** Rows whose time the machine had already: nothing of them was changed, gaps in them were filled. */
  rows_duplicate: Type.Integer({ minimum: 0 }),
  machine_id: MachineId,
  timestamp_range: TimestampRange,
  warnings: Type.Array(Type.String()),
});
export type UploadReceipt = Static<typeof UploadReceipt>;

/** A file whose samples are stored. */
export const Upload = Type.Object({
  upload_id: Type.String({ format: "uuid" }),
  machine_id: MachineId,
  file_name: Type.String(),
  /** Of the CSV, unzipped. */
  bytes: Type.Integer({ minimum: 0 }),
  rows_imported: Type.Integer({ minimum: 0 }),
  rows_duplicate: Type.Integer({ minimum: 0 }),
  timestamp_range: TimestampRange,
  warnings: Type.Array(Type.String()),
  /** Name of the key, or the person's e-mail address. */
  uploaded_by: Type.String(),
  created_at: Time,
});
export type Upload = Static<typeof Upload>;

export const UploadList = Type.Object({
  uploads: Type.Array(Upload),
  next_cursor: Nullable(Type.String()),
});
export type UploadList = Static<typeof UploadList>;

/** Names a batch of samples once and for all: sent again, it gets the same answer and adds nothing. */
export const StreamQuery = Type.Object({
  /** Who sends: the agent's machine id, or the gateway's. */
  agent: MachineId,
  /** Chosen anew whenever the agent starts with an empty spool. */
  epoch: Type.String({ pattern: "^[a-zA-Z0-9_-]{1,64}$" }),
  /** Counts the epoch's batches. */
  sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type StreamQuery = Static<typeof StreamQuery>;

export const StreamReceipt = Type.Object({
  status: Type.Literal("success"),
  rows_imported: Type.Integer({ minimum: 0 }),
  rows_duplicate: Type.Integer({ minimum: 0 }),
  machine_id: MachineId,
  /** What was not taken besides the rows, which all were. */
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type StreamReceipt = Static<typeof StreamReceipt>;

export const LatestSample = Type.Object({
  time: Time,
  values: Type.Record(Type.String(), Nullable(Type.Number())),
});
export type LatestSample = Static<typeof LatestSample>;

export const Machine = Type.Object({
  machine_id: MachineId,
  name: Type.String(),
  created_at: Time,
  /** When the portal last received a sample of it, or null. */
  last_seen: Nullable(Time),
  latest: Nullable(LatestSample),
});
export type Machine = Static<typeof Machine>;

export const MachineList = Type.Object({
  machines: Type.Array(Machine),
  next_cursor: Nullable(Type.String()),
});
export type MachineList = Static<typeof MachineList>;

/** No control characters, and nothing that is no character. */
const FactText = (maxLength: number) =>
  Type.String({ maxLength, pattern: "^[ -~\\u00a0-\\ud7ff\\ue000-\\ufffd]*$" });

/** In UTC, without leap seconds: any date library and PostgreSQL read it. */
const FactTime = Type.String({
  format: "date-time",
  pattern: "^[12]\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:[0-5]\\d(?:\\.\\d{1,9})?Z$",
});

/** By interface, in each direction: those that know their speed. More than any version of pcc tells. */
const InterfaceSpeeds = Type.Record(
  Type.String({ pattern: interfaceName.source }),
  Type.Integer({ minimum: 1, maximum: maxInterfaceSpeedMbps }),
  { maxProperties: 128, additionalProperties: false },
);

/** What a machine tells of itself, when it enrols and beside its samples; what it does not know is not there. */
export const HostFacts = Type.Object(
  {
    host_name: Type.Optional(FactText(255)),
    kernel: Type.Optional(FactText(255)),
    distribution: Type.Optional(FactText(255)),
    architecture: Type.Optional(FactText(64)),
    cpu_model: Type.Optional(FactText(255)),
    cpu_count: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_536 })),
    memory_bytes: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    /** Changes with every boot. */
    boot_id: Type.Optional(FactText(64)),
    boot_time: Type.Optional(FactTime),
    /** Of the machine, or of what makes it a virtual one. */
    vendor: Type.Optional(FactText(255)),
    product: Type.Optional(FactText(255)),
    /** Such as kvm; `none`: it is no virtual machine. */
    virtualisation: Type.Optional(FactText(64)),
    cloud: Type.Optional(FactText(64)),
    instance_type: Type.Optional(FactText(64)),
    interface_speeds_mbps: Type.Optional(InterfaceSpeeds),
    /** When it was all of this; facts that were read earlier than those that are there are not taken. Default: now. */
    read_at: Type.Optional(FactTime),
  },
  { additionalProperties: false },
);
export type HostFacts = Static<typeof HostFacts>;

export const MachineDetail = Type.Object({
  ...Machine.properties,
  /** null: nobody has told what the machine is. */
  host: Nullable(HostFacts),
  /** Columns for which there are samples, in the catalogue's order, devices in natural order. */
  columns: Type.Array(Type.String()),
  /** First and last sample, or null where there is none. */
  timestamp_range: Nullable(TimestampRange),
});
export type MachineDetail = Static<typeof MachineDetail>;

export const MachineInput = Type.Object(
  { machine_id: MachineId, name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })) },
  { additionalProperties: false },
);
export const MachineEdit = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

export const SeriesQuery = Type.Object({
  /** Column names, comma-separated; at most 64. */
  metrics: Type.String({ minLength: 1 }),
  /** RFC 3339 or Unix seconds; inclusive. Default: an hour before `to`. */
  from: Type.Optional(Type.String()),
  /** Exclusive. Default: just behind the machine's last sample. */
  to: Type.Optional(Type.String()),
  /** Largest number of buckets. */
  points: Type.Integer({ minimum: 1, maximum: 5000, default: 500 }),
});

export const Series = Type.Object({
  machine_id: MachineId,
  timestamp_range: TimestampRange,
  /** Length of a bucket in seconds: a multiple of the interval at which the machine was sampled last. */
  bucket_seconds: Type.Integer({ minimum: 1 }),
  /**
   * What the buckets were made from: every sample, or the stored minima, maxima and means of minutes. From minutes, the
   * range has grown to whole minutes.
   */
  resolution: Type.Union([Type.Literal("sample"), Type.Literal("minute")]),
  /** Start of each bucket, Unix seconds, ascending, without holes: a bucket with no sample holds nulls. */
  time: Type.Array(Type.Integer()),
  series: Type.Array(
    Type.Object({
      column: Type.String(),
      unit: Type.String(),
      min: Type.Array(Nullable(Type.Number())),
      mean: Type.Array(Nullable(Type.Number())),
      max: Type.Array(Nullable(Type.Number())),
    }),
  ),
});
export type Series = Static<typeof Series>;

export const StatisticsQuery = Type.Object({
  metrics: Type.String({ minLength: 1 }),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
});

export const ColumnStatistics = Type.Object({
  column: Type.String(),
  unit: Type.String(),
  /** Samples that are not gaps; the other figures are null where it is 0. */
  count: Type.Integer({ minimum: 0 }),
  min: Nullable(Type.Number()),
  mean: Nullable(Type.Number()),
  /** Percentiles of the raw samples, exact, definition 7 of Hyndman and Fan (R's default). */
  p50: Nullable(Type.Number()),
  p75: Nullable(Type.Number()),
  p90: Nullable(Type.Number()),
  p95: Nullable(Type.Number()),
  p97_5: Nullable(Type.Number()),
  p99: Nullable(Type.Number()),
  max: Nullable(Type.Number()),
});
export type ColumnStatistics = Static<typeof ColumnStatistics>;

export const Statistics = Type.Object({
  machine_id: MachineId,
  timestamp_range: TimestampRange,
  statistics: Type.Array(ColumnStatistics),
});
export type Statistics = Static<typeof Statistics>;

export const ExportQuery = Type.Object({
  machine_id: MachineId,
  /** RFC 3339, a date, or Unix seconds; inclusive. Default: the first sample. */
  start: Type.Optional(Type.String()),
  /** Exclusive. Default: behind the last sample. */
  end: Type.Optional(Type.String()),
  format: Type.Union([Type.Literal("csv"), Type.Literal("json")], { default: "csv" }),
});

export type ExportQuery = Static<typeof ExportQuery>;

/** An export as JSON. */
export const Export = Type.Object({
  machine_id: MachineId,
  /** `time`, then the metric columns. */
  columns: Type.Array(Type.String()),
  /** Ascending in time; a cell a column. */
  rows: Type.Array(Type.Array(Type.Union([Time, Type.Number(), Type.Null()]))),
});
export type Export = Static<typeof Export>;

export const Scope = Type.Union([
  Type.Literal("ingest"),
  Type.Literal("read"),
  Type.Literal("admin"),
]);
export type Scope = Static<typeof Scope>;

export const KeyValidation = Type.Object({
  tenant_id: Type.String({ format: "uuid" }),
  tenant_name: Type.String(),
  key_name: Type.String(),
  scopes: Type.Array(Scope),
  /** The one machine whose samples it sends; null: any. */
  machine_id: Nullable(MachineId),
  expires_at: Nullable(Time),
});
export type KeyValidation = Static<typeof KeyValidation>;

const KeyName = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "By which people know it",
});

/** A key without the key itself, which is shown once. */
export const Key = Type.Object({
  key_id: Type.String({ format: "uuid" }),
  name: Type.String(),
  /** Its last four characters. */
  hint: Type.String(),
  scopes: Type.Array(Scope),
  /** The one machine whose samples it sends; null: any. */
  machine_id: Nullable(MachineId),
  created_at: Time,
  expires_at: Nullable(Time),
  revoked_at: Nullable(Time),
  /** Exact to some seconds; null: never. */
  last_used_at: Nullable(Time),
});
export type Key = Static<typeof Key>;

export const KeyList = Type.Object({
  keys: Type.Array(Key),
  next_cursor: Nullable(Type.String()),
});
export type KeyList = Static<typeof KeyList>;

export const KeyInput = Type.Object(
  {
    name: KeyName,
    scopes: Type.Array(Scope, { minItems: 1, maxItems: 3 }),
    /** With the scope ingest alone: it sends samples of this machine and no other. Default: of any. */
    machine_id: Type.Optional(MachineId),
    /** Default: never. */
    expires_at: Type.Optional(Time),
  },
  { additionalProperties: false },
);

/** Answer to making or rotating a key: the only time that it is shown. */
export const NewKey = Type.Object({ ...Key.properties, key: Type.String() });
export type NewKey = Static<typeof NewKey>;

export const KeyRotation = Type.Object(
  {
    /** How long the old key still works. */
    grace_seconds: Type.Integer({ minimum: 0, maximum: 2_592_000, default: 86_400 }),
  },
  { additionalProperties: false },
);

/** An enrolment token without the token itself, which is shown once. */
export const Enrolment = Type.Object({
  enrolment_id: Type.String({ format: "uuid" }),
  name: Type.String(),
  /** Its last four characters. */
  hint: Type.String(),
  /** How many hosts it lets in. */
  max_uses: Type.Integer({ minimum: 1 }),
  /** How many it has let in. */
  uses: Type.Integer({ minimum: 0 }),
  /** Name of the key, or the person's e-mail address. */
  created_by: Type.String(),
  created_at: Time,
  expires_at: Time,
  revoked_at: Nullable(Time),
});
export type Enrolment = Static<typeof Enrolment>;

export const EnrolmentList = Type.Object({
  enrolments: Type.Array(Enrolment),
  next_cursor: Nullable(Type.String()),
});
export type EnrolmentList = Static<typeof EnrolmentList>;

export const EnrolmentInput = Type.Object(
  {
    name: KeyName,
    /** How many hosts it lets in within its hour. */
    max_uses: Type.Integer({ minimum: 1, maximum: 10_000, default: 1 }),
  },
  { additionalProperties: false },
);
export type EnrolmentInput = Static<typeof EnrolmentInput>;

/** Answer to making an enrolment token: the only time that it is shown. */
export const NewEnrolment = Type.Object({ ...Enrolment.properties, token: Type.String() });
export type NewEnrolment = Static<typeof NewEnrolment>;

/** What a host sends to register itself; its token stands in the Authorization header. */
export const EnrolInput = Type.Object(
  {
    machine_id: MachineId,
    /** Facts that this version does not know are left out: the host may be newer. */
    host: Type.Optional(Type.Object(HostFacts.properties)),
  },
  { additionalProperties: false },
);
export type EnrolInput = Static<typeof EnrolInput>;

export const EnrolReceipt = Type.Object({
  tenant_id: Type.String({ format: "uuid" }),
  tenant_name: Type.String(),
  machine_id: MachineId,
  /** false: the tenant had a machine of this id before. */
  is_new: Type.Boolean(),
  key_id: Type.String({ format: "uuid" }),
  /** Of scope ingest, for this machine alone; never shown again. */
  key: Type.String(),
});
export type EnrolReceipt = Static<typeof EnrolReceipt>;

/** Of lists that are paged: `cursor` is the `next_cursor` of the page before. */
export const PageQuery = Type.Object({
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
});
export type PageQuery = Static<typeof PageQuery>;

export const Me = Type.Object({
  email: Type.String(),
  name: Type.String(),
  tenant_id: Type.String({ format: "uuid" }),
  tenant_name: Type.String(),
  role: Type.Union([Type.Literal("owner"), Type.Literal("admin"), Type.Literal("member")]),
});
export type Me = Static<typeof Me>;

export const ReportInput = Type.Object(
  { machine_id: MachineId, from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
export type ReportInput = Static<typeof ReportInput>;

const ReportProgress = Type.Object({
  stage: Type.Union([Type.Literal("reading"), Type.Literal("judging"), Type.Literal("writing")]),
  /** Of the whole work. */
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
});
export type ReportProgress = Static<typeof ReportProgress>;

export const Report = Type.Object({
  report_id: Type.String({ format: "uuid" }),
  machine_id: MachineId,
  timestamp_range: Nullable(TimestampRange),
  status: Type.Union([
    Type.Literal("queued"),
    Type.Literal("running"),
    Type.Literal("done"),
    Type.Literal("failed"),
  ]),
  /** Why it failed; null otherwise. */
  error: Nullable(Type.String()),
  created_at: Time,
  finished_at: Nullable(Time),
  /** How far it is while it is running; null otherwise. */
  progress: Nullable(ReportProgress),
  /** Path of the HTML, once done. */
  html: Nullable(Type.String()),
  /** Path of the PDF, once done; null where it could not be made, or the report was made before there were PDFs. */
  pdf: Nullable(Type.String()),
  /** Why a report that is done has no PDF. */
  pdf_error: Nullable(Type.String()),
});
export type Report = Static<typeof Report>;

export const ReportList = Type.Object({ reports: Type.Array(Report) });
export type ReportList = Static<typeof ReportList>;

export const AuditEntry = Type.Object({
  time: Time,
  /** Name of the key or the enrolment token or e-mail address of the person, at that time. */
  actor: Type.String(),
  actor_kind: Type.Union([Type.Literal("key"), Type.Literal("session"), Type.Literal("enrolment")]),
  action: Type.Union([
    Type.Literal("enrolment.create"),
    Type.Literal("enrolment.revoke"),
    Type.Literal("key.create"),
    Type.Literal("key.rotate"),
    Type.Literal("key.revoke"),
    Type.Literal("machine.delete"),
    Type.Literal("machine.enrol"),
    Type.Literal("report.create"),
    Type.Literal("report.delete"),
  ]),
  /** Id of what it was done to. */
  target: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditList = Type.Object({
  entries: Type.Array(AuditEntry),
  next_cursor: Nullable(Type.String()),
});

/** What a page sends over `GET /api/v1/live`; each message replaces the one before it. */
export const LiveSubscription = Type.Object(
  { subscribe: Type.Array(MachineId, { maxItems: 500 }) },
  { additionalProperties: false },
);
export type LiveSubscription = Static<typeof LiveSubscription>;

/** What the portal sends over `GET /api/v1/live`. */
export const LiveMessage = Type.Object({
  type: Type.Literal("sample"),
  machine_id: MachineId,
  /** Unix seconds. */
  time: Type.Integer(),
  values: Type.Record(Type.String(), Nullable(Type.Number())),
});
export type LiveMessage = Static<typeof LiveMessage>;
