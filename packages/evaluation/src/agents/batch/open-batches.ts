import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

const openBatchesSchema = z.array(z.object({ id: z.string().regex(/^[\w-]{1,200}$/), requests: z.array(z.string()) }))

export type OpenBatch = z.infer<typeof openBatchesSchema>[number]

/** Batches that were sent and whose answers were not all taken, in a file: a run that continues another takes them. */
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
    this.write()
  }

  remove(id: string): void {
    const at = this.list.findIndex((batch) => batch.id === id)
    if (at >= 0) this.list.splice(at, 1)
    this.write()
  }

  private write(): void {
    if (this.list.length === 0) {
      rmSync(this.path, { force: true })
      return
    }
    writeFileSync(`${this.path}.new`, `${JSON.stringify(this.list)}\n`)
    renameSync(`${this.path}.new`, this.path)
  }
}

function read(path: string): OpenBatch[] {
  try {
    return openBatchesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}
