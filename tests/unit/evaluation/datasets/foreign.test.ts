import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answerPattern, askChoices } from '@agent-ci/evaluation/datasets/formats/multiple-choice'
import { describe, expect, test } from '@jest/globals'
import { load, refusalOf } from './harness.ts'

const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n')
const pretty = (value: unknown): string => JSON.stringify(value, null, 2)
const linesOf = (value: unknown, key: string): number[] =>
  pretty(value)
    .split('\n')
    .flatMap((line, i) => (line.includes(`"${key}":`) ? [i + 1] : []))
const NAMELESS = expect.stringContaining('have no ids')

/** The examples of a file, without what is as it would be by default. */
async function read(name: string, content: string, options = {}) {
  const { examples, warnings } = await load({ [name]: content }, options)
  return {
    warnings,
    examples: examples.map(({ tags: _, critical: __, source, ...example }) => ({ ...example, line: source.line })),
  }
}

describe('OpenAI evals', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: '2+2?' },
  ]

  test('input and ideal become input and expected; all else is metadata', async () => {
    const file = lines({ input: messages, ideal: '4' }, { input: 'Capital?', ideal: ['Paris', 'paris'], level: 2 })
    expect(await read('match.jsonl', file)).toEqual({
      warnings: [NAMELESS],
      examples: [
        { id: 'match-1', input: messages, expected: '4', line: 1 },
        { id: 'match-2', input: 'Capital?', expected: ['Paris', 'paris'], metadata: { level: 2 }, line: 2 },
      ],
    })
  })
})

describe('Inspect', () => {
  test('samples of JSON Lines', async () => {
    const file = lines(
      { id: 7, input: '2+2?', target: 4, metadata: { level: 1 } },
      {
        id: 'x',
        input: 'Run it',
        target: ['ok', 'done'],
        files: { 'a.py': 'print()' },
        setup: 'ls',
        sandbox: 'docker',
      },
    )
    expect(await read('qa.jsonl', file)).toEqual({
      warnings: ['files', 'setup', 'sandbox'].map(
        (key) => `"${key}" (qa.jsonl:2) is not used: agent-ci prepares no sandbox; it is kept under metadata.inspect`,
      ),
      examples: [
        { id: '7', input: '2+2?', expected: '4', metadata: { level: 1 }, line: 1 },
        {
          id: 'x',
          input: 'Run it',
          expected: ['ok', 'done'],
          metadata: { inspect: { files: { 'a.py': 'print()' }, setup: 'ls', sandbox: 'docker' } },
          line: 2,
        },
      ],
    })
  })

  test('rows of CSV, with choices in a cell', async () => {
    const file = 'input,target,choices,metadata\n2+2?,B,"3, 4",\n3+3?,6,,"{""level"": 1}"\n'
    const { examples } = await read('qa.csv', file)
    expect(examples).toMatchObject([
      { input: askChoices('2+2?', ['3', '4'], false), expected: 'ANSWER: B', line: 2 },
      { input: '3+3?', expected: '6', metadata: { level: 1 }, line: 3 },
    ])
  })

  const recorded = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../fixtures/inspect/multiple-choice.json'), 'utf8'),
  ) as {
    choices: string[]
    prompts: { single: string; several: string }
    many: string
    answers: Record<string, unknown>[]
  }

  test('a choice is asked for in the words of Inspect', () => {
    expect(askChoices('Which is a fruit?', recorded.choices, false)).toBe(recorded.prompts.single)
    expect(askChoices('Which are fruit?', recorded.choices, true)).toBe(recorded.prompts.several)
    const many = Array.from({ length: 28 }, (_, i) => `c${i}`)
    expect(askChoices('n?', many, false)).toBe(recorded.many)
  })

  test.each([['B'], ['A,C']])('an answer is right for %s where Inspect says so', (target) => {
    const pattern = new RegExp(answerPattern(target.split(',')), 'im')
    const differing = recorded.answers.filter(({ answer, [target]: right }) => pattern.test(String(answer)) !== right)
    expect(differing).toEqual([])
    expect(new Set(recorded.answers.map(({ [target]: right }) => right))).toEqual(new Set([true, false]))
  })
})

describe('GitHub Models', () => {
  const FILE = `name: Summaries
model: openai/gpt-4o
messages:
  - role: system
    content: Answer in {{language}}.
  - role: user
    content: "{{input}} ({{input}}, {{unknown}})"
testData:
  - {input: "Hi {{language}}", language: German, expected: Hallo}
  - {input: 2, language: English}
evaluators:
  - name: greets
    string: {contains: Hallo}
  - name: begins
    string: {startsWith: "Ha.l"}
  - name: ends
    string: {endsWith: "o"}
`

  test('each row of testData fills the messages in, each evaluator becomes a scorer', async () => {
    const { examples, warnings } = await read('sum.prompt.yml', FILE)
    expect(warnings).toEqual([
      '"model" (sum.prompt.yml:2) is not used: the agent has its own model and parameters',
      NAMELESS,
    ])
    const scorers = [
      { type: 'contains', value: 'Hallo' },
      { type: 'regex', pattern: '(?<![\\s\\S])\\s*Ha\\.l', flags: 'i' },
      { type: 'regex', pattern: 'o\\s*(?![\\s\\S])', flags: 'i' },
    ]
    expect(examples).toMatchObject([
      {
        id: 'sum.prompt-1',
        input: [
          { role: 'system', content: 'Answer in German.' },
          { role: 'user', content: 'Hi {{language}} (Hi {{language}}, {{unknown}})' },
        ],
        expected: 'Hallo',
        scorers,
        line: 9,
      },
      { input: [{ content: 'Answer in English.' }, { content: '2 (2, {{unknown}})' }], scorers, line: 10 },
    ])
  })

  test('equals is the whole answer with its case', async () => {
    const file = FILE.replace(/evaluators:[\s\S]*/, 'evaluators:\n  - {name: same, string: {equals: Hallo}}\n')
    expect((await read('x.prompt.yaml', file)).examples[0]).toMatchObject({
      expected: 'Hallo',
      scorers: [{ type: 'exact', case_sensitive: true }],
    })
  })

  const JUDGED = FILE.replace(
    /evaluators:[\s\S]*/,
    `evaluators:
  - name: good
    llm:
      modelId: openai/gpt-4o
      systemPrompt: You judge.
      prompt: "Is {{completion}} like {{expected}}?"
      choices: [{choice: "yes", score: 1}, {choice: "no", score: 0}]
  - {name: fluent, uses: github/fluency}
`,
  )

  test("what a model judges, the run's judge judges", async () => {
    const { examples } = await read('x.prompt.yml', JUDGED, { judgeModel: 'claude-test' })
    expect(examples[0]!.scorers).toMatchObject([
      {
        type: 'judge',
        model: 'claude-test',
        threshold: 0.01,
        rubric:
          'You judge.\n\nIs (the section "answer") like Hallo?\n\nOf these the one that fits gives the score: "yes" is the score 1; "no" is the score 0.',
      },
      { type: 'judge', model: 'claude-test', rubric: expect.stringContaining('How fluent') },
    ])
  })

  test('without a judge it is refused where it stands', async () => {
    expect(await refusalOf({ 'x.prompt.yml': JUDGED })).toContain(
      'x.prompt.yml:12: The evaluator good is judged by openai/gpt-4o at GitHub Models. agent-ci judges through the Anthropic API and was not told which model to ask.',
    )
  })
})

describe('ADK', () => {
  const turn = (user: string, answer: string, calls: object[] = []) => ({
    invocation_id: 'e-1',
    user_content: { parts: [{ text: user }], role: 'user' },
    final_response: { parts: [{ text: answer }], role: 'model' },
    intermediate_data: { tool_uses: calls, intermediate_responses: [] },
  })
  const SET = {
    eval_set_id: 'home',
    name: 'home',
    eval_cases: [
      {
        eval_id: 'lamp',
        conversation: [
          turn('Lamp on', 'It is on.', [{ id: 'c1', name: 'set', args: { on: true } }]),
          turn('And off', 'It is off.'),
        ],
        session_input: { app_name: 'home', user_id: 'u', state: { userName: 'Sam' } },
      },
      { eval_id: 'hello', conversation: [turn('Hi', 'Hello')], creation_timestamp: 1.5 },
    ],
  }
  const state = { adk: { session_input: SET.eval_cases[0]!.session_input } }
  const EXAMPLES = [
    {
      id: 'lamp/1',
      group: 'lamp',
      input: [{ role: 'user', content: 'Lamp on' }],
      expected: 'It is on.',
      expectedTools: [{ name: 'set', args: { on: true } }],
      metadata: state,
    },
    {
      id: 'lamp/2',
      group: 'lamp',
      input: [
        { role: 'user', content: 'Lamp on' },
        { role: 'assistant', content: 'It is on.' },
        { role: 'user', content: 'And off' },
      ],
      expected: 'It is off.',
      expectedTools: [],
      metadata: state,
    },
    { id: 'hello', input: [{ role: 'user', content: 'Hi' }], expected: 'Hello', expectedTools: [] },
  ]

  test('each turn is an example with what was said before; the turns of a case are a group', async () => {
    const { examples, warnings } = await read('home.evalset.json', pretty(SET))
    expect(examples.map(({ line: _, ...example }) => example)).toEqual(EXAMPLES)
    expect(examples.map(({ line }) => line)).toEqual(linesOf(SET, 'invocation_id').map((line) => line - 1))
    expect(warnings).toEqual([
      `"session_input" (home.evalset.json:${linesOf(SET, 'session_input')[0]}) is not used: the agent makes its own session; it is kept under metadata.adk`,
    ])
  })

  test('keys in the other spelling are read as well; arguments stay as they are', async () => {
    const camel = (value: unknown, keep = false): unknown => {
      if (Array.isArray(value)) return value.map((item) => camel(item))
      if (typeof value !== 'object' || value === null || keep) return value
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
          camel(inner, key === 'args' || key === 'state'),
        ]),
      )
    }
    const { examples } = await read('home.json', pretty(camel(SET)))
    expect(examples.map(({ line: _, ...example }) => example)).toEqual(EXAMPLES)
    expect(examples.map(({ line }) => line)).toEqual(linesOf(SET, 'invocation_id').map((line) => line - 1))
  })

  test('calls among the events of newer files', async () => {
    const call = { name: 'search', args: { userQuery: 'x' } }
    const invocation_events = [
      { author: 'root', content: { parts: [{ function_call: call }] } },
      { author: 'root', content: { parts: [{ text: 'thinking' }] } },
    ]
    const conversation = [{ ...turn('Hi', 'Hello'), intermediate_data: { invocation_events } }]
    const file = pretty({ eval_set_id: 's', eval_cases: [{ eval_id: 'a', conversation }] })
    expect((await read('s.json', file)).examples[0]).toMatchObject({ expectedTools: [call] })
  })
})

describe('DeepEval', () => {
  const GOLDEN = {
    input: 'Return policy?',
    actual_output: null,
    expected_output: '30 days',
    retrieval_context: ['doc 1', 'doc 2'],
    context: null,
    name: 'returns',
    expected_tools: [{ name: 'search', type: 'FUNCTION', inputParameters: { query: 'returns' } }, { name: 'answer' }],
    additional_metadata: { topic: 'shop' },
    custom_column_key_values: null,
  }
  const EXAMPLE = {
    id: 'goldens-1',
    input: 'Return policy?',
    expected: '30 days',
    expectedTools: [{ name: 'search', args: { query: 'returns' } }, { name: 'answer' }],
    metadata: { topic: 'shop', deepeval: { name: 'returns', retrieval_context: ['doc 1', 'doc 2'] } },
  }
  const warned = (place: string) => [
    `"retrieval_context" (goldens.${place}) is not used: it is for metrics that agent-ci does not have; it is kept under metadata.deepeval`,
    NAMELESS,
  ]

  test('goldens as save_as writes them', async () => {
    expect(await read('goldens.json', pretty([GOLDEN]))).toEqual({
      examples: [{ ...EXAMPLE, line: 2 }],
      warnings: warned('json:6'),
    })
  })

  test("in the platform's spelling", async () => {
    const {
      expected_output: expectedOutput,
      retrieval_context: retrievalContext,
      expected_tools: expectedTools,
    } = GOLDEN
    const golden = {
      input: GOLDEN.input,
      expectedOutput,
      retrievalContext,
      expectedTools,
      name: 'returns',
      additionalMetadata: { topic: 'shop' },
    }
    expect((await read('goldens.jsonl', lines(golden))).examples).toEqual([{ ...EXAMPLE, line: 1 }])
  })

  test('and as CSV', async () => {
    const cell = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`
    const file = `input,actual_output,expected_output,retrieval_context,context,name,expected_tools,additional_metadata
Return policy?,,30 days,doc 1|doc 2,,returns,${cell(GOLDEN.expected_tools)},${cell({ topic: 'shop' })}
`
    expect(await read('goldens.csv', file)).toEqual({
      examples: [{ ...EXAMPLE, line: 2 }],
      warnings: warned('csv:2'),
    })
  })

  test('a recorded output is named: the agent is asked itself', async () => {
    const { warnings } = await read('g.json', pretty([{ ...GOLDEN, actual_output: 'x', retrieval_context: null }]))
    expect(warnings[0]).toBe(
      '"actual_output" (g.json:4) is not used: it is of a recorded run, and agent-ci asks the agent itself',
    )
  })
})

describe('agentevals', () => {
  const user = { role: 'user', content: 'Weather?' }
  const calls = {
    role: 'assistant',
    content: '',
    tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
  }
  const end = [
    { role: 'tool', content: 'sunny' },
    { role: 'assistant', content: 'Sunny.' },
  ]
  const messages = [user, calls, ...end]
  const expectedTools = [{ name: 'weather', args: { city: 'Rome' } }]

  test.each([
    ['a list of messages is one trajectory', 't.json', pretty(messages)],
    ['{messages}', 't.json', pretty({ messages })],
    ['a list of trajectories', 't.json', pretty([{ messages }])],
    ['a list of lists', 't.json', pretty([messages])],
    ['a line each', 't.jsonl', lines(messages)],
    ['an example of LangSmith', 't.jsonl', lines({ reference_outputs: { messages } })],
  ])('%s', async (_, name, content) => {
    const { examples } = await read(name, content)
    expect(examples).toMatchObject([{ input: [user], expectedTools, trajectory: messages }])
    expect(examples[0]!.expected).toBeUndefined()
  })

  test("LangChain's messages, its inputs, and outputs of a recorded run", async () => {
    const langchain = [
      { type: 'human', content: 'Weather?' },
      { type: 'ai', content: '', tool_calls: [{ name: 'weather', args: { city: 'Rome' }, id: '1' }] },
    ]
    const { examples, warnings } = await read(
      't.jsonl',
      lines({ inputs: { question: 'Weather?' }, reference_outputs: langchain, outputs: langchain }),
    )
    expect(examples).toMatchObject([{ input: { question: 'Weather?' }, expectedTools }])
    expect(warnings[0]).toBe(
      '"outputs" (t.jsonl:1) is not used: it is a recorded run, and agent-ci asks the agent itself',
    )
  })
})

describe('ai-agent-evals', () => {
  const FILE = {
    name: 'd',
    evaluators: ['builtin.groundedness'],
    data_mapping: { query: '{{item.question}}', ground_truth: 'answer' },
    openai_graders: {},
    data: [{ question: 'ML?', answer: 'Learning', source: 'wiki' }],
  }

  test('data by its mapping; what runs in the cloud is named', async () => {
    expect(await read('d.json', pretty(FILE))).toEqual({
      examples: [{ id: 'd-1', input: 'ML?', expected: 'Learning', metadata: { source: 'wiki' }, line: 12 }],
      warnings: [
        '"builtin.groundedness" (d.json:4) is not used: it runs in Azure AI Foundry; a judge with a rubric takes its place',
        '"openai_graders" (d.json:10) is not used: it sets up an evaluator in Azure AI Foundry',
        NAMELESS,
      ],
    })
  })

  test('a query without a ground truth expects nothing, which only a judge can score', async () => {
    const file = pretty({ name: 'd', evaluators: [], data: [{ query: 'ML?' }] })
    expect(await refusalOf({ 'd.json': file })).toContain('d.json:5: The example expects nothing.')
    expect((await read('d.json', file, { needsExpectation: false })).examples).toMatchObject([{ input: 'ML?' }])
  })
})

describe('which format a file has', () => {
  const BOTH = lines({ input: 'x', ideal: 'y', target: 'z' })

  test('where two may be meant, both are named and how to say which', async () => {
    expect(await refusalOf({ 'qa.jsonl': BOTH })).toBe(
      'qa.jsonl:1: qa.jsonl may be samples of OpenAI evals, or samples of Inspect. Expected a file of which it is plain what it is. Say it before the path: openai-evals:qa.jsonl, or inspect:qa.jsonl, or agent-ci:qa.jsonl.',
    )
  })

  test.each([
    ['openai-evals', 'y'],
    ['inspect', 'z'],
  ])('%s: before the path says it', async (format, expected) => {
    const { examples } = await load({ 'qa.jsonl': BOTH }, { paths: [`${format}:qa.jsonl`] })
    expect(examples).toMatchObject([{ expected, source: { file: 'qa.jsonl', line: 1 } }])
  })

  test('agent-ci: says that it is ours', async () => {
    expect(await refusalOf({ 'qa.jsonl': BOTH }, { paths: ['agent-ci:qa.jsonl'] })).toContain(
      'The example expects nothing',
    )
  })

  test('a key of ours makes an example ours, and the other one is warned of', async () => {
    const { examples, warnings } = await load({
      'qa.jsonl': lines({ id: 'a', input: 'x', expected: 'y', target: 'z' }),
    })
    expect(examples).toMatchObject([{ expected: 'y' }])
    expect(warnings).toEqual([expect.stringContaining('"target" at qa.jsonl:1 is not a key of an example')])
  })

  test('files of several tools are one dataset', async () => {
    const { examples } = await load({
      'a.jsonl': lines({ input: 'x', ideal: 'y' }),
      'b.json': pretty([{ input: 'x', expected_output: 'y' }]),
      'c.jsonl': lines({ id: 'c', input: 'x', expected: 'y' }),
    })
    expect(examples.map(({ id }) => id)).toEqual(['a-1', 'b-1', 'c'])
  })
})

describe('a file that is wrong is refused at its line, with what to write', () => {
  test.each<[string, string, string | Uint8Array, string]>([
    [
      'openai-evals',
      'x.jsonl',
      lines({ input: 'a', ideal: 'b' }, { input: 'a', ideal: 7 }),
      '2: ideal is 7. Expected a text, or a list of texts. Write {"input": [{"role": "user"',
    ],
    [
      'openai-evals',
      'x.jsonl',
      lines({ input: 'a', ideal: 'b' }, { input: [1], ideal: 'b' }),
      '2: input is a list. Expected a text, or chat messages',
    ],
    [
      'openai-evals',
      'x.jsonl',
      `${lines({ input: 'a', ideal: 'b' })}\n{"input": "a", "ide`,
      '2: The line is not JSON at column 20. Expected the string to end with "',
    ],
    [
      'openai-evals',
      'x.jsonl',
      lines({ id: 'a', input: 'a', ideal: 'b' }, { id: 'a', input: 'c', ideal: 'd' }),
      '2: The id "a" is already at x.jsonl:1.',
    ],
    ['openai-evals', 'x.jsonl', lines('text'), '1: The record is "text". Expected a sample.'],
    [
      'inspect',
      'x.jsonl',
      lines({ input: '', target: 'b' }),
      '1: input is an empty string. Expected a text that is not empty.',
    ],
    [
      'inspect',
      'x.jsonl',
      lines({ input: 'a', target: 'E', choices: ['x', 'y'] }),
      '1: The target names "E". Expected the mark of a choice: A, B.',
    ],
    ['inspect', 'x.jsonl', lines({ input: 'a', choices: ['x', 'y'] }), '1: The sample has choices and no target.'],
    ['inspect', 'x.jsonl', lines({ input: 'a', target: 'b', files: ['x'] }), '1: files is a list. Expected an object'],
    ['inspect', 'x.csv', 'input,target\na,b\nc\n', '3: The row has 1 cells. Expected 2, as the header row has.'],
    ['inspect', 'x.csv', 'input,target,metadata\na,b,{x\n', '2: metadata is "{x". Expected an object.'],
    ['inspect', 'x.csv', 'input,target\n', '1: x.csv has no examples.'],
    [
      'gh-models',
      'x.prompt.yml',
      'messages: []\ntestData: []\n',
      '1: messages is an empty list. Expected at least one message.',
    ],
    [
      'gh-models',
      'x.prompt.yml',
      'messages:\n  - role: robot\n    content: x\n',
      '2: messages[0].role is "robot". Expected system, user or assistant.',
    ],
    [
      'gh-models',
      'x.prompt.yml',
      'messages:\n  - {role: user, content: x}\ntestData:\n  - a\n',
      '4: testData[0] is "a". Expected the variables of an example.',
    ],
    [
      'gh-models',
      'x.prompt.yml',
      'messages:\n  - {role: user, content: x}\ntestData: [{a: 1}]\nevaluators:\n  - {name: e, uses: github/magic}\n',
      '5: The evaluator e uses "github/magic". Expected string, llm, or one of github/similarity',
    ],
    ['gh-models', 'x.prompt.yml', 'messages:\n  - {role: user, content: x}\n', '1: x.prompt.yml has no examples.'],
    ['gh-models', 'x.prompt.yml', 'messages: [\n', '1: This is not YAML at column 12.'],
    ['adk', 'x.evalset.json', '{"eval_cases": {}}', '1: eval_cases is an object.'],
    [
      'adk',
      'x.evalset.json',
      '{"eval_cases": [\n{"eval_id": "a"}]}',
      '2: The case a has no conversation. A conversation_scenario needs a simulated user',
    ],
    [
      'adk',
      'x.evalset.json',
      '{"eval_cases": [\n{"eval_id": "a", "conversation": [\n{"user_content": "hi"}]}]}',
      '3: eval_cases[0].conversation[0].user_content is "hi".',
    ],
    [
      'adk',
      'x.evalset.json',
      '{"eval_cases": [\n{"eval_id": "a", "conv',
      '2: This is not JSON at column 23. Expected the string to end with "',
    ],
    ['adk', 'x.evalset.json', '', '1: x.evalset.json has no examples.'],
    ['deepeval', 'x.json', pretty([{ input: 'a', expected_output: 5 }]), '4: expected_output is 5. Expected a text.'],
    [
      'deepeval',
      'x.json',
      pretty([{ input: 'a', expected_output: 'b', expected_tools: [{ title: 'x' }] }]),
      '6: expected_tools[0]',
    ],
    [
      'deepeval',
      'x.json',
      pretty([{ scenario: 'a', expected_outcome: 'b' }]),
      '2: This is a ConversationalGolden. Its user is simulated by a model',
    ],
    [
      'agentevals',
      'x.jsonl',
      lines({ messages: [{ role: 'user', content: 'a' }] }, { messages: [{ content: 'a' }] }),
      '2: messages[0] cannot be read. a message has no role.',
    ],
    [
      'agentevals',
      'x.jsonl',
      lines({ messages: [{ role: 'assistant', content: 'a' }] }),
      '1: The trajectory begins with the agent.',
    ],
    [
      'agentevals',
      'x.jsonl',
      lines({
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', tool_calls: [{ function: { name: 'x', arguments: '{' } }] },
        ],
      }),
      '1: messages[1] cannot be read. the arguments of the tool call "x" are not JSON',
    ],
    [
      'ai-agent-evals',
      'x.json',
      pretty({ name: 'd', data: [{ q: 'a' }] }),
      '4: data[0] has no query. Expected what the agent is asked.',
    ],
    ['ai-agent-evals', 'x.json', pretty({ name: 'd', data: ['a'] }), '4: data[0] is "a". Expected an object.'],
    [
      'deepeval',
      'x.json',
      Buffer.from('\ufeff[{"input": "a"}]', 'utf16le'),
      '1: The file is UTF-16 (its byte order mark says so).',
    ],
    [
      'inspect',
      'x.jsonl',
      Buffer.from('{"input": "caf\xe9", "target": "b"}', 'latin1'),
      '1: The line has bytes that are not UTF-8.',
    ],
  ])('%s, %s: %j', async (format, name, content, message) => {
    expect(await refusalOf({ [name]: content }, { paths: [`${format}:${name}`] })).toContain(`${name}:${message}`)
  })
})
