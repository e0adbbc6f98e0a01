import { digestOf } from '@agent-ci/core/json'
import type { ReleaseContent } from '@agent-ci/core/release'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import { describe, expect, test } from '@jest/globals'
import { release } from '../../delivery/records.ts'

const map = (logical_name: string, keys: Record<string, string>): ReleaseContent['config_maps'][number] => ({
  logical_name,
  name: `${logical_name}-0`,
  role: 'config',
  digest: digestOf(JSON.stringify(keys)),
  keys,
})
const BEFORE: Partial<ReleaseContent> = {
  model: { primary: 'sonnet', fallback: 'haiku', temperature: 0.2, max_tokens: 4096 },
  prompt_version: 'v1',
  prompts: { support: { version: 'v1', hash: 'a' } },
  agent_config: { digest: digestOf('a'), settings: { rate_limits: { requests_per_minute: 60 } } },
  config_maps: [map('flags', { a: '1', b: '1' })],
  workloads: [{ kind: 'Deployment', name: 'agent-service', template: digestOf('t') }],
}

describe('what changed from one release to another', () => {
  test('is nothing for the first one', () => {
    expect(changesBetween(undefined, release(1))).toEqual([])
  })

  test('is said where nothing did', () => {
    expect(changesBetween(release(1), release(1, { version: 'candidate' }))).toEqual(['nothing'])
  })

  test('names images, model, prompts, settings, keys and pod templates, in this order', () => {
    const after: Partial<ReleaseContent> = {
      model: { primary: 'opus', fallback: null, temperature: 0.2, max_tokens: 8192 },
      prompt_version: 'v2',
      prompts: { support: { version: 'v2', hash: 'b' }, sales: { version: 'v1', hash: 'c' } },
      agent_config: { digest: digestOf('b'), settings: { rate_limits: { requests_per_minute: 30 } } },
      config_maps: [map('flags', { a: '2', c: '1' })],
      workloads: [{ kind: 'Deployment', name: 'agent-service', template: digestOf('u') }],
    }
    const images = { 'agent-service/agent': 'registry.example:5000/team/agent:1' }
    expect(changesBetween(release(1, { ...BEFORE, images }), release(2, after))).toEqual([
      'image agent:1 → agent:2',
      'model fallback haiku → none',
      'model max_tokens 4096 → 8192',
      'model sonnet → opus',
      'prompts v1 → v2',
      'prompt sales none → v1',
      'prompt support v1 → v2',
      'rate_limits.requests_per_minute 60 → 30',
      'config flags/a changed',
      'config flags/b removed',
      'config flags/c added',
      'pod template of Deployment/agent-service',
    ])
  })

  test('tells images apart by their containers where there are several', () => {
    const images = (agent: string, more = {}) => ({ images: { 'agent-service/agent': agent, ...more } })
    expect(
      changesBetween(release(1, images('agent:1')), release(2, images('agent:2', { 'agent-service/proxy': 'p:1' }))),
    ).toEqual(['image agent-service/agent: agent:1 → agent:2', 'image agent-service/proxy: none → p:1'])
  })
})
