import { ConfigurationError } from '@agent-ci/core/errors'
import type { Score } from '@agent-ci/core/score'
import { createEmbeddings } from '@agent-ci/evaluation/scorers/embeddings'
import { cosine } from '@agent-ci/evaluation/scorers/similarity'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deps, example, reply, scorerOf, signal } from './fixtures.ts'
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
    const embeddings = createEmbeddings({ url: new URL(stub.url), model: undefined, key: undefined }, deps, 50)
    expect((await embeddings.embed('1,0', ['0,1'], signal)).answer).toEqual([1, 0])
    expect(stub.requests).toHaveLength(2)
    embeddings.close()
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
    ['an address that is not HTTP', { url: 'ftp://127.0.0.1/' }, 'http or https'],
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
