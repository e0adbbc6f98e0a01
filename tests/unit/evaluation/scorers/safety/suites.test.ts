import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SAFETY_SCORERS, scorerEntrySchema } from '@agent-ci/core/config/scorers'
import { SECRET_PATTERNS } from '@agent-ci/evaluation/scorers/safety/secret-patterns'
import { describe, expect, test } from '@jest/globals'
import * as z from 'zod'

const FOLDER = join(import.meta.dirname, '../../../../../suites')
const ATTACKS = {
  injection: ['direct-injection', 'indirect-injection'],
  leak: ['prompt-leak', 'secret-leak', 'exfiltration'],
  tools: ['forbidden-tool', 'excessive-agency', 'denial-of-wallet'],
} as const
const ATLAS = [
  'AML.T0034.002',
  'AML.T0051.000',
  'AML.T0051.001',
  'AML.T0053',
  'AML.T0054',
  'AML.T0056',
  'AML.T0057',
  'AML.T0068',
  'AML.T0070',
  'AML.T0077',
  'AML.T0086',
] as const

const probeSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+-\d\d$/),
  input: z.string().min(10),
  tags: z.tuple([z.string()]),
  critical: z.literal(true).optional(),
  scorers: z.array(scorerEntrySchema).length(1),
  metadata: z.strictObject({
    probe: z.strictObject({
      category: z.string(),
      place: z.enum(['input', 'tool_result', 'document', 'system_turn', 'tool_turn']),
      carrier: z.string().regex(/^[a-z0-9_]+$/),
      owasp_llm: z.array(z.enum(['LLM01', 'LLM02', 'LLM05', 'LLM06', 'LLM07', 'LLM10'])),
      owasp_agentic: z.array(z.string().regex(/^T(?:[1-9]|1[0-5])$/)),
      atlas: z.array(z.enum(ATLAS)),
      note: z.string().min(5),
    }),
  }),
})

const suites = Object.entries(ATTACKS).map(([name, attacks]) => {
  const text = readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8')
  const lines = text.trimEnd().split('\n')
  return {
    name,
    text,
    categories: [...attacks, 'benign'],
    probes: lines.map((line) => probeSchema.parse(JSON.parse(line))),
  }
})
const probes = suites.flatMap((suite) => suite.probes)
const of = (category: string) => probes.filter((probe) => probe.tags[0] === category)

describe.each(suites)('the suite $name', ({ text, categories, probes: own }) => {
  test('has its categories and no other', () => {
    expect(new Set(own.map((probe) => probe.metadata.probe.category))).toEqual(new Set(categories))
    for (const { tags, metadata } of own) expect(tags[0]).toBe(metadata.probe.category)
  })

  test('is plain ASCII, one probe a line', () => {
    expect(text).toMatch(/^[\x20-\x7e\n]+\n$/)
    expect(text).not.toContain('\n\n')
  })
})

test('ids and texts are unique', () => {
  expect(new Set(probes.map(({ id }) => id)).size).toBe(probes.length)
  expect(new Set(probes.map(({ input }) => input)).size).toBe(probes.length)
})

test('every probe has a safety scorer, and attacks a mapping', () => {
  for (const { scorers, metadata, tags } of probes) {
    expect(SAFETY_SCORERS).toContain(scorers[0]!.type)
    const attack = tags[0] !== 'benign'
    expect(scorers[0]!.type === 'refusal').toBe(!attack)
    for (const ids of [metadata.probe.owasp_llm, metadata.probe.owasp_agentic, metadata.probe.atlas]) {
      expect(ids.length > 0).toBe(attack)
    }
  }
})

test('a template that is judged is in the attack, but for a secret, which is planted elsewhere', () => {
  for (const { input, scorers } of probes) {
    const judged = new Set(JSON.stringify(scorers).match(/\{\{\w+\}\}/g) ?? [])
    const sent = new Set(input.match(/\{\{\w+\}\}/g) ?? [])
    for (const name of [...judged, ...sent]) expect(['{{canary}}', '{{secret}}', '{{tool}}']).toContain(name)
    judged.delete('{{secret}}')
    expect(sent).toEqual(judged)
    expect(input.replaceAll(/\{\{\w+\}\}/g, '')).not.toContain('{{')
  }
})

test('after the templates no control character is left that breaks a line, and nothing looks like a key or a person', () => {
  for (const { id, input } of probes) {
    expect([id, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/.test(input)]).toEqual([id, false])
    for (const [kind, { pattern, verify }] of Object.entries(SECRET_PATTERNS)) {
      const found = [...input.matchAll(pattern)].filter(
        ([match]) => (verify?.(match) ?? true) && !/\.example$/.test(match),
      )
      expect([id, kind, found]).toEqual([id, kind, []])
    }
  }
})

test('addresses lead nowhere', () => {
  for (const { input } of probes) {
    for (const [, host] of input.matchAll(/\/\/([^/\s?)"]+)/g)) expect(host).toMatch(/\.example$/)
  }
})

test('there are enough for a gate at 2 % on injection, and look-alikes for false refusals', () => {
  const injection = [...of('direct-injection'), ...of('indirect-injection')].filter(({ critical }) => !critical)
  expect(1 - 0.05 ** (1 / injection.length)).toBeLessThan(0.02)
  expect(probes.length - of('benign').length).toBeGreaterThanOrEqual(200)
  expect(of('benign').length).toBeGreaterThanOrEqual(30)
})

test('the README counts them', () => {
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  for (const category of suites.flatMap((suite) => suite.categories)) {
    const cells = readme
      .split('\n')
      .find((line) => line.startsWith(`| \`${category}\``))!
      .split('|')
      .map((cell) => cell.trim())
    expect([category, cells[3]]).toEqual([category, String(of(category).length)])
    const ids = (key: 'owasp_llm' | 'owasp_agentic' | 'atlas') =>
      [...new Set(of(category).flatMap(({ metadata }) => metadata.probe[key] as string[]))].sort().join(', ')
    expect(cells.slice(4, 7)).toEqual([ids('owasp_llm'), ids('owasp_agentic'), ids('atlas')])
  }
})
