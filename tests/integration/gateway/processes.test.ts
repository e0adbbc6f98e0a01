import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pack } from '@agent-ci/gateway/cassette/pack'
import { RecordingReader } from '@agent-ci/gateway/cassette/reader'
import type { Recording } from '@agent-ci/gateway/cassette/recording'
import { RecordingIndex } from '@agent-ci/gateway/cassette/recording-index'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message } from './ask.ts'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
let cassettes: string
const children: ChildProcessByStdio<null, Readable, null>[] = []

beforeEach(async () => {
  provider = await Provider.start()
  // Long enough that a kill can come in the middle of a line.
  provider.reply = 'a long answer '.repeat(1_000)
  cassettes = workplace.directory()
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await workplace.clear()
  await provider.stop()
})

/** Starts a recorder; `answered` are its calls that an agent got an answer to. */
function record(name: string) {
  const { NODE_OPTIONS: _, ...env } = process.env
  const script = join(import.meta.dirname, 'recorder.ts')
  const options = ['--conditions=agent-ci-src', '--disable-warning=ExperimentalWarning', script]
  const child = spawn(process.execPath, [...options, cassettes, provider.url, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  children.push(child)
  const answered: number[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    answered.push(...lines.map(Number))
    if (answered.length >= awaited.count) awaited.resolve()
  })
  const awaited = { count: Number.POSITIVE_INFINITY, resolve: () => {} }
  /** Resolves when so many calls were answered. */
  const reaches = async (count: number) => {
    if (answered.length >= count) return
    await new Promise<void>((resolve) => Object.assign(awaited, { count, resolve }))
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  return { name, answered, reaches, kill }
}

function readAll(): Recording[] {
  const index = RecordingIndex.read(cassettes)
  const reader = new RecordingReader()
  const recordings = [...index.entries()].map(({ location }) => {
    const recording = reader.read(location)
    if (!recording) throw new Error(`not readable: ${location.file}`)
    return recording
  })
  reader.close()
  return recordings
}

const promptOf = ({ request }: Recording): string =>
  (request.body as { messages: [{ content: string }] }).messages[0].content

const prompts = (recorders: readonly { name: string; answered: readonly number[] }[]): string[] =>
  recorders.flatMap(({ name, answered }) => answered.map((n) => `${name} ${n}`))

describe('processes that record into one directory', () => {
  test('and are killed at any moment lose nothing that an agent was answered, and leave nothing partial that is served', async () => {
    const recorders: ReturnType<typeof record>[] = []
    for (let round = 0; round < 3; round++) {
      const pair = [record(`a${round}`), record(`b${round}`)]
      recorders.push(...pair)
      await Promise.all(
        pair.map(async ({ reaches, kill }) => {
          await reaches(1 + Math.floor(Math.random() * 40))
          await kill()
        }),
      )
    }
    const recordings = readAll()
    const recorded = recordings.map(promptOf)
    expect(new Set(recorded).size).toBe(recorded.length)
    expect(recorded).toEqual(expect.arrayContaining(prompts(recorders)))
    for (const { response } of recordings) {
      const text =
        'events' in response
          ? response.events.flatMap(({ data }) => (data as { delta?: { text?: string } }).delta?.text ?? []).join('')
          : (response as unknown as { body: { content: [{ text: string }] } }).body.content[0].text
      expect(text).toBe(provider.reply)
    }

    const asked = provider.received.length
    const gateway = await workplace.start({ mode: 'replay', cassettes })
    for (const prompt of prompts(recorders)) {
      const stream = Number(prompt.split(' ')[1]) % 2 === 0
      const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message(prompt, { stream }))
      expect([prompt, answer.status]).toEqual([prompt, 200])
    }
    expect(provider.received.length).toBe(asked)
  }, 120_000)

  test('while another one packs them lose nothing either', async () => {
    provider.reply = undefined
    const recorders = [record('a'), record('b')]
    for (let round = 1; round <= 8; round++) {
      await Promise.all(recorders.map(({ reaches }) => reaches(round * 15)))
      pack(cassettes, Date.now())
    }
    await Promise.all(recorders.map(({ kill }) => kill()))
    const { recordings, damage } = pack(cassettes, Date.now())
    expect(readdirSync(cassettes)).toEqual(['unscoped.jsonl'])
    expect(readAll()).toHaveLength(recordings)
    expect(readAll().map(promptOf)).toEqual(expect.arrayContaining(prompts(recorders)))
    expect(damage.length).toBeLessThanOrEqual(2)
  }, 120_000)
})
