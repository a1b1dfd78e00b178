import { describe, expect, it } from "vitest";
import { readPacked } from "./packed";

/** As `tests/graphs/test_packed.py` holds the server to it. */
function pack(head: object, columns: number[][]): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const bytes = new Uint8Array(start + columns.flat().length * 8).fill(32, 0, start);
  bytes.set(new TextEncoder().encode("EPG1"));
  new DataView(bytes.buffer).setUint32(4, start - 8, true);
  bytes.set(text, 8);
  new Float64Array(bytes.buffer, start).set(columns.flat());
  return bytes.buffer;
}

const HEAD = { document: { name: "Zellen-ä", verdict: "x" }, rows: 3, keys: ["lr", "__proto__"] };
const COLUMNS = [
  [1, 2, 3],
  [0.1, NaN, 1e-300],
  [NaN, NaN, -0.5],
];

describe("readPacked", () => {
  it("gives back every number, and null where there is none", () => {
    const doc = readPacked(pack(HEAD, COLUMNS));
    expect(doc.name).toBe("Zellen-ä");
    expect(doc.epochs).toEqual([1, 2, 3]);
    expect(doc.series["lr"]).toEqual([0.1, null, 1e-300]);
    expect(Object.entries(doc.series)[1]).toEqual(["__proto__", [null, null, -0.5]]);
  });

  it("reads a run without epochs", () => {
    const doc = readPacked(pack({ document: {}, rows: 0, keys: [] }, [[]]));
    expect(doc.epochs).toEqual([]);
  });

  it("refuses what was cut off, and what is something else", () => {
    const whole = pack(HEAD, COLUMNS);
    expect(() => readPacked(whole.slice(0, whole.byteLength - 8))).toThrow("cut off");
    expect(() => readPacked(new TextEncoder().encode('{"epochs": []}').buffer)).toThrow("expected a packed graph");
    expect(() => readPacked(new ArrayBuffer(3))).toThrow("expected a packed graph");
  });
});
