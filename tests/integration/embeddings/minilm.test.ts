import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localModel } from '@agent-ci/evaluation/embeddings/local-model'
import type { EmbeddingModel, Vector } from '@agent-ci/evaluation/embeddings/model'
import { cosine } from '@agent-ci/evaluation/scorers/similarity'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cachedModel, isThere } from '../../models/model.ts'

const real = cachedModel(process.env)
const there = isThere(real)
if (!there) console.warn(`SKIPPED: all-MiniLM-L6-v2 is not in ${real.model}; node tests/models/fetch.ts fetches it`)

interface Expected {
  readonly text: string
  readonly vector: readonly number[]
}

/** What sentence-transformers gives: see tests/models/expected.py. */
const expected: readonly Expected[] = readFileSync(
  join(import.meta.dirname, '../../fixtures/all-minilm-l6-v2.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Expected)

const signal = new AbortController().signal
let workspace: string
let model: EmbeddingModel | undefined
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'agent-ci-minilm-'))
  symlinkSync(real.nodeModules, join(workspace, 'node_modules'))
})
afterEach(() => {
  model?.close()
  rmSync(workspace, { recursive: true })
})

const open = async (name: string, env: Record<string, string> = {}) => {
  model = await localModel(name, workspace, { ...process.env, ...env })
  return model
}
const furthest = (a: Vector, b: readonly number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))

;(there ? describe : describe.skip)('all-MiniLM-L6-v2 with its real weights', () => {
  test('gives the numbers of sentence-transformers to 1e-3', async () => {
    const { embed } = await open(real.model)
    const { vectors } = await embed(
      expected.map(({ text }) => text),
      signal,
    )
    expect(vectors).toHaveLength(20)
    for (const [i, vector] of vectors.entries()) {
      expect(vector).toHaveLength(384)
      expect({ text: expected[i]!.text, near: furthest(vector, expected[i]!.vector) < 1e-3 }).toEqual({
        text: expected[i]!.text,
        near: true,
      })
    }
  })

  test('a text has the same vector alone as in a batch', async () => {
    const { embed } = await open(real.model)
    const alone = await embed([expected[0]!.text], signal)
    expect(furthest(alone.vectors[0]!, expected[0]!.vector)).toBeLessThan(1e-3)
  })

  test("judges as the guide's check does: a paraphrase passes 0.85, and so does a negation", async () => {
    const { embed } = await open(real.model)
    const { vectors } = await embed(
      expected.slice(1, 7).map(({ text }) => text),
      signal,
    )
    expect(cosine(vectors[0]!, vectors[1]!)).toBeCloseTo(0.9659, 3)
    expect(cosine(vectors[2]!, vectors[3]!)).toBeCloseTo(0.9212, 3)
    expect(cosine(vectors[4]!, vectors[5]!)).toBeCloseTo(0.6727, 3)
  })

  test("is found in the hub's cache by its name", async () => {
    const repository = join(workspace, 'hf', 'hub', 'models--sentence-transformers--all-MiniLM-L6-v2')
    mkdirSync(join(repository, 'refs'), { recursive: true })
    mkdirSync(join(repository, 'snapshots'))
    writeFileSync(join(repository, 'refs', 'main'), 'c9745ed1')
    symlinkSync(real.model, join(repository, 'snapshots', 'c9745ed1'))
    const { embed } = await open('all-MiniLM-L6-v2', { HF_HOME: join(workspace, 'hf') })
    const { vectors } = await embed([expected[1]!.text], signal)
    expect(furthest(vectors[0]!, expected[1]!.vector)).toBeLessThan(1e-3)
  })

  test('has another identity when it reads less of a text', async () => {
    const { identity } = await open(real.model)
    model!.close()
    const short = join(workspace, 'short')
    mkdirSync(short)
    for (const file of readdirSync(real.model)) symlinkSync(join(real.model, file), join(short, file))
    rmSync(join(short, 'sentence_bert_config.json'))
    expect((await open('./short')).identity).not.toBe(identity)
  })
})
