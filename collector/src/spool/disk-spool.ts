// A spool in a folder: segments (segment.ts) of records (record.ts) and notes (notes.ts). Only ever appended to; a segment whose records are
// all done with is removed, and so is the oldest one where there are too many.
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { acquireLock, type Lock } from "../capture/lock.ts";
import { countOf } from "../count-of.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { refuseOthersFolder } from "../whose.ts";
import {
  emptyState,
  headKind,
  HeadPlan,
  renderState,
  stateKind,
  type SpoolState,
} from "./notes.ts";
import { maxPayloadBytes, renderRecord } from "./record.ts";
import { scanSegment, type ScannedSegment } from "./scan.ts";
import {
  appendBytes,
  BrokenSegmentError,
  closeSegment,
  createSegment,
  listSegments,
  openSegment,
  readBytes,
  syncFile,
  type Segment,
} from "./segment.ts";
import { SpoolReader } from "./spool-reader.ts";
import type { ReadLimits, Spool, SpoolCounts, SpoolRecord } from "./spool.ts";

export interface DiskSpoolOptions {
  /** Beyond that the oldest segments are dropped. */
  maxBytes: number;
  segmentBytes?: number;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

const defaultSegmentBytes = 1024 * 1024;
/** How finely the cap is kept: dropping one segment must not drop a large part of all. */
const leastSegments = 8;

/**
 * Opens the spool, or makes it. What a killed process or a power cut left half written is cut off. Takes no longer for a full spool: only
 * its last segment is read.
 * @throws LockedError where another process has it open, ExitError where something in it is a symbolic link, or this is root and the folder
 * another user's, and the system's errors.
 */
export function openSpool(folder: string, options: DiskSpoolOptions): Spool {
  makeFolder(folder, { mode: 0o700 });
  refuseOthersFolder(folder);
  refuseLinks(folder);
  const lock = acquireLock(join(folder, "spool"), folder);
  try {
    return new DiskSpool(folder, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class DiskSpool implements Spool {
  private readonly folder: string;
  private readonly folderDescriptor: number;
  private readonly lock: Lock;
  private readonly maxBytes: number;
  private readonly segmentBytes: number;
  private readonly report: (message: string) => void;
  /** Oldest first. */
  private readonly segments: Segment[];
  private bytes: number;
  /** The last segment; null where the next record begins a new one. */
  private active: Segment | null = null;
  private readonly unsynced = new Set<Segment>();
  private folderIsSynced = true;
  private background: Promise<void> | null = null;
  private heads = new HeadPlan();
  private state = emptyState;
  private stateIsWritten = true;
  private nextId = 1;
  /** Behind it, up to `nextId`, are only ids that nobody was given. */
  private lastId = 0;
  private readonly reader: SpoolReader;

  constructor(folder: string, lock: Lock, options: DiskSpoolOptions) {
    this.folder = folder;
    this.lock = lock;
    this.maxBytes = options.maxBytes;
    this.segmentBytes =
      options.segmentBytes ??
      Math.min(defaultSegmentBytes, Math.floor(options.maxBytes / leastSegments));
    this.report = options.report;
    this.segments = listSegments(folder);
    this.bytes = this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
    this.reader = new SpoolReader({
      segments: this.segments,
      nextId: () => this.nextId,
      acknowledgedId: () => this.state.acknowledgedId,
      report: options.report,
    });
    this.folderDescriptor = openSync(folder, "r");
    try {
      if (this.last !== null) this.resume(this.last);
    } catch (error) {
      this.closeDescriptors();
      throw error;
    }
  }

  get acknowledgedId(): number {
    return this.state.acknowledgedId;
  }

  get sealedId(): number {
    return this.state.sealedId;
  }

  append(kind: number, payload: Buffer, head: Buffer | null = null): number {
    checkRecord(kind, payload, head);
    const { active } = this;
    const id = this.nextId;
    const goesOn = active !== null && active.bytes < this.segmentBytes && !this.heads.full;
    const heads = goesOn ? this.heads : new HeadPlan();
    const planned = heads.next(head);
    const render = (mark: number): Buffer => {
      const record = renderRecord(mark, { kind, id, head: planned.number, payload });
      if (!planned.copy || head === null) return record;
      const note = { kind: headKind, id: id - 1, head: planned.number, payload: head };
      return Buffer.concat([renderRecord(mark, note), record]);
    };
    if (goesOn) this.write(active, render(active.mark));
    else this.startSegment(render);
    heads.wrote(head, planned);
    this.heads = heads;
    this.nextId = id + 1;
    this.lastId = id;
    this.dropOldest();
    return id;
  }

  sync(): void {
    if (!this.stateIsWritten) this.writeState();
    try {
      for (const segment of this.unsynced) {
        if (segment.descriptor !== null) fdatasyncSync(segment.descriptor);
        this.unsynced.delete(segment);
        if (segment !== this.active) closeSegment(segment);
      }
      if (!this.folderIsSynced) fsyncSync(this.folderDescriptor);
      this.folderIsSynced = true;
    } catch (error) {
      // The kernel tells once and then forgets: a later success would say nothing about these bytes.
      this.closeSegments();
      throw error;
    }
  }

  syncInBackground(): Promise<void> {
    this.background ??= this.syncUnsynced().finally(() => {
      this.background = null;
    });
    return this.background;
  }

  read(afterId: number, limits: ReadLimits): SpoolRecord[] {
    const records = this.reader.read(afterId, limits);
    // Nothing of what should wait is there: a power cut took what was not synced.
    if (records.length === 0 && afterId <= this.acknowledgedId) this.acknowledge(this.lastId);
    return records;
  }

  seal(id: number): void {
    this.setState({ sealedId: id });
    this.writeState();
  }

  acknowledge(id: number): void {
    if (id <= this.state.acknowledgedId) return;
    // Behind the last record there is nothing to wait for.
    const upTo = id >= this.lastId ? this.nextId - 1 : id;
    const damagedRecords = this.state.damagedRecords + this.reader.takeDamaged(upTo);
    this.setState({ acknowledgedId: upTo, damagedRecords });
    this.removeAcknowledged();
  }

  counts(): SpoolCounts {
    const { acknowledgedId, droppedRecords, damagedRecords } = this.state;
    const damaged = this.reader.countDamaged();
    return {
      records: this.nextId - 1 - acknowledgedId - damaged,
      bytes: this.bytes,
      droppedRecords,
      damagedRecords: damagedRecords + damaged,
    };
  }

  close(): void {
    if (!this.stateIsWritten) this.writeState();
    this.closeDescriptors();
    this.lock.release();
  }

  private get last(): Segment | null {
    return this.segments.at(-1) ?? null;
  }

  /** Goes on where the process before left off. */
  private resume(last: Segment): void {
    last.descriptor = openSegment(last.path, "append");
    this.active = last;
    this.unsynced.add(last);
    this.folderIsSynced = false;
    const scanned = scanSegment(readBytes(last.descriptor, 0, last.bytes), last);
    this.heads = new HeadPlan(scanned.lastHead);
    this.lastId = scanned.lastId;
    this.nextId = scanned.lastId + 1;
    const oldestId = this.segments[0]?.firstId ?? 1;
    const state = scanned.state ?? this.readEarlierState();
    this.setState({ ...state, acknowledgedId: Math.max(state.acknowledgedId, oldestId - 1) });
    if (scanned.end < last.bytes) this.cutTorn(last, scanned);
    if (this.state.acknowledgedId >= this.lastId)
      this.setState({ acknowledgedId: this.nextId - 1 });
    this.writeState();
    this.removeAcknowledged();
    this.dropOldest();
  }

  private cutTorn(last: Segment, { end, endIsDamaged }: ScannedSegment): void {
    const tornBytes = last.bytes - end;
    if (last.descriptor !== null) ftruncateSync(last.descriptor, end);
    last.bytes = end;
    this.bytes -= tornBytes;
    // It may have been whole, and somebody been given its id.
    this.nextId += 1;
    if (endIsDamaged) this.setState({ damagedRecords: this.state.damagedRecords + 1 });
    this.report(
      `${last.path}: cut off a ${endIsDamaged ? "damaged" : "torn"} record of ${countOf(tornBytes, "byte")}`,
    );
  }

  /** Where the last segment holds none, being torn or damaged. */
  private readEarlierState(): SpoolState {
    for (const segment of this.segments.slice(0, -1).toReversed()) {
      const descriptor = openSegment(segment.path, "read");
      try {
        const { state } = scanSegment(readBytes(descriptor, 0, segment.bytes), segment);
        if (state !== null) return state;
      } finally {
        closeSync(descriptor);
      }
    }
    return emptyState;
  }

  private startSegment(render: (mark: number) => Buffer): void {
    const segment = createSegment(this.folder, this.nextId, (mark) =>
      Buffer.concat([this.renderState(mark), render(mark)]),
    );
    const before = this.last;
    if (before !== null && !this.unsynced.has(before)) closeSegment(before);
    this.active = segment;
    this.unsynced.add(segment);
    this.folderIsSynced = false;
    this.stateIsWritten = true;
    this.segments.push(segment);
    this.bytes += segment.bytes;
    // One without a record: what it says of the state, the new one says too.
    if (before?.firstId === segment.firstId) this.remove(before);
    this.removeAcknowledged();
  }

  private write(active: Segment, bytes: Buffer): void {
    try {
      appendBytes(active, bytes);
    } catch (error) {
      if (!(error instanceof BrokenSegmentError)) throw error;
      // What is in it can be read, but nothing is put behind half a record.
      this.active = null;
      throw error.cause;
    }
    this.bytes += bytes.length;
    this.unsynced.add(active);
  }

  private async syncUnsynced(): Promise<void> {
    if (!this.stateIsWritten) this.writeState();
    const { last } = this;
    // Not those that come while it is under way: it would never end on a slow disk.
    const segments = [...this.unsynced];
    try {
      for (const segment of segments) {
        // Done with in the meantime.
        if (!this.segments.includes(segment)) continue;
        const { bytes } = segment;
        await syncFile(segment.path);
        if (segment.bytes !== bytes) continue;
        this.unsynced.delete(segment);
        if (segment !== this.active) closeSegment(segment);
      }
      if (!this.folderIsSynced) await syncFile(this.folder);
      if (this.last === last) this.folderIsSynced = true;
    } catch (error) {
      this.closeSegments();
      throw error;
    }
  }

  private setState(changed: Partial<SpoolState>): void {
    this.state = { ...this.state, ...changed };
    this.stateIsWritten = false;
  }

  /** Where there is no room the older one stays: after a crash some records would be given again. */
  private writeState(): void {
    // A segment to come begins with it.
    if (this.active === null) return;
    try {
      this.write(this.active, this.renderState(this.active.mark));
      this.stateIsWritten = true;
    } catch {
      // The next append tells.
    }
  }

  private renderState(mark: number): Buffer {
    const payload = renderState(this.state);
    return renderRecord(mark, { kind: stateKind, id: this.nextId - 1, head: 0, payload });
  }

  private dropOldest(): void {
    while (this.bytes > this.maxBytes) {
      const [oldest, next] = this.segments;
      if (oldest === undefined || next === undefined) return;
      const { acknowledgedId, droppedRecords } = this.state;
      const lastId = next.firstId - 1;
      const dropped = lastId - Math.max(acknowledgedId, oldest.firstId - 1);
      this.setState({
        acknowledgedId: Math.max(acknowledgedId, lastId),
        droppedRecords: droppedRecords + Math.max(0, dropped),
      });
      // First counted, then gone.
      this.writeState();
      this.remove(oldest);
    }
  }

  /** The last segment stays, for the records to come. */
  private removeAcknowledged(): void {
    for (;;) {
      const [oldest, next] = this.segments;
      if (oldest === undefined || next === undefined) return;
      if (next.firstId - 1 > this.state.acknowledgedId) return;
      // After a crash a part of a batch would be done with, and the rest not: it would be another batch.
      if (!this.stateIsWritten) this.writeState();
      this.remove(oldest);
    }
  }

  private remove(segment: Segment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
    this.bytes -= segment.bytes;
    this.unsynced.delete(segment);
    closeSegment(segment);
    this.reader.leave(segment);
    try {
      unlinkSync(segment.path);
    } catch (error) {
      this.report(`Cannot remove ${segment.path}: ${messageOf(error)}`);
    }
  }

  /** Nothing more is written to them. */
  private closeSegments(): void {
    for (const segment of this.segments) closeSegment(segment);
    this.unsynced.clear();
    this.active = null;
  }

  private closeDescriptors(): void {
    this.reader.close();
    this.closeSegments();
    closeSync(this.folderDescriptor);
  }
}

function checkRecord(kind: number, payload: Buffer, head: Buffer | null): void {
  if (!Number.isInteger(kind) || kind < 0 || kind > 255)
    throw new RangeError(`Cannot spool a record of kind ${kind}: kinds are 0 to 255`);
  const longest = Math.max(payload.length, head?.length ?? 0);
  if (longest > maxPayloadBytes) {
    throw new RangeError(
      `Cannot spool a record of ${longest} bytes: ${maxPayloadBytes} are the most`,
    );
  }
}

/** Others' files under our names: what is written would go somewhere else. */
function refuseLinks(folder: string): void {
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  const link = paths.find((path) => lstatSync(path).isSymbolicLink());
  if (link === undefined) return;
  throw new ExitError(exitCodes.config, `Cannot use the spool: ${link} is a symbolic link`);
}
