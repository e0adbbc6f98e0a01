import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Holds the date of a night that was not ended. */
const FILE = 'night.unfinished'

/** Begins a night in a directory; returns whether it goes on with one of the same date that was cut off. */
export function beginNight(outputDir: string, night: string): boolean {
  const path = join(outputDir, FILE)
  let unfinished: string | undefined
  try {
    unfinished = readFileSync(path, 'utf8').trim()
  } catch {
    // There is none.
  }
  writeFileSync(path, `${night}\n`)
  return unfinished === night
}

/** All legs were run: the next call is another night, or the same one anew. */
export function endNight(outputDir: string): void {
  rmSync(join(outputDir, FILE), { force: true })
}
