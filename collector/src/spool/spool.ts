/** What waits for somebody who may be away for long: records that are kept until they are acknowledged. */
export interface Spool {
  /** All records up to this one are acknowledged or dropped: reading begins behind it. */
  readonly acknowledgedId: number;
  /** The batch under way ends with this record, see `seal`; none is under way where it is not above `acknowledgedId`. */
  readonly sealedId: number;
  /**
   * Keeps the record and answers its id. `head` is what the record cannot be understood without and shares with those before it, such as
   * the columns of a row: it is stored now and then, and given with each record.
   * @throws RangeError, and the system's error, for example that the disk is full: then nothing was kept, and a later record may be.
   */
  append(kind: number, payload: Buffer, head?: Buffer | null): number;
  /**
   * What was appended so far survives a power cut.
   * @throws the system's error: what was appended since the last call may not survive, and no later call makes up for it.
   */
  sync(): void;
  /** As sync(), while a slow disk holds nothing else up. While one is under way, it is that one. */
  syncInBackground(): Promise<void>;
  /** Records behind that one, in order and at least one where there is one. */
  read(afterId: number, limits: ReadLimits): SpoolRecord[];
  /** A batch that ends with this record is about to be sent: when it has to be sent again after a restart, it shall be the same batch. */
  seal(id: number): void;
  /** All records up to this one are done with. After a crash, the last ones may have to be acknowledged again. */
  acknowledge(id: number): void;
  counts(): SpoolCounts;
  close(): void;
}

export interface SpoolRecord {
  /** Counts up by one; a record that is lost leaves its number out. No id is given twice. */
  id: number;
  /** 0–255; means something to those who append and read. */
  kind: number;
  payload: Buffer;
  head: Buffer | null;
}

export interface ReadLimits {
  maxRecords: number;
  /** Of payloads; a single record may be larger. */
  maxBytes: number;
}

export interface SpoolCounts {
  /** Not acknowledged; those that are damaged are among them until they are read. */
  records: number;
  /** On disk, or in memory. */
  bytes: number;
  /** The oldest, for which there was no room, since the spool was made. */
  droppedRecords: number;
  /** Could not be read any more, since the spool was made. */
  damagedRecords: number;
}
