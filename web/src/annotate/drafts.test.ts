import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draftsOf, keepDraft, keptImages } from "./drafts";
import type { Labels } from "./editing";

const place = { workspace: "w", project: "farm", image: { id: "i1", name: "cow.png" } };
const labels = (x: number): Labels => ({
  boxes: [{ class_name: "cow", box_xyxy: [x, 0, 90, 90], confidence: null, is_draft: false, is_crowd: false }],
  isEmpty: false,
});
const nothing: Labels = { boxes: [], isEmpty: false };

/** As the browser's: what it holds are its own properties. */
function storage(isFull: boolean): Storage {
  return Object.create(
    {
      getItem(this: Record<string, string>, key: string) {
        return this[key] ?? null;
      },
      setItem(this: Record<string, string>, key: string, text: string) {
        if (isFull) throw new Error("QuotaExceededError");
        this[key] = text;
      },
      removeItem(this: Record<string, string>, key: string) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
        delete this[key];
      },
    },
    {},
  ) as Storage;
}

beforeEach(() => vi.stubGlobal("localStorage", storage(false)));
afterEach(() => vi.unstubAllGlobals());

test.each([false, true])("what is kept comes back until it is given up, be the storage full (%s)", (isFull) => {
  vi.stubGlobal("localStorage", storage(isFull));
  keepDraft(place, "a", labels(1));
  keepDraft(place, "a", labels(2));
  expect(draftsOf(place, nothing).map((one) => one.labels)).toEqual([labels(2)]);
  expect(keptImages("w", "farm")).toEqual([{ id: "i1", name: "cow.png" }]);
  expect(keptImages("w", "farmyard")).toEqual([]);
  keepDraft(place, "a", null);
  expect([draftsOf(place, nothing), keptImages("w", "farm")]).toEqual([[], []]);
});

test("two pages keep theirs beside each other", () => {
  keepDraft(place, "a", labels(1));
  keepDraft(place, "b", labels(2));
  keepDraft(place, "a", null);
  expect(draftsOf(place, nothing).map((one) => one.id)).toEqual(["b"]);
});

test("what the server has after all is not offered", () => {
  keepDraft(place, "a", labels(1.004));
  expect(draftsOf(place, labels(1))).toEqual([]);
});

test("what somebody else wrote there does no harm", () => {
  localStorage.setItem("epochal-unsaved w/farm/i1", "{");
  expect(draftsOf(place, nothing)).toEqual([]);
});
