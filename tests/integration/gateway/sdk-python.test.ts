import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { trialScope } from '@agent-ci/gateway/scope'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const run = promisify(execFile)
const workplace = new Workplace()
const environment = join(import.meta.dirname, '../../../node_modules/.cache/gateway-python')
const python = join(environment, 'bin/python')
let provider: Provider

beforeAll(async () => {
  if (existsSync(join(environment, 'installed'))) return
  await run('python3', ['-m', 'venv', environment])
  await run(python, ['-m', 'pip', 'install', '--quiet', 'anthropic==2.12.0', 'openai==3.54.0'])
  await run('touch', [join(environment, 'installed')])
}, 300_000)

beforeEach(async () => {
  provider = await Provider.start()
})

afterEach(async () => {
  await workplace.clear()
  await provider.stop()
})

async function ask(urls: { anthropic: string; openai: string }): Promise<{ anthropic: unknown[]; openai: unknown[] }> {
  const env = { PATH: process.env.PATH, NO_PROXY: '*' }
  const script = join(import.meta.dirname, 'sdk_python.py')
  const { stdout } = await run(python, [script, urls.anthropic, urls.openai], { env })
  return JSON.parse(stdout)
}

describe('the official Python SDKs, unchanged', () => {
  test('get the same through the gateway, recorded and replayed, event by event', async () => {
    const cassettes = workplace.directory()
    const scope = trialScope("a/b c@x 'é'", 1)
    const direct = await ask({ anthropic: provider.url, openai: `${provider.url}/v1` })
    const twin = await Provider.start()
    const upstreams = { anthropic: twin.url, openai: twin.url }
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    expect(await ask(recording.baseUrls(scope))).toEqual(direct)
    expect(twin.received.length).toBe(provider.received.length)
    await recording.close()
    await twin.stop()

    const replaying = await workplace.start({ mode: 'replay', cassettes, upstreams })
    expect(await ask(replaying.baseUrls(scope))).toEqual(direct)
    expect(replaying.usageOf(scope)).toMatchObject({ live: 0, misses: 0 })
  }, 120_000)

  test('are told once what is missing in a replay', async () => {
    const gateway = await workplace.start({ mode: 'replay', cassettes: workplace.directory() })
    const answers = await ask(gateway.baseUrls('w1'))
    for (const [first] of [answers.anthropic, answers.openai]) {
      expect(first).toMatchObject({ error: 'NotFoundError', status: 404 })
    }
    const asked = answers.anthropic.length + answers.openai.length
    expect(gateway.usageOf('w1')).toMatchObject({ calls: 0, misses: asked })
  }, 60_000)
})
