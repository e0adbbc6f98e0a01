import { createHmac } from 'node:crypto'
import { webhookMessage } from '@agent-ci/notify/webhook'
import { expect, test } from '@jest/globals'
import { ALERT } from './fixtures.ts'

const NOW = new Date('2026-11-24T03:00:01.500Z')
const TARGET = { url: 'https://alerts.example/ci', secret: 'of the two of us' }

test('the body has the whole alert and when it was sent', () => {
  expect(JSON.parse(webhookMessage(ALERT, TARGET, NOW).body)).toEqual({
    schema_version: 1,
    sent_at: '2026-11-24T03:00:01.500Z',
    ...ALERT,
  })
})

test('the signature is over the bytes of the body, and so over the time: an old request cannot be dated anew', () => {
  const { headers, body } = webhookMessage({ ...ALERT, title: 'größer 🚨' }, TARGET, NOW)
  const hmac = createHmac('sha256', TARGET.secret).update(Buffer.from(body)).digest('hex')
  expect(headers['X-Agent-CI-Signature-256']).toBe(`sha256=${hmac}`)
  expect(headers['X-Agent-CI-Timestamp']).toBe('1795489201')
  expect(Math.floor(Date.parse(JSON.parse(body).sent_at) / 1_000)).toBe(1_795_489_201)
})

test('without a secret nothing is signed', () => {
  expect(webhookMessage(ALERT, { ...TARGET, secret: undefined }, NOW).headers).not.toHaveProperty(
    'X-Agent-CI-Signature-256',
  )
})
