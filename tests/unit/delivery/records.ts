import { type ReleaseContent, sealRelease } from '@agent-ci/core/release'
import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'

/** A release whose image has `tag`, under version `1.0.<tag>`. */
export const release = (tag: number | string, change: Partial<ReleaseContent> = {}) =>
  sealRelease({
    schema_version: 1,
    app: 'agent-service',
    environment: 'production',
    namespace: 'production',
    version: `1.0.${tag}`,
    images: { 'agent-service/agent': `agent:${tag}` },
    model: null,
    prompt_version: null,
    prompts: {},
    agent_config: null,
    config_maps: [],
    workloads: [],
    ...change,
  })

/** A verified deploy of a release under a number, or what `more` makes of it. */
export const record = (
  sequence: number,
  tag: number | string = sequence,
  more: Partial<ReleaseRecord> = {},
): ReleaseRecord => ({
  schema_version: 1,
  sequence,
  rollout: `rollout-${sequence}`,
  type: 'deploy',
  release: release(tag),
  templates: {},
  objects: [],
  at: `2026-01-01T00:00:${String(sequence % 60).padStart(2, '0')}.${String(sequence).padStart(3, '0')}Z`,
  by: 'someone',
  run_url: null,
  rollback_from: null,
  verified: true,
  end: 'succeeded',
  reason: null,
  receipt: null,
  ...more,
})

export const failed = (sequence: number, tag: number | string = sequence) =>
  record(sequence, tag, { verified: false, end: 'rolled-back' })

/** A rollback from one release to another, by their tags. */
export const wayBack = (sequence: number, from: number | string, to: number | string, verified = true) =>
  record(sequence, to, {
    type: 'rollback',
    rollback_from: release(from).id,
    verified,
    end: verified ? 'succeeded' : 'failed',
  })
