// Object streams: https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf, 7.5.7 and 7.5.8
import { deflateSync } from "node:zlib";

/** Of a file that is not laid out as typst's exporter does. */
const strange = "Cannot pack the PDF:";
const objectsPerStream = 200;
/** Of an entry in the table of objects: "0000012345 00000 n" and a line end of two characters. */
const entryLength = 20;

interface PdfObject {
  number: number;
  /** Between "obj" and "endobj". */
  body: Buffer;
}

/** Where an object lies: at an offset in the file, or as the index-th of an object stream. */
type Place = { offset: number } | { stream: number; index: number };

/**
 * The same PDF with its small objects compressed together: the tags of a report are thousands of them, and typst leaves each as
 * text. Takes what typst's exporter writes (one table of objects, no encryption, no earlier revisions) and throws a RangeError for else.
 */
export function packObjects(pdf: Buffer): Buffer {
  const { objects, trailer, head } = readObjects(pdf);
  const places = new Map<number, Place>();
  const out: Buffer[] = [head];
  let offset = head.length;
  const write = (number: number, body: Buffer | string): void => {
    places.set(number, { offset });
    const object = [Buffer.from(`${number} 0 obj\n`), Buffer.from(body), Buffer.from("\nendobj\n")];
    for (const part of object) offset += part.length;
    out.push(...object);
  };
  const isStream = ({ body }: PdfObject): boolean =>
    body.subarray(-"endstream".length).equals(Buffer.from("endstream"));
  for (const object of objects.filter(isStream)) write(object.number, object.body);
  const small = objects.filter((object) => !isStream(object));
  let next = largest(objects.map(({ number }) => number)) + 1;
  for (let from = 0; from < small.length; from += objectsPerStream) {
    const some = small.slice(from, from + objectsPerStream);
    for (const [index, { number }] of some.entries()) places.set(number, { stream: next, index });
    write(next, objectStream(some));
    next++;
  }
  places.set(next, { offset });
  out.push(Buffer.from(`${next} 0 obj\n`), crossReferences(places, trailer));
  out.push(Buffer.from(`\nendobj\nstartxref\n${offset}\n%%EOF\n`));
  return Buffer.concat(out);
}

function readObjects(pdf: Buffer): { objects: PdfObject[]; trailer: string; head: Buffer } {
  const end = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(pdf.toString("latin1", pdf.length - 64));
  const tableAt = Number(end?.[1]);
  const table = /^xref\s+0 (\d+)\s+/.exec(pdf.toString("latin1", tableAt, tableAt + 32));
  if (table === null) throw new RangeError(`${strange} it has no table of objects`);
  const count = Number(table[1]);
  const entriesAt = tableAt + table[0].length;
  const entries = pdf.toString("latin1", entriesAt, entriesAt + count * entryLength);
  const offsets: { number: number; at: number }[] = [];
  for (let number = 0; number < count; number++) {
    const entry = entries.slice(number * entryLength, (number + 1) * entryLength);
    if (entry[17] === "n") offsets.push({ number, at: Number(entry.slice(0, 10)) });
  }
  offsets.sort((a, b) => a.at - b.at);
  const objects = offsets.map(({ number, at }, index) =>
    readObject(pdf.subarray(at, offsets[index + 1]?.at ?? tableAt), number),
  );
  const rest = pdf.toString("latin1", entriesAt + count * entryLength);
  const trailer = /^trailer\s*<<(.*)>>\s*startxref/s.exec(rest)?.[1]?.replace(/\/Size \d+/, "");
  if (trailer === undefined || /\/(Prev|Encrypt)\b/.test(trailer))
    throw new RangeError(`${strange} its trailer is not that of one plain revision`);
  return { objects, trailer, head: pdf.subarray(0, offsets[0]?.at ?? tableAt) };
}

function readObject(bytes: Buffer, number: number): PdfObject {
  const start = `${number} 0 obj\n`;
  const end = bytes.lastIndexOf("endobj");
  if (bytes.toString("latin1", 0, start.length) !== start || end < 0)
    throw new RangeError(`${strange} object ${number} is not where its table says`);
  const isLineEnd = bytes[end - 1] === 0x0a;
  return { number, body: bytes.subarray(start.length, isLineEnd ? end - 1 : end) };
}

function objectStream(objects: readonly PdfObject[]): Buffer {
  let length = 0;
  const index = objects.map(({ number, body }) => {
    const entry = `${number} ${length}`;
    length += body.length + 1;
    return entry;
  });
  const header = Buffer.from(`${index.join(" ")}\n`);
  const bodies = objects.flatMap(({ body }) => [body, Buffer.from("\n")]);
  const dictionary = `/Type /ObjStm /N ${objects.length} /First ${header.length}`;
  return toStream(dictionary, Buffer.concat([header, ...bodies]));
}

/** A row an object: kind, place, and index or generation, in 1, 4 and 2 bytes. */
function crossReferences(places: ReadonlyMap<number, Place>, trailer: string): Buffer {
  const size = largest([...places.keys()]) + 1;
  const rows = Buffer.alloc(7 * size);
  rows.writeUInt16BE(0xffff, 5);
  for (const [number, place] of places) {
    const at = 7 * number;
    rows.writeUInt8("offset" in place ? 1 : 2, at);
    rows.writeUInt32BE("offset" in place ? place.offset : place.stream, at + 1);
    rows.writeUInt16BE("offset" in place ? 0 : place.index, at + 5);
  }
  return toStream(`/Type /XRef /Size ${size} /W [1 4 2]${trailer}`, rows);
}

/** There can be more of them than a call takes arguments. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}

function toStream(dictionary: string, content: Buffer): Buffer {
  const packed = deflateSync(content);
  return Buffer.concat([
    Buffer.from(`<< ${dictionary} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`),
    packed,
    Buffer.from("\nendstream"),
  ]);
}
