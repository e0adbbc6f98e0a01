import { expect } from '@jest/globals'

/** Runs the cases of one test at the same time, for they wait most of theirs, and names those that fail. */
export async function together(cases: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
  const names = Object.keys(cases)
  const ends = await Promise.allSettled(names.map(async (name) => cases[name]?.()))
  const failures = ends.flatMap((end, index) =>
    end.status === 'fulfilled'
      ? []
      : [`${names[index]}: ${end.reason instanceof Error ? end.reason.stack : end.reason}`],
  )
  expect(failures.join('\n\n')).toBe('')
}
