import { ConfigurationError } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import { findSubject, parseEvent } from '@agent-ci/github/pull-request'
import { changeEventFrom } from '@agent-ci/prompts/changes/event'
import { expect, test } from '@jest/globals'
import { jsonNear } from '../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../properties.ts'

const sha = 'a'.repeat(40)
const end = { ref: 'main', sha, repo: { full_name: 'acme/support' } }
const EVENTS: readonly (readonly [name: string, payload: Json])[] = [
  ['pull_request', { number: 7, pull_request: { number: 7, base: end, head: { ...end, ref: 'change' } } }],
  [
    'push',
    {
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: sha,
      forced: false,
      repository: { default_branch: 'main' },
    },
  ],
  [
    'merge_group',
    {
      merge_group: {
        base_ref: 'refs/heads/main',
        base_sha: sha,
        head_sha: sha,
        head_ref: `refs/heads/gh-readonly-queue/main/pr-7-${sha}`,
      },
    },
  ],
  ['workflow_dispatch', { ref: 'refs/heads/main', repository: { default_branch: 'main' } }],
]

test.each(EVENTS)(
  'whatever was changed in the payload of %s, it says which commits to compare or is refused',
  async (name, payload) => {
    expect(changeEventFrom(name, payload).kind).not.toBe('other')
    const check = async (value: Json): Promise<void> => {
      try {
        const event = changeEventFrom(name, value)
        for (const [key, id] of Object.entries(event)) {
          if (/Sha$|^before$|^after$/.test(key) && id !== null) expect(id).toMatch(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
        }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
      }
      // What GitHub would be asked is never known from a payload that is none.
      const event = parseEvent(value)
      const asked = { event, eventName: name, repository: 'acme/support', sha: undefined, number: undefined }
      const found = await findSubject(asked, () => Promise.reject(new Error('no network')))
      if ('nothing' in found) expect(found.nothing).not.toBe('')
      else expect(Number.isInteger(found.pullRequest) && found.pullRequest > 0).toBe(true)
    }
    await fc.assert(fc.asyncProperty(jsonNear(payload), check), { numRuns: RUNS })
  },
  PATIENCE_MS,
)
