import { expect, test } from "vitest";
import { sortChosen } from "./chosen";
import { crc32, packZip } from "./zip";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("crc32 gives the check value of its definition", () => {
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytes(""))).toBe(0);
});

test("packZip writes each file after its head, and where it is at the end", async () => {
  const blob = await packZip([
    { path: "a.txt", file: new Blob(["one"]) },
    { path: "ü/b.xml", file: new Blob(["three"]) },
  ]);
  const view = new DataView(await blob.arrayBuffer());
  const end = view.byteLength - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  expect(view.getUint16(end + 10, true)).toBe(2);
  const second = 30 + 5 + 3;
  expect(view.getUint32(second, true)).toBe(0x04034b50);
  expect(view.getUint32(second + 14, true)).toBe(crc32(bytes("three")));
  const places = view.getUint32(end + 16, true);
  expect(view.getUint32(places, true)).toBe(0x02014b50);
  expect(view.getUint32(places + 46 + 5 + 42, true)).toBe(second);
});

const named = (...paths: string[]) => paths.map((path) => ({ path, file: new File(["x"], path) }));

test("images alone go one by one, and with annotations as one zip", () => {
  expect(sortChosen(named("a.jpg", "b.zip")).alone.map((one) => one.name)).toEqual(["a.jpg", "b.zip"]);
  const mixed = sortChosen(named("a.jpg", "a.xml", "b.zip", ".DS_Store", "Thumbs.db"));
  expect(mixed.together.map((one) => one.path)).toEqual(["a.jpg", "a.xml"]);
  expect(mixed.alone.map((one) => one.name)).toEqual(["b.zip"]);
});
