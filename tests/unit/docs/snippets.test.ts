import { spawnSync } from 'node:child_process'
import { INPUTS as CANARY_INPUTS } from '@agent-ci/action-canary-deploy/interface'
import { parseConfig } from '@agent-ci/core/config/parse'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { describe, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { type Block, blocks } from './blocks.ts'

/**
 * What checks a block of each language. `sh` and `console` are run by tests/contract/snippets.test.ts, or it is said there why not; `csv` is
 * run with its page (tests/contract/promptfoo.test.ts).
 */
const LANGUAGES = ['console', 'csv', 'js', 'json', 'mermaid', 'python', 'sh', 'text', 'ts', 'yaml']

test('every block says its language, and it is one that is checked', () => {
  expect(blocks.length).toBeGreaterThan(60)
  expect(blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(({ name }) => name)).toEqual([])
})

const documentsOf = ({ text }: Block): Record<string, unknown>[] =>
  parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS()
  })

/** What a block of YAML may be, the first that fits, and how it is checked. */
const KINDS: readonly {
  readonly what: string
  readonly fits: (text: string) => boolean
  readonly check: (block: Block) => unknown
}[] = [
  {
    what: 'a workflow, which tests/unit/workflows reads',
    fits: (text) => /\b(?:uses|run): /.test(text),
    check: documentsOf,
  },
  {
    what: 'Kubernetes objects',
    fits: (text) => text.startsWith('apiVersion: '),
    check: (block) => {
      for (const object of documentsOf(block))
        expect(object).toMatchObject({
          apiVersion: expect.any(String),
          kind: expect.any(String),
          metadata: { name: expect.any(String) },
        })
    },
  },
  {
    what: 'rules of a Role, which tests/cluster/rollout/permissions.test.ts gives to whom it deploys as',
    fits: (text) => /^ +- apiGroups: /m.test(text),
    check: documentsOf,
  },
  {
    what: 'containers of a pod, which tests/unit/delivery/releases/build-release.test.ts compares with a release',
    fits: (text) => text.startsWith('containers:'),
    check: documentsOf,
  },
  {
    what: 'a file of metrics',
    fits: (text) => /^metrics:/m.test(text),
    check: async ({ text }) => expect((await parseMetricsFile(text, 'metrics.yaml')).metrics.length).toBeGreaterThan(0),
  },
  {
    what: 'inputs of canary-deploy',
    fits: (text) => /^receipt: /m.test(text),
    check: (block) =>
      expect(Object.keys(CANARY_INPUTS)).toEqual(expect.arrayContaining(Object.keys(documentsOf(block)[0]!))),
  },
  {
    what: 'a configuration of promptfoo, which tests/contract/promptfoo.test.ts runs',
    fits: (text) => /^(?:prompts|providers):/m.test(text) && /^tests:/m.test(text),
    check: documentsOf,
  },
  {
    what: 'the environment of a step',
    fits: (text) => text.startsWith('env:'),
    check: documentsOf,
  },
  {
    what: "an editor's line alone",
    fits: (text) => /^# yaml-language-server: .*\n$/.test(text),
    check: documentsOf,
  },
  {
    what: 'an agent-ci.yaml, or a part of one',
    fits: () => true,
    check: ({ text }) => parseConfig(/^version:/m.test(text) ? text : `version: 1\n${text}`, 'agent-ci.yaml'),
  },
]

const yaml = blocks
  .filter(({ language }) => language === 'yaml')
  .map((block) => ({ block, name: block.name, ...KINDS.find(({ fits }) => fits(block.text))! }))

describe('YAML that documents show', () => {
  test.each(yaml)('$name is $what', async ({ block, check }) => {
    await check(block)
  })
  test('is of every kind', () => expect(new Set(yaml.map(({ what }) => what)).size).toBe(KINDS.length))
})

describe('code that documents show', () => {
  const compile: Readonly<Record<string, readonly [string, ...string[]]>> = {
    js: [process.execPath, '--check', '--input-type=module', '-'],
    ts: [
      process.execPath,
      '--no-warnings',
      '-e',
      'module.constructor.stripTypeScriptTypes(require("fs").readFileSync(0, "utf8"))',
    ],
    python: ['python3', '-c', 'import sys; compile(sys.stdin.read(), "snippet", "exec")'],
  }
  test.each(blocks.filter(({ language }) => language in compile))('$name compiles', ({ language, text }) => {
    const [command, ...args] = compile[language]!
    const { status, stderr } = spawnSync(command, args, { input: text, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
