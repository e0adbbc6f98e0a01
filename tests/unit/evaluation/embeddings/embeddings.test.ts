import { createEmbeddings } from '@agent-ci/evaluation/embeddings/embeddings'
import { type EmbeddingModel, EmbeddingsError } from '@agent-ci/evaluation/embeddings/model'
import { memoryCache } from '@agent-ci/evaluation/embeddings/vector-cache'
import { expect, test } from '@jest/globals'

const signal = new AbortController().signal
const vectorOf = (text: string) => Float32Array.of(text.length)

/** A model that answers when it is let, and notes what it was asked. */
function modelOf(changes: Partial<EmbeddingModel> = {}) {
  const calls: (readonly string[])[] = []
  const pending: (() => void)[] = []
  const model: EmbeddingModel = {
    identity: 'lengths',
    batch: { texts: 3, characters: 10 },
    parallel: 1,
    async embed(texts, stop) {
      calls.push(texts)
      await new Promise<void>((answer, refuse) => {
        pending.push(answer)
        stop.addEventListener('abort', () => refuse(stop.reason))
      })
      return { vectors: texts.map(vectorOf), usage: { inputTokens: 10 } }
    },
    close: () => {},
    ...changes,
  }
  const answer = async () => {
    pending.shift()!()
    await new Promise((next) => setImmediate(next))
  }
  return { model, calls, answer }
}
const turn = () => new Promise((next) => setImmediate(next))

test('a call takes so many texts, or so many characters, and a longer text goes alone', async () => {
  const { model, calls, answer } = modelOf()
  const embeddings = createEmbeddings(model, memoryCache())
  const all = embeddings.embed(['a', 'b', 'c', 'dddddd', 'eeeeee', 'f'.repeat(20), 'g'], signal)
  for (let i = 0; i < 5; i++) {
    await turn()
    await answer()
  }
  expect(calls).toEqual([['a', 'b', 'c'], ['dddddd'], ['eeeeee'], ['f'.repeat(20)], ['g']])
  expect((await all).vectors.map(([length]) => length)).toEqual([1, 1, 1, 6, 6, 20, 1])
  expect((await all).usage).toEqual({ inputTokens: 50 })
})

test('while the calls are under way that there may be, what is asked for gathers for the next one', async () => {
  const { model, calls, answer } = modelOf({ parallel: 2 })
  const embeddings = createEmbeddings(model, memoryCache())
  const asked = []
  for (const text of ['x', 'y', 'a', 'b', 'c', 'd']) {
    asked.push(embeddings.embed([text], signal))
    await turn()
  }
  expect(calls).toEqual([['x'], ['y']])
  for (let i = 0; i < 4; i++) await answer()
  expect(calls).toEqual([['x'], ['y'], ['a', 'b', 'c'], ['d']])
  await Promise.all(asked)
})

test('a text that is under way is waited for, not asked for again', async () => {
  const { model, calls, answer } = modelOf()
  const embeddings = createEmbeddings(model, memoryCache())
  const first = embeddings.embed(['a'], signal)
  await turn()
  const second = embeddings.embed(['a', 'a'], signal)
  await answer()
  expect((await second).vectors).toEqual([vectorOf('a'), vectorOf('a')])
  expect((await second).usage).toEqual({})
  await first
  expect(calls).toEqual([['a']])
})

test('one that stops waiting leaves the call to the others', async () => {
  const { model, answer } = modelOf()
  const embeddings = createEmbeddings(model, memoryCache())
  const stop = new AbortController()
  const left = embeddings.embed(['a'], stop.signal)
  const stays = embeddings.embed(['a'], signal)
  await turn()
  stop.abort(new Error('stopped'))
  await expect(left).rejects.toThrow('stopped')
  await answer()
  expect((await stays).vectors).toEqual([vectorOf('a')])
})

test('closing ends what is under way', async () => {
  const { model } = modelOf()
  const embeddings = createEmbeddings(model, memoryCache())
  const asked = embeddings.embed(['a'], signal)
  await turn()
  embeddings.close()
  await expect(asked).rejects.toThrow(EmbeddingsError)
})
