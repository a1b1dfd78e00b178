/** A word of an address in plain letters; as it stands where its percent signs mean nothing. */
export function decodeWord(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
