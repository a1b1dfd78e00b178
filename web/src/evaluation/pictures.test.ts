import { describe, expect, it } from "vitest";
import { withPictures } from "./pictures";

describe("examples of a report", () => {
  const [first, second] = [{ url: "data:a" }, { url: undefined }];

  it("without a picture are left out beside those with one", () => {
    expect(withPictures([first, second])).toEqual([first]);
  });

  it("are all shown as boxes when none has a picture", () => {
    expect(withPictures([second, second])).toHaveLength(2);
  });
});
