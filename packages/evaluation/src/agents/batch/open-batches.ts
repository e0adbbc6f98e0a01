import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

const openBatchesSchema = z.array(z.object({ id: z.string().regex(/^[\w-]{1,200}$/), requests: z.array(z.string()) }))

type OpenBatch = z.infer<typeof openBatchesSchema>[number]

/** The batches of a run, in a file until it ends: a run that continues it takes what they answered. */
export class OpenBatches {
  readonly list: OpenBatch[]
  private readonly path: string

  /** @param continues whether what an earlier run left is to be taken */
  constructor(path: string, continues: boolean) {
    this.path = path
    this.list = continues ? read(path) : []
    if (!continues) rmSync(path, { force: true })
  }

  add(batch: OpenBatch): void {
    this.list.push(batch)
    writeFileSync(`${this.path}.new`, `${JSON.stringify(this.list)}\n`)
    renameSync(`${this.path}.new`, this.path)
  }

  /** The run has all that it wants of them. */
  clear(): void {
    this.list.length = 0
    rmSync(this.path, { force: true })
  }
}

function read(path: string): OpenBatch[] {
  try {
    return openBatchesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}
