import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { parseJson, walkJson } from '@agent-ci/evaluation/datasets/json-text'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { afterAll, describe, expect, test } from '@jest/globals'
import { bytesNear, textNear } from '../../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../../properties.ts'
import { allOf } from './harness.ts'

const JSON_TEXT = `{"name": "g", "examples": [
  {"id": "é€😀", "input": "[\\"a\\\\\\u0041\\"]", "expected": ["x", "y"], "tags": ["t"], "critical": true},
  {"id": "b", "input": [{"role": "user", "content": "hi"}], "expected_tools": ["s", {"name": "t", "args": {"n": -1.5e3}}],
   "scorers": ["exact", {"type": "json", "schema": {"a": [null, true]}}], "metadata": {"__proto__": {"k": []}}, "group": 7}
]}
`
const LINES = JSON.parse(JSON_TEXT)
  .examples.map((example: unknown) => JSON.stringify(example))
  .join('\r\n')
const CSV = `\ufeffid,input,expected,expected_tools,tags,critical,metadata,note
a,"x, ""y""\r\nz",é€😀,"[""s"", {""name"": ""t""}]",a | b,true,"{""k"": [1]}",n
b,[text,"{""a"": 1}",s|t,,FALSE,,
`
const YAML = `# golden
examples:
  - &first
    id: é€😀
    input: {a: [1, 2.5, null, ~, "\\u0041"]}
    expected: >-
      folded
      text
    tags: [x, 'y''z']
  - id: b
    input: |
      block
    expected_tools: &tools [s, {name: t, args: {n: 1}}]
    scorers: [exact]
  - {id: c, input: x, expected_tools: *tools, "metadata": {? k : v}}
`
const FORMATS = { 'g.json': JSON_TEXT, 'g.jsonl': LINES, 'g.csv': CSV, 'g.yaml': YAML }

const cwd = mkdtempSync(join(tmpdir(), 'datasets-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('any bytes give a dataset or a refusal at a line that the file has', () => {
  test.each(Object.entries(FORMATS))(
    '%s',
    async (name, text) => {
      const outcomes = { loaded: 0, refused: 0 }
      const check = async (content: Uint8Array): Promise<void> => {
        writeFileSync(join(cwd, name), content)
        try {
          const dataset = await loadDataset({ name: 'golden', paths: [name] }, { cwd, warn: () => {} })
          const examples = allOf(dataset)
          dataset.close()
          expect(examples.length).toBeGreaterThan(0)
          expect(new Set(examples.map(({ id }) => id)).size).toBe(examples.length)
          outcomes.loaded++
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error
          const lines = Buffer.from(content).toString('latin1').split('\n').length
          for (const { source } of error.problems.slice(0, 20)) {
            expect(source).toEqual({ file: name, line: expect.any(Number) })
            expect(source!.line).toBeGreaterThanOrEqual(1)
            expect(source!.line).toBeLessThanOrEqual(lines)
          }
          outcomes.refused++
        }
      }
      await check(Buffer.from(text))
      expect(outcomes).toEqual({ loaded: 1, refused: 0 })
      await fc.assert(fc.asyncProperty(bytesNear(text), check), { numRuns: RUNS })
      expect(outcomes.loaded).toBeGreaterThan(10)
      expect(outcomes.refused).toBeGreaterThan(RUNS / 2)
    },
    PATIENCE_MS,
  )
})

describe('walkJson', () => {
  const text = fc.oneof(fc.json(), ...[JSON_TEXT, '[1,-2.5e+3,"\\n",true,{"a":null}]'].map(textNear))

  test(
    'agrees with JSON.parse on what is JSON',
    () => {
      fc.assert(
        fc.property(text, (json) => {
          let valid = true
          try {
            JSON.parse(json)
          } catch {
            valid = false
          }
          const fault = walkJson(json)
          // Deep nesting is the one thing that JSON allows and we do not.
          if (fault?.why.includes('levels of nesting')) return
          expect(fault === undefined).toBe(valid)
          if (fault) expect(fault.offset).toBeLessThanOrEqual(json.length)
        }),
        { numRuns: 3 * RUNS },
      )
    },
    PATIENCE_MS,
  )

  test('takes long strings, numbers and nestings without recursion', () => {
    const long = 5_000_000
    expect(parseJson(`["${'a'.repeat(long)}"]`)).toHaveProperty('value')
    expect(parseJson('1'.repeat(long))).toEqual({ value: Number.POSITIVE_INFINITY })
    expect(parseJson('['.repeat(long))).toMatchObject({ fault: { offset: 200 } })
    expect(parseJson(`{"a":${'{"b":'.repeat(long)}`)).toMatchObject({ fault: { offset: 1_000 } })
  })
})
