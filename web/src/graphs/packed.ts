/** Reads the graph document as the server packs it for this page; `graphs/packed.py` says how. */
import type { GraphDocument, Values } from "./document";
import { readDocument } from "./document";

const MAGIC = 0x31475045; // "EPG1"
const START_BYTES = 8;

interface Head {
  document: object;
  rows: number;
  keys: string[];
}

/** @param bytes all of the answer. Throws when it is something else. */
export function readPacked(bytes: ArrayBuffer): GraphDocument {
  const view = new DataView(bytes);
  if (bytes.byteLength < START_BYTES || view.getUint32(0, true) !== MAGIC) throw new Error("expected a packed graph");
  const headEnd = START_BYTES + view.getUint32(4, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, START_BYTES, headEnd - START_BYTES));
  const { document, rows, keys } = JSON.parse(text) as Head;
  if (bytes.byteLength !== headEnd + (keys.length + 1) * rows * 8) throw new Error("the packed graph was cut off");
  const column = (at: number): Float64Array => new Float64Array(bytes, headEnd + at * rows * 8, rows);
  return readDocument({
    ...document,
    epochs: Array.from(column(0)),
    series: Object.fromEntries(keys.map((key, at) => [key, toValues(column(at + 1))])),
  });
}

/** NaN stands for no value there. */
function toValues(column: Float64Array): Values {
  const values: Values = Array.from(column);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = null;
  return values;
}
