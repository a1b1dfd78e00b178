/** Packs files into one zip, as they are and without pressing them; pure but for reading the files. */

export interface Packed {
  /** Its place in the zip, with / between folders. */
  path: string;
  file: Blob;
}

/** What the old form of zip can say: beyond it the numbers have no room. */
const [FILES_MAX, BYTES_MAX] = [65_535, 0xffff_ffff];
const UTF8_NAMES = 0x0800;
const [VERSION, DATE] = [20, 0x21]; // 2.0; the first of January 1980: the time of a file says nothing here

/** Throws with what to do when the files are too many or too large for one zip. */
export async function packZip(files: Packed[]): Promise<Blob> {
  if (files.length > FILES_MAX) throw new Error(tooMuch(`${files.length} files`));
  const parts: BlobPart[] = [];
  const places: BlobPart[] = [];
  let at = 0;
  let placesLength = 0;
  for (const { path, file } of files) {
    const name = new TextEncoder().encode(path);
    const crc = crc32(new Uint8Array(await file.arrayBuffer()));
    const sizes = [crc, file.size, file.size];
    const head = [...u16(VERSION, UTF8_NAMES, 0, 0, DATE), ...u32(...sizes), ...u16(name.length, 0)];
    const begin = new Uint8Array([...u32(0x04034b50), ...head]);
    const place = new Uint8Array([...u32(0x02014b50), ...u16(VERSION), ...head, ...u16(0, 0, 0), ...u32(0, at)]);
    parts.push(begin, name, file);
    places.push(place, name);
    at += begin.length + name.length + file.size;
    placesLength += place.length + name.length;
    if (at > BYTES_MAX) throw new Error(tooMuch("more than 4 GB"));
  }
  const count = files.length;
  const end = [...u32(0x06054b50), ...u16(0, 0, count, count), ...u32(placesLength, at), ...u16(0)];
  return new Blob([...parts, ...places, new Uint8Array(end)], { type: "application/zip" });
}

function tooMuch(what: string): string {
  return `Images with annotation files go as one zip, and ${what} are too much for one; send them in parts, or as a zip that you make yourself.`;
}

function u16(...numbers: number[]): number[] {
  return numbers.flatMap((one) => [one & 255, (one >>> 8) & 255]);
}

function u32(...numbers: number[]): number[] {
  return numbers.flatMap((one) => [one & 255, (one >>> 8) & 255, (one >>> 16) & 255, (one >>> 24) & 255]);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The checksum that a zip holds of each file. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ (TABLE[(value ^ byte) & 255] ?? 0);
  return (value ^ 0xffff_ffff) >>> 0;
}
