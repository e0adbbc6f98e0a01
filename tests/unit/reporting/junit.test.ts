import { spawnSync } from 'node:child_process'
import type { Example } from '@agent-ci/core/example'
import { countJUnit, renderJUnit } from '@agent-ci/reporting/junit'
import type { TrialView, UnrunView } from '@agent-ci/reporting/trial-view'
import { describe, expect, test } from '@jest/globals'
import {
  errored,
  example,
  failing,
  HOSTILE,
  hostileRun,
  results,
  resultsOf,
  streamOf,
  textOf,
  view,
  views,
  wrong,
} from './fixtures.ts'

const render = async (run: typeof results, all: readonly (TrialView | UnrunView)[]): Promise<string> =>
  textOf(renderJUnit(run, streamOf(all), await countJUnit(streamOf(all))))

/** What a real XML parser (expat) reads. */
function parse(xml: string) {
  const script = `
import json, sys, xml.etree.ElementTree as tree
read = lambda node: {'tag': node.tag, 'attributes': node.attrib, 'text': node.text, 'children': [read(child) for child in node]}
print(json.dumps(read(tree.fromstring(sys.stdin.buffer.read()))))`
  const child = spawnSync('python3', ['-c', script], { input: xml, encoding: 'utf8', maxBuffer: 64_000_000 })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout) as Node
}
interface Node {
  tag: string
  attributes: Record<string, string>
  text: string | null
  children: Node[]
}
const casesOf = (root: Node): Node[] => root.children[0]!.children.filter(({ tag }) => tag === 'testcase')

const textsOf = ({ attributes, text, children }: Node): string[] => [
  ...Object.values(attributes),
  text ?? '',
  ...children.flatMap(textsOf),
]

const unrun: Example = { ...example, id: 'billing-061', source: { file: 'data/golden.jsonl', line: 61 } }

describe('JUnit', () => {
  test('holds a case an example with its place and time', async () => {
    const all = [views[0]!, failing[0]!, errored[0]!, { trial: null, example: unrun }]
    expect(
      await render(resultsOf([views[0]!, failing[0]!, errored[0]!]), all),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="agent-ci" tests="4" failures="1" errors="1" skipped="1" time="31.656">
  <testsuite name="golden" tests="4" failures="1" errors="1" skipped="1" time="31.656" timestamp="2026-11-20T08:00:00.000Z">
    <properties>
      <property name="verdict" value="passed"/>
      <property name="dataset" value="sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"/>
      <property name="agent" value="command node agent.mjs"/>
      <property name="model" value="model-small-1"/>
      <property name="seed" value="42"/>
    </properties>
    <testcase name="billing-001" classname="golden" time="0.380" file="data/golden.jsonl" line="1"/>
    <testcase name="account-004" classname="golden" time="1.276" file="data/golden.jsonl" line="4">
      <failure type="wrong answer" message="wrong answer: expected A duplicate charge is refunded within 5 days., got You can close your account in the settings.">expected: A duplicate charge is refunded within 5 days.&#10;got: You can close your account in the settings.&#10;tools expected: find_invoice({&#34;month&#34;: &#34;March&#34;})&#10;tools called: find_invoice({&#34;month&#34;: &#34;March&#34;})&#10;exact: differs from the expected answer</failure>
    </testcase>
    <testcase name="shipping-018" classname="golden" time="30.000" file="data/golden.jsonl" line="18">
      <error type="rate-limit" message="not measured (rate-limit): 429 Too Many Requests: retry after 60 s">expected: A duplicate charge is refunded within 5 days.&#10;error: 429 Too Many Requests: retry after 60 s&#10;tools expected: find_invoice({&#34;month&#34;: &#34;March&#34;})&#10;tools called: unknown</error>
    </testcase>
    <testcase name="billing-061" classname="golden" time="0.000" file="data/golden.jsonl" line="61">
      <skipped message="never run"/>
    </testcase>
  </testsuite>
</testsuites>
`)
  })

  test('puts the repeats of an example in one case, which most of them decide', async () => {
    const good = view(0)
    const bad = wrong(good, 'no')
    const at = (each: TrialView, repeat: number) => ({ ...each, trial: { ...each.trial, repeat } })
    const all = [at(good, 0), at(good, 1), at(bad, 2), { ...bad, example: { ...example, id: 'other' } }]
    const cases = casesOf(parse(await render(resultsOf(all, { repeats: 3 }), all)))
    expect(cases.map(({ attributes, children }) => [attributes.name, attributes.time, children.length])).toEqual([
      ['billing-001', '1.140', 0],
      ['other', '0.380', 1],
    ])
  })

  test('counts what it holds', async () => {
    const root = parse(await render(results, [...views, { trial: null, example: unrun }]))
    const cases = casesOf(root)
    const withChild = (tag: string) => cases.filter(({ children }) => children[0]?.tag === tag).length
    for (const { attributes } of [root, root.children[0]!]) {
      expect(attributes).toMatchObject({ tests: '61', failures: '5', errors: '2', skipped: '1' })
    }
    expect([cases.length, withChild('failure'), withChild('error'), withChild('skipped')]).toEqual([61, 5, 2, 1])
  })

  test('of a run that measured nothing is still whole', async () => {
    expect(casesOf(parse(await render(results, [])))).toEqual([])
  })
})

describe.each(Object.entries(HOSTILE))('JUnit of hostile text (%s)', (_, text) => {
  test('is what was meant, and nothing else', async () => {
    const { results: run, views: all } = hostileRun(text)
    const root = parse(await render(run, all))
    expect(root.children.map(({ tag }) => tag)).toEqual(['testsuite'])
    const cases = casesOf(root)
    expect(cases.map(({ children }) => children.map(({ tag }) => tag))).toEqual([['failure'], ['error']])
    expect(cases[0]!.attributes).toMatchObject({ line: '7' })
    expect(cases[0]!.attributes.name).toMatch(/-id$/)
    expect(cases[0]!.children[0]!.text).toContain('pwned')
    for (const each of textsOf(root))
      expect(each).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/)
  })
})
