import { slackMessage } from '@agent-ci/notify/slack'
import { expect, test } from '@jest/globals'
import fc from '../../properties.ts'
import { ALERT, HOSTILE } from './fixtures.ts'
import { slackPayload } from './services.ts'

const textsOf = (message: unknown): string[] => {
  if (typeof message === 'string') return [message]
  if (typeof message !== 'object' || message === null) return []
  return Object.values(message).flatMap(textsOf)
}

test('an alert becomes a header, its text, its facts, its links and where it comes from', () => {
  expect(slackMessage(ALERT)).toEqual({
    text: '🚨 agent-service was rolled back in production\nThe error rate of the canary was 8.1 %, the limit is 5 %.\nStable had 2.0 %.',
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: '🚨 agent-service was rolled back in production', emoji: false },
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: 'The error rate of the canary was 8.1 %, the limit is 5 %.\nStable had 2.0 %.',
          verbatim: true,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: '*Step*\n25 % (2 of 5)', verbatim: true },
          { type: 'mrkdwn', text: '*Release*\nv1.4.0', verbatim: true },
        ],
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '<https://github.com/acme/support/actions/runs/7/attempts/1|The run>',
          verbatim: true,
        },
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: 'critical · agent-ci/acme/support/production/agent-service · 2026-11-24T03:00:00.000Z',
            verbatim: true,
          },
        ],
      },
    ],
  })
})

test('a recovery says so first', () => {
  expect(slackMessage({ ...ALERT, kind: 'resolve' }).text).toMatch(
    /^✅ Resolved: agent-service was rolled back in production\n/,
  )
})

test('words of others are no commands of Slack: no mention, no link, no forged entity', () => {
  const message = slackMessage({
    ...ALERT,
    title: HOSTILE,
    text: HOSTILE,
    key: HOSTILE,
    facts: [{ name: HOSTILE, value: HOSTILE }],
    links: [
      { text: HOSTILE, url: 'https://ci.example/run?a=1|<!here>' },
      { text: 'no page', url: 'javascript:alert(1)' },
    ],
  })
  const texts = textsOf(message)
  const commands = texts.flatMap((text) => [...text.matchAll(/<[^>]*>/g)].map(([command]) => command))
  expect(commands).toHaveLength(1)
  expect(commands[0]).toMatch(/^<https:\/\/ci\.example\/run\?a=1%7C%3C!here%3E\|&lt;!here&gt;/)
  expect(texts.join('')).not.toMatch(/[\u202e\u001b\ud800]/)
  expect(texts.join('')).toContain('&amp;lt;!here&amp;gt;')
})

test('many facts are cut at the end of one, and their number is said', () => {
  const facts = Array.from({ length: 200 }, (_, at) => ({
    name: `series ${at}`,
    value: 'fell by 5 points '.repeat(10),
  }))
  const message = slackPayload.parse(slackMessage({ ...ALERT, facts }))
  const fields = message.blocks.flatMap((block) => ('fields' in block ? (block.fields ?? []) : []))
  expect(fields.at(-1)?.text).toMatch(/^\*series \d+\*\nfell by .*points$/)
  expect(JSON.stringify(message.blocks)).toContain(`… ${200 - fields.length} more`)
})

test('a long text is cut at the end of a line', () => {
  const text = Array.from({ length: 500 }, (_, at) => `line ${at} <&>`).join('\n')
  const section = slackMessage({ ...ALERT, text }).blocks[1] as { text: { text: string } }
  expect(section.text.text.length).toBeLessThanOrEqual(3_000)
  const lines = section.text.text.split('\n')
  expect(lines.at(-2)).toMatch(/^line \d+ &lt;&amp;&gt;$/)
  expect(lines.at(-1)).toBe(`… ${500 - (lines.length - 1)} more`)
})

test('whatever the texts hold, the message is within the published limits', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('&'.repeat(5_000), '\u{1f6a8}'.repeat(4_000), 'x\n'.repeat(4_000), HOSTILE, ''),
  )
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.array(fc.record({ name: text, value: text }), { maxLength: 60 }),
      (title, body, key, facts) => {
        const links = facts.map(({ name, value }) => ({ text: name, url: `https://x.example/${value}` }))
        const parsed = slackPayload.safeParse(slackMessage({ ...ALERT, title, text: body, key, facts, links }))
        expect(parsed.error?.issues ?? []).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})
