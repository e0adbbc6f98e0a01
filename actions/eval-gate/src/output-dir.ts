import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Makes the place for the results of a run that begins. */
export function openOutputDir(path: string): void {
  mkdirSync(path, { recursive: true })
  // An earlier run's proves nothing of this one, which may be cut off.
  for (const file of ['receipt.json', 'receipt.intoto.json', 'results.sarif']) rmSync(join(path, file), { force: true })
}
