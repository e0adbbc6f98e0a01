/** Refuses an argument that makes no sense; such a call is our defect, never the user's. */
export function expectNumber(ok: boolean, name: string, expected: string, got: number): void {
  if (!ok) throw new RangeError(`Expected \`${name}\` to be ${expected}, got ${got}`)
}
