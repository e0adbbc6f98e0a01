import { pagerDutyEvent } from '@agent-ci/notify/pagerduty'
import { expect, test } from '@jest/globals'
import { ALERT, HOSTILE } from './fixtures.ts'
import { pagerDutyPayload } from './services.ts'

const KEY = 'a'.repeat(32)

test('an alert becomes a trigger event with its facts as details', () => {
  expect(pagerDutyEvent(ALERT, KEY)).toEqual({
    routing_key: KEY,
    event_action: 'trigger',
    dedup_key: 'agent-ci/acme/support/production/agent-service',
    client: 'agent-ci',
    payload: {
      summary: 'agent-service was rolled back in production',
      source: 'agent-ci/acme/support/production/agent-service',
      severity: 'critical',
      timestamp: '2026-11-24T03:00:00.000Z',
      custom_details: {
        text: 'The error rate of the canary was 8.1 %, the limit is 5 %.\nStable had 2.0 %.',
        Step: '25 % (2 of 5)',
        Release: 'v1.4.0',
      },
    },
    links: [{ href: 'https://github.com/acme/support/actions/runs/7/attempts/1', text: 'The run' }],
  })
})

test('a trigger and its resolve have the same key, also where it is too long', () => {
  const long = { ...ALERT, key: 'k'.repeat(400) }
  const trigger = pagerDutyPayload.parse(pagerDutyEvent(long, KEY))
  const resolve = pagerDutyPayload.parse(pagerDutyEvent({ ...long, kind: 'resolve' }, KEY))
  expect(resolve.event_action).toBe('resolve')
  expect(resolve.dedup_key).toBe(trigger.dedup_key)
  expect(pagerDutyEvent({ ...ALERT, key: `${'k'.repeat(399)}x` }, KEY).dedup_key).not.toBe(trigger.dedup_key)
})

test('facts with the same name, or the name of the text, are all there', () => {
  const facts = ['one', 'two', 'three'].map((value) => ({ name: 'text', value }))
  expect(pagerDutyEvent({ ...ALERT, text: 'zero', facts }, KEY).payload.custom_details).toEqual({
    text: 'zero',
    'text (2)': 'one',
    'text (3)': 'two',
    'text (4)': 'three',
  })
})

test.each([
  ['hostile words', HOSTILE],
  ['long words', '\u{1f6a8}'.repeat(60_000)],
  ['__proto__', '__proto__'],
])('%s stay within the published limits', (_, text) => {
  const facts = Array.from({ length: 300 }, () => ({ name: text, value: text }))
  const event = pagerDutyEvent({ ...ALERT, title: text, text, key: text, facts, links: [{ text, url: text }] }, KEY)
  const body = JSON.stringify(event)
  expect(pagerDutyPayload.safeParse(JSON.parse(body)).error?.issues ?? []).toEqual([])
  expect(Buffer.byteLength(body)).toBeLessThan(512 * 1024)
  expect(body).not.toMatch(/[\u202e\ud800]|\\ud800/)
})
