/** Which saved examples are shown: a report leaves out pictures that do not fit. */

interface WithPicture {
  url: string | undefined;
}

/** Those with a picture, where some have one: boxes on an empty ground say little beside them. */
export function withPictures<Shown extends WithPicture>(shown: Shown[]): Shown[] {
  const pictured = shown.filter(({ url }) => url !== undefined);
  return pictured.length > 0 ? pictured : shown;
}
