import { describe, expect, test } from '@jest/globals'
import { load, refusalOf } from '../harness.ts'

const config = (text: string) => ({ 'promptfooconfig.yaml': text })
const TEST = `
prompts: ['Answer: {{q}}']
tests:
  - description: Refund window
    vars: { q: How long? }
    assert:
      - { type: contains, value: 14 days }
`

describe('a promptfooconfig.yaml as a dataset', () => {
  test('makes an example of each test, at the place of the test', async () => {
    const { examples } = await load(config(TEST))
    expect(examples).toEqual([
      {
        id: 'refund-window',
        input: 'Answer: How long?',
        tags: [],
        critical: false,
        scorers: [{ type: 'promptfoo', assert: [{ type: 'contains', value: '14 days' }] }],
        metadata: { description: 'Refund window', vars: { q: 'How long?' } },
        source: { file: 'promptfooconfig.yaml', line: 4 },
      },
    ])
  })

  test('says of an example in another file where it stands there', async () => {
    const files = {
      ...config("prompts: ['{{q}}']\ntests: file://tests.csv\n"),
      'tests.csv': 'q,__expected\nfirst,contains:a\nsecond,contains:b\n',
    }
    const { examples, files: read } = await load(files, { paths: ['promptfooconfig.yaml'] })
    expect(examples.map(({ source }) => source)).toEqual([
      { file: 'tests.csv', line: 2 },
      { file: 'tests.csv', line: 3 },
    ])
    expect(read).toEqual(['promptfooconfig.yaml', 'tests.csv'])
  })

  test('makes the examples of one test a group', async () => {
    const text =
      "prompts: ['{{q}}', 'b {{q}}']\ntests: [{ vars: { q: [x, y] }, assert: [{ type: contains, value: x }] }]\n"
    const { examples } = await load(config(text))
    expect(examples.map(({ id, group, tags }) => [id, group, tags])).toEqual([
      ['test-1/vars-1/prompt-1', 'test-1', ['prompt-1']],
      ['test-1/vars-1/prompt-2', 'test-1', ['prompt-2']],
      ['test-1/vars-2/prompt-1', 'test-1', ['prompt-1']],
      ['test-1/vars-2/prompt-2', 'test-1', ['prompt-2']],
    ])
  })

  test('reads a file of tests alone: what is asked is the variables', async () => {
    const { examples } = await load({
      'tests.jsonl':
        '{"vars":{"q":"a"},"assert":[{"type":"equals","value":"a"}]}\n{"vars":{"q":"a","r":1},"assert":[{"type":"equals","value":"b"}]}\n',
    })
    expect(examples.map(({ input }) => input)).toEqual(['a', { q: 'a', r: 1 }])
  })

  test('takes the model that grades from the grader, where it is one of Anthropic', async () => {
    const text =
      "prompts: ['{{q}}']\ndefaultTest: { options: { provider: 'anthropic:messages:claude-haiku-4-5' } }\ntests: [{ vars: { q: x }, assert: [{ type: llm-rubric, value: kind }] }]\n"
    const { examples } = await load(config(text))
    expect(examples[0]!.scorers).toMatchObject([{ judge_model: 'claude-haiku-4-5' }])
  })

  test('lists by name, line and reason what has no counterpart', async () => {
    const { warnings } = await load(
      config(`
prompts:
  - '{{q}}'
  - file://prompt.py:make
providers: [openai:gpt-5]
extensions: [file://hook.js:beforeAll]
derivedMetrics: [{ name: f1, value: a / b }]
evaluateOptions: { maxConcurrency: 2 }
unknownThing: 1
tests:
  - vars: { q: x }
    providerOutput: canned
    assert:
      - { type: contains, value: x }
      - { type: classifier, value: safe }
      - { type: llm-rubric, value: kind, provider: openai:gpt-5, rubricPrompt: own }
  - https://docs.google.com/spreadsheets/d/1
  - file://make.py
`),
    )
    const listed = warnings.join('\n')
    for (const [name, line] of [
      ['prompt file://prompt.py:make', 4],
      ['providers', 5],
      ['extensions', 6],
      ['derivedMetrics', 7],
      ['evaluateOptions.maxConcurrency', 1],
      ['unknownThing', 9],
      ['providerOutput', 11],
      ['assertion classifier', 15],
      ['rubricPrompt of llm-rubric', 16],
      ['grader openai:gpt-5', 11],
      ['tests https://docs.google.com/spreadsheets/d/1', 17],
      ['tests file://make.py', 18],
    ] as const) {
      expect(listed).toContain(`${JSON.stringify(name)} (promptfooconfig.yaml:${line})`)
    }
  })

  test('warns of the threshold that a CSV cell without a number gets', async () => {
    const { warnings } = await load({ 'tests.csv': 'q,__expected\nx,latency\n' })
    expect(warnings.join()).toContain(
      'tests.csv:2: In a CSV cell without a number promptfoo takes 0.75 as its threshold',
    )
  })

  test('a template runs no code', async () => {
    const text = `prompts: ['{{ q.constructor.constructor("return process.version")() }}|{{ env.HOME }}']\ntests: [{ vars: { q: x }, assert: [{ type: contains, value: x }] }]\n`
    expect(await refusalOf(config(text))).toContain('cannot be rendered')
    const harmless = `prompts: ['{{ q.constructor }}|{{ env.HOME }}|']\ntests: [{ vars: { q: x }, assert: [{ type: contains, value: x }] }]\n`
    expect((await load(config(harmless))).examples[0]!.input).toBe('||')
  })
})

describe('a promptfooconfig.yaml that is wrong is refused', () => {
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    ['no YAML', "prompts: ['a'\ntests: []\n", ['promptfooconfig.yaml:', 'is not YAML']],
    ['no tests', 'prompts: [a]\n', ['no examples']],
    [
      'a test that asserts nothing',
      "prompts: ['{{q}}']\ntests:\n  - vars: { q: x }\n",
      ['promptfooconfig.yaml:3', 'expects nothing'],
    ],
    ['a prompt file that is not there', 'prompts: [file://no.txt]\ntests: [{ vars: {} }]\n', [':1', 'names no file']],
    ['a tests file that is not there', "prompts: ['a']\ntests: file://no.yaml\n", [':2', 'which is no file']],
    [
      'a variable file that is not there',
      "prompts: ['a']\ntests:\n  - vars: { a: file://no.txt }\n    assert: [{ type: equals, value: a }]\n",
      [':3', 'does not exist'],
    ],
    [
      'a variable that is code',
      "prompts: ['a']\ntests:\n  - vars: { a: file://a.js }\n    assert: [{ type: equals, value: a }]\n",
      ['computed by a.js'],
    ],
    [
      'a reference to nothing',
      "prompts: ['a']\ntests: [{ assert: [{ $ref: '#/assertionTemplates/no' }] }]\n",
      ['nothing at #/assertionTemplates/no'],
    ],
    [
      'references in a circle',
      "prompts: ['a']\nassertionTemplates: { a: { $ref: '#/assertionTemplates/a' } }\ntests: [{ assert: [{ $ref: '#/assertionTemplates/a' }] }]\n",
      ['round in a circle'],
    ],
    [
      'a template that is wrong',
      "prompts: ['{% if %}']\ntests: [{ vars: { a: b }, assert: [{ type: equals, value: a }] }]\n",
      ['cannot be rendered'],
    ],
    [
      'a prompt that a test names and that there is not',
      "prompts: ['a']\ntests: [{ prompts: [b], assert: [{ type: equals, value: a }] }]\n",
      ['prompts that there are not'],
    ],
    [
      'a scenario without data',
      "prompts: ['a']\nscenarios: [{ tests: [{ vars: { a: b } }] }]\n",
      ['scenarios[0] has no config'],
    ],
  ]
  test.each(wrong)('%s', async (_, text, parts) => {
    const refusal = await refusalOf(
      { ...config(text), ...(text.includes('a.js') && { 'a.js': '' }) },
      { paths: ['promptfooconfig.yaml'] },
    )
    for (const part of parts) expect(refusal).toContain(part)
  })

  test('a CSV setting that there is not', async () => {
    expect(await refusalOf({ 'tests.csv': 'q,__expected,__config:__expected:weight\nx,contains:a,2\n' })).toContain(
      'tests.csv:2',
    )
  })
})
