import { expect, test } from "vitest";
import { readPdf } from "../testing/read-pdf.ts";
import { packObjects } from "./pack.ts";

/** A page that says "Hello", with `extra` small objects, as typst's exporter lays a file out. */
function plainPdf({ extra = 0, trailer = "" } = {}): Buffer {
  const text = "BT /F1 12 Tf 20 20 Td (Hello) Tj ET";
  const bodies = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "<< /Title (Greeting) >>",
    ...Array.from({ length: extra }, (_, index) => `<< /Number ${index} >>`),
  ];
  let file = "%PDF-1.7\n\n";
  const offsets = bodies.map((body, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${body}\nendobj\n\n`;
    return `${String(offset).padStart(10, "0")} 00000 n\r\n`;
  });
  const size = bodies.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f\r\n${offsets.join("")}`;
  return Buffer.from(
    `${file}${table}trailer\n<<\n  /Size ${size}\n  /Root 1 0 R\n  /Info 6 0 R${trailer}\n>>\nstartxref\n${file.length}\n%%EOF`,
  );
}

test("packObjects() keeps what a reader finds, and packs small objects", async () => {
  const plain = plainPdf({ extra: 1000 });
  const packed = packObjects(plain);
  expect(packed.length).toBeLessThan(plain.length / 5);
  expect(packed.subarray(0, 9).toString()).toBe("%PDF-1.7\n");
  expect(await readPdf(packed)).toEqual(await readPdf(plain));
  expect(await readPdf(packed)).toMatchObject({ pages: ["Hello"], title: "Greeting" });
});

test("packObjects() packs more objects than a call takes arguments", () => {
  const plain = plainPdf({ extra: 200_000 });
  expect(packObjects(plain).length).toBeLessThan(plain.length / 5);
});

test.each([
  ["no table of objects", Buffer.from("%PDF-1.7\nstartxref\n9\n%%EOF"), "no table of objects"],
  ["an earlier revision", plainPdf({ trailer: "\n  /Prev 9" }), "one plain revision"],
  ["encryption", plainPdf({ trailer: "\n  /Encrypt 6 0 R" }), "one plain revision"],
  [
    "objects elsewhere",
    Buffer.from(plainPdf().toString().replace("4 0 obj", "4  0 ob")),
    "object 4",
  ],
])("packObjects() refuses a file with %s", (_case, file, why) => {
  expect(() => packObjects(file)).toThrow(why);
});
