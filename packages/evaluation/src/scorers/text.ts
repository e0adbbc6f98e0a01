/**
 * A text as the guide compares it, without white space around it and in lower case; composed (NFC), because one character may be written
 * as one code point or as two.
 */
export function normalised(text: string, caseSensitive = false): string {
  const composed = text.normalize('NFC').trim()
  return caseSensitive ? composed : composed.toLowerCase()
}
