import { expect, test } from "vitest";
import type { PictureSource } from "./pictures";
import { pickRandom } from "./pictures";

function source(total: number): PictureSource & { asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    key: "k",
    canSearch: true,
    find: async (_query, _limit, offset) => {
      asked.push(offset);
      return { total, images: offset < total ? [{ id: String(offset), name: `${offset}.jpg` }] : [] };
    },
    thumbnailUrl: (id) => id,
    fileUrl: (id) => id,
    drawableUrl: (id) => id,
  };
}

test("every image may be picked, the last one too", async () => {
  const ten = source(10);
  expect((await pickRandom(ten, "", () => 0))?.id).toBe("0");
  expect((await pickRandom(ten, "", () => 0.9999999))?.id).toBe("9");
  expect((await pickRandom(ten, "", () => 1))?.id).toBe("9");
});

test("of no images none is picked", async () => {
  expect(await pickRandom(source(0), "tag:absent")).toBeNull();
});
