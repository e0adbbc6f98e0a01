import { createHash } from 'node:crypto'
import type { Source } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import { canonicalJson, type Json, type JsonObject } from '@agent-ci/core/json'
import { IdIndex } from './id-index.ts'
import { Spool } from './spool.ts'

/** Whether JSON.stringify, which keeps the order of keys, gives the canonical text. */
function isSorted(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  let before = ''
  for (const key in value) {
    if (key < before || !isSorted((value as JsonObject)[key]!)) return false
    before = key
  }
  return true
}

/** The same text as canonicalJson gives, four times as fast where the keys are sorted already. */
const canonicalText = (value: Json): string => (isSorted(value) ? JSON.stringify(value) : canonicalJson(value))

/** Gathers examples one by one into a dataset that keeps them outside the JavaScript heap. */
export class DatasetBuilder {
  private readonly files: string[]
  private readonly spool: Spool
  private readonly hash = createHash('sha256')
  private readonly ids = new IdIndex((position) => this.at(position).id)

  constructor(files: readonly string[], tempDir: string) {
    this.files = [...files]
    this.spool = new Spool(tempDir)
  }

  /** The position of a file in the dataset's list, to which it is added where it is not there. */
  indexOf(file: string): number {
    const at = this.files.indexOf(file)
    return at < 0 ? this.files.push(file) - 1 : at
  }

  /** Where an example with the same id is already, or undefined when this one was added. */
  add(example: Omit<Example, 'source'>, fileIndex: number, line: number): Source | undefined {
    const earlier = this.ids.claim(example.id, this.spool.size)
    if (earlier !== undefined) return this.at(earlier).source
    const text = canonicalText(example as unknown as Json)
    this.hash.update(`${text}\n`)
    this.spool.append(`${fileIndex} ${line} ${text}`)
    return undefined
  }

  /** To be called once. */
  build(name: string): Dataset {
    return {
      name,
      files: this.files,
      digest: `sha256:${this.hash.digest('hex')}`,
      size: this.spool.size,
      at: (index) => this.at(index),
      close: () => this.close(),
    }
  }

  close(): void {
    this.spool.close()
  }

  private at(index: number): Example {
    const text = this.spool.read(index)
    const space = text.indexOf(' ')
    const json = text.indexOf(' ', space + 1)
    const source: Source = {
      file: this.files[Number(text.slice(0, space))]!,
      line: Number(text.slice(space + 1, json)),
    }
    return { ...JSON.parse(text.slice(json)), source }
  }
}
