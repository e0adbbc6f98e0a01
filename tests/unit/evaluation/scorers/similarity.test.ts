import { ConfigurationError } from '@agent-ci/core/errors'
import type { Score } from '@agent-ci/core/score'
import { endpointModel } from '@agent-ci/evaluation/embeddings/endpoint'
import { createScorerSet } from '@agent-ci/evaluation/scorers/create'
import { cosine } from '@agent-ci/evaluation/scorers/similarity'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { configured, deps, example, reply, scorerOf, signal } from './fixtures.ts'
import { type Behaviour, type Stub, startStub } from './stub.ts'

let stub: Stub
beforeAll(async () => {
  stub = await startStub()
})
afterAll(() => stub.close())

/** "3,4" has the vector [3, 4]. */
const vectorOf = (text: string): number[] => text.split(',').map(Number)
const inputOf = (body: string): string[] => (JSON.parse(body) as { input: string[] }).input

const embeds: Behaviour = ({ body }) => ({
  body: {
    object: 'list',
    data: inputOf(body).map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })),
    model: 'embed-3',
    usage: { prompt_tokens: 7, total_tokens: 7 },
  },
})
const fails =
  (status: number, headers: Record<string, string> = {}, body: unknown = 'overloaded'): Behaviour =>
  () => ({ status, headers, body })
const resets: Behaviour = (_, response) => {
  response.socket!.resetAndDestroy()
  return undefined
}
const answers =
  (body: unknown): Behaviour =>
  () => ({ body })

/** Remembers what the scorer would have waited, and does not wait. */
const waits: number[] = []
async function similarity(settings: object = {}, env: Record<string, string> = {}) {
  waits.length = 0
  const sleep = async (ms: number) => {
    waits.push(ms)
  }
  return scorerOf({ type: 'similarity', url: `${stub.url}/v1/embeddings?v=1`, ...settings }, { ...deps, env, sleep })
}
async function scoreOf(expected: string | string[], output: string, settings: object = {}): Promise<Score> {
  const scorer = await similarity(settings)
  const score = await scorer.score(example({ expected }), reply(output), signal)
  await scorer.close!()
  return score
}

describe('similarity', () => {
  test('equal texts need no call', async () => {
    stub.behave(fails(500))
    expect(await scoreOf(['Lyon', 'Paris'], ' PARIS ')).toMatchObject({ value: 1, passed: true })
    expect(stub.requests).toEqual([])
  })

  test.each([
    ['parallel vectors of other lengths', '3,4', '6,8', 1, true],
    ['above the threshold', '1,0', '0.86,0.51', 0.86, true],
    ['below the threshold', '1,0', '0.84,0.542', 0.84, false],
    ['opposite vectors', '1,0', '-1,0', 0, false],
  ])('%s', async (_, expected, output, value, passed) => {
    stub.behave(embeds)
    const score = await scoreOf(expected, output)
    expect(score).toMatchObject({ passed, usage: { inputTokens: 7, model: 'embed-3' } })
    expect(score.value).toBeCloseTo(value, 2)
  })

  test('the most similar of several accepted texts counts', async () => {
    stub.behave(embeds)
    const score = await scoreOf(['0,1', '1,0.1'], '1,0')
    expect(score.passed).toBe(true)
    expect(score.reason).toBe('The answer "1,0" is 0.995 similar (needs 0.85) to the expected "0,1" or "1,0.1".')
  })

  test('sends the model, the key and both texts', async () => {
    stub.behave(embeds)
    const scorer = await similarity({ model: 'embed-3', api_key_env: 'EMBED_KEY' }, { EMBED_KEY: 'k-1' })
    await scorer.score(example({ expected: '1,0' }), reply('0,1'), signal)
    const [request] = stub.requests
    expect(request!.path).toBe('/v1/embeddings?v=1')
    expect(request!.headers.authorization).toBe('Bearer k-1')
    expect(JSON.parse(request!.body)).toEqual({ model: 'embed-3', input: ['0,1', '1,0'] })
    await scorer.close!()
  })

  test('asks for an expected text once', async () => {
    stub.behave(embeds)
    const scorer = await similarity()
    await scorer.score(example({ expected: '1,0' }), reply('0,1'), signal)
    const second = await scorer.score(example({ expected: ['1,0', '0.5,0.5'] }), reply('1,0.01'), signal)
    expect(stub.requests.map(({ body }) => inputOf(body))).toEqual([
      ['0,1', '1,0'],
      ['1,0.01', '0.5,0.5'],
    ])
    expect(second.value).toBeCloseTo(1, 3)
    await scorer.close!()
  })

  test('what is asked for at the same time goes out in as few requests as may be', async () => {
    stub.behave(embeds)
    const scorer = await similarity()
    const scores = await Promise.all(
      ['0,1', '1,1', '2,1', '0,1'].map((output) => scorer.score(example({ expected: '1,0' }), reply(output), signal)),
    )
    expect(stub.requests.map(({ body }) => inputOf(body))).toEqual([['0,1', '1,0', '1,1', '2,1']])
    // The tokens of the request, shared out; what was asked for before costs nothing.
    expect(scores.map(({ usage }) => usage?.inputTokens)).toEqual([4, 1, 2, undefined])
    await scorer.close!()
  })

  test('scorers of a run that differ in the threshold alone share what they embedded', async () => {
    stub.behave(embeds)
    const url = `${stub.url}/v1/embeddings`
    const set = await createScorerSet(
      [
        { type: 'similarity', url, threshold: 0.85, name: 'strict' },
        { type: 'similarity', url, threshold: 0.1, name: 'lax' },
      ],
      deps,
    )
    const scorers = await set.forExample(
      example({ expected: '1,0', scorers: [configured({ type: 'similarity', url, threshold: 0.5 })] }),
    )
    for (const scorer of [...scorers, ...(await set.forExample(example({ expected: '1,0' })))]) {
      await scorer.score(example({ expected: '1,0' }), reply('0.8,0.6'), signal)
    }
    expect(stub.requests.map(({ body }) => inputOf(body))).toEqual([['0.8,0.6', '1,0']])
    await set.close()
  })

  test('asks Voyage in its own way, and reads its usage', async () => {
    stub.behave(({ body }) => ({
      body: {
        object: 'list',
        data: inputOf(body).map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })),
        model: 'voyage-4',
        usage: { total_tokens: 9 },
      },
    }))
    const score = await scoreOf('1,0', '1,0.1', { model: 'voyage-4', input_type: 'document' })
    expect(JSON.parse(stub.requests[0]!.body)).toEqual({
      model: 'voyage-4',
      input_type: 'document',
      input: ['1,0.1', '1,0'],
    })
    expect(score).toMatchObject({ passed: true, usage: { inputTokens: 9, model: 'voyage-4' } })
  })

  test('reads embeddings by their index', async () => {
    stub.behave(
      answers({
        data: [
          { index: 1, embedding: [0, 1] },
          { index: 0, embedding: [0, 2] },
        ],
      }),
    )
    expect(await scoreOf('b', 'a')).toMatchObject({ value: 1, usage: {} })
  })

  test('an empty answer is wrong without a call', async () => {
    stub.behave(fails(500))
    expect(await scoreOf('1,0', ' \n')).toMatchObject({ value: 0, passed: false })
    expect(stub.requests).toEqual([])
  })

  test('applies to expected texts', async () => {
    const scorer = await similarity()
    expect(scorer.appliesTo(example({ expected: 'x' }))).toBe(true)
    expect(scorer.appliesTo(example({ expected: { a: 1 } }))).toBe(false)
    expect(scorer.appliesTo(example())).toBe(false)
  })
})

describe('an embeddings endpoint in trouble', () => {
  test('one text that is refused does not take the others with it', async () => {
    stub.behave((request, response) =>
      inputOf(request.body).includes('9,9')
        ? { status: 400, body: { detail: 'the text is too long' } }
        : embeds(request, response),
    )
    const scorer = await similarity()
    const [fine, refused] = await Promise.all(
      ['1,0.1', '9,9'].map((output) => scorer.score(example({ expected: '1,0' }), reply(output), signal)),
    )
    expect(fine).toMatchObject({ passed: true })
    expect(refused).toMatchObject({ passed: null })
    expect(refused!.reason).toContain('the text is too long')
    await scorer.close!()
  })

  test('what failed is asked for again the next time', async () => {
    stub.behave(fails(401), embeds)
    const scorer = await similarity()
    const once = () => scorer.score(example({ expected: '1,0' }), reply('1,0.1'), signal)
    expect((await once()).passed).toBeNull()
    expect((await once()).passed).toBe(true)
    await scorer.close!()
  })

  test.each<[string, Behaviour]>([
    ['429', fails(429)],
    ['500', fails(500)],
    ['529', fails(529)],
    ['a reset connection', resets],
  ])('%s is tried again', async (_, trouble) => {
    stub.behave(trouble, trouble, trouble, embeds)
    expect((await scoreOf('1,0', '1,0.1')).passed).toBe(true)
    // Full jitter with a random source that says 0.5.
    expect(waits).toEqual([250, 500, 1000])
  })

  test('waits as long as it is asked to, but not for ever', async () => {
    const date = new Date(0).toUTCString()
    stub.behave(
      fails(429, { 'retry-after': '7' }),
      fails(503, { 'retry-after': new Date(5_000).toUTCString(), date }),
      fails(429, { 'retry-after': '86400' }),
      embeds,
    )
    expect((await scoreOf('1,0', '1,0.1')).passed).toBe(true)
    expect(waits).toEqual([7_000, 5_000, 60_000])
  })

  test('that stays so leaves the reply unscored after four tries', async () => {
    stub.behave(fails(503))
    const score = await scoreOf('1,0', '1,0.1')
    expect(score).toMatchObject({ value: null, passed: null })
    expect(score.reason).toBe(`The embeddings endpoint ${stub.url}/v1/embeddings failed: it answered 503: overloaded.`)
    expect(stub.requests).toHaveLength(4)
  })

  test('a refusal is not tried again', async () => {
    stub.behave(fails(401, {}, { error: { message: 'no such key' } }))
    const score = await scoreOf('1,0', '1,0.1')
    expect(score.value).toBeNull()
    expect(score.reason).toContain('no such key')
    expect(stub.requests).toHaveLength(1)
  })

  test('a port that nobody listens on leaves the reply unscored', async () => {
    const gone = await startStub()
    await gone.close()
    const score = await scoreOf('1,0', '1,0.1', { url: gone.url })
    expect(score.value).toBeNull()
    expect(score.reason).toContain('ECONNREFUSED')
  })

  test('silence is given up and tried again', async () => {
    stub.behave(() => undefined, embeds)
    const endpoint = { url: new URL(stub.url), model: undefined, key: undefined, inputType: undefined }
    const model = endpointModel(endpoint, deps, 50)
    expect((await model.embed(['1,0'], signal)).vectors).toEqual([Float32Array.of(1, 0)])
    expect(stub.requests).toHaveLength(2)
    model.close()
  })

  test.each<[string, unknown]>([
    ['no JSON', '<html>'],
    ['no data', {}],
    ['an embedding too few', { data: [{ index: 0, embedding: [1] }] }],
    [
      'the same index twice',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      },
    ],
    ['texts for numbers', { data: [{ embedding: ['1'] }, { embedding: ['1'] }] }],
    ['vectors of different lengths', { data: [{ embedding: [1] }, { embedding: [1, 2] }] }],
    ['a vector without a direction', { data: [{ embedding: [0, 0] }, { embedding: [1, 2] }] }],
    ['no vectors', { data: [{ embedding: [] }, { embedding: [] }] }],
  ])('%s leaves the reply unscored', async (_, body) => {
    stub.behave(answers(body))
    expect(await scoreOf('a', 'b')).toMatchObject({ value: null, passed: null })
  })

  test('an abort ends the request', async () => {
    const stop = new AbortController()
    stub.behave(() => {
      stop.abort()
      return undefined
    })
    const scorer = await similarity()
    const score = await scorer.score(example({ expected: 'a' }), reply('b'), stop.signal)
    expect(score.reason).toBe('The run was stopped before the answer was scored.')
    expect(stub.requests).toHaveLength(1)
  })

  test.each([
    ['a key that is not set', { api_key_env: 'EMBED_KEY' }, 'EMBED_KEY'],
    ['an address that is not HTTP', { url: 'ftp://127.0.0.1/' }, 'http:// or https://'],
    ['a key for a model on this machine', { url: undefined, api_key_env: 'EMBED_KEY' }, 'has api_key_env and no url'],
    ['an input type for one', { url: undefined, input_type: 'query' }, 'has input_type and no url'],
  ])('%s is refused before the run', async (_, settings, message) => {
    const created = similarity(settings, { EMBED_KEY: '' })
    await expect(created).rejects.toThrow(ConfigurationError)
    await expect(created).rejects.toThrow(message)
  })
})

describe('cosine', () => {
  test.each([
    [[1, 2, 3], [2, 4, 6], 1],
    [[1, 0], [0, 1], 0],
    [[1, 0], [-2, 0], -1],
    [[3, 4], [4, 3], 0.96],
  ])('of %j and %j is %d', (a, b, value) => {
    expect(cosine(a, b)).toBeCloseTo(value, 12)
  })

  test('there is none without a direction or with other lengths', () => {
    expect(cosine([0, 0], [1, 0])).toBeUndefined()
    expect(cosine([1], [1, 0])).toBeUndefined()
    expect(cosine([], [])).toBeUndefined()
  })
})
