import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Makes the place for the results of a run that begins. */
export function openOutputDir(path: string): void {
  mkdirSync(path, { recursive: true })
  // An earlier run's proves nothing of this one, which may be cut off.
  rmSync(join(path, 'receipt.json'), { force: true })
}
