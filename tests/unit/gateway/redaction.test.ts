import { REDACTED, Redactor } from '@agent-ci/gateway/cassette/redaction'
import { anthropic } from '@agent-ci/gateway/protocols/anthropic'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

const KEY = `sk-ant-api03-${'Ab1_'.repeat(10)}`

describe('Redactor', () => {
  test.each([
    ['Anthropic', KEY],
    ['OpenAI', `sk-proj-${'x'.repeat(40)}`],
    ['GitHub, classic', `ghp_${'a1'.repeat(18)}`],
    ['GitHub, an app', `ghs_${'a1'.repeat(18)}`],
    ['GitHub, an app, as a JWT', `ghs_eyJhbGciOi.eyJpc3MiOiJ.${'abc-_'.repeat(10)}`],
    ['GitHub, fine-grained', `github_pat_${'a1'.repeat(20)}`],
    ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['Slack', 'xoxb-1234567890-abcdefghij'],
    ['a JWT', `eyJhbGciOiJIUzI1.eyJzdWIiOiIx.${'abc-_'.repeat(5)}`],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'],
  ])('knows the keys of %s by their shape', (_, key) => {
    expect(new Redactor().text(`before ${key} after`)).toBe(`before ${REDACTED} after`)
  })

  test.each(['task-management-for-teams', 'risk-averse-investors-like-bonds', 'a mask-wearing person', 'sk-8', 'AKIA'])(
    'leaves "%s" alone',
    (text) => {
      expect(new Redactor().text(text)).toBe(text)
    },
  )

  test('blots out given secrets in every form', () => {
    const secret = 'pa"ss/wörd+1'
    const redactor = new Redactor({ secrets: [secret] })
    for (const form of [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(redactor.text(`<${form}>`)).toContain(REDACTED)
      expect(redactor.text(`<${form}>`)).not.toContain(form)
    }
  })

  test('a longer secret that begins with a shorter one goes whole', () => {
    expect(new Redactor({ secrets: ['12345678', '12345678-more'] }).text('12345678-more')).toBe(REDACTED)
  })

  test('overlapping finds are one', () => {
    expect(
      new Redactor({ secrets: ['tail-of-the-key-x'], patterns: ['PIN \\d+'] }).text(`${KEY}tail-of-the-key-x PIN 12`),
    ).toBe(`${REDACTED} ${REDACTED}`)
  })

  test('short values are no secrets, and short keys of requests are words', () => {
    expect(new Redactor({ secrets: ['test'] }).text('a test')).toBe('a test')
    expect(new Redactor().knowing(['placeholder']).text('a placeholder')).toBe('a placeholder')
    expect(new Redactor().knowing(['x', 'an-unusual-credential']).text('x an-unusual-credential')).toBe(`x ${REDACTED}`)
  })

  test('goes through values and their keys', () => {
    expect(new Redactor().json({ [KEY]: ['a', { b: KEY, n: 1, t: true, z: null }] })).toEqual({
      [REDACTED]: ['a', { b: REDACTED, n: 1, t: true, z: null }],
    })
  })

  test('a pattern that matches nothing at all does not hang', () => {
    expect(new Redactor({ patterns: ['x*'] }).text('axxb')).toBe(`a${REDACTED}b`)
  })

  test('a pattern that is none is refused', () => {
    expect(() => new Redactor({ patterns: ['['] })).toThrow(/redact has the pattern/)
  })

  test('finds secrets that a stream has cut, wherever it cuts', () => {
    const redactor = new Redactor({ secrets: ['another-secret'] })
    const text = `one ${KEY} two another-secret three`
    void fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const at = [...new Set(cuts)].sort((a, b) => a - b)
        const pieces = [0, ...at].map((start, i) => text.slice(start, at[i] ?? text.length))
        const events = pieces.flatMap((piece, i) => [
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } },
          { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: `other ${i}` } },
        ])
        const { fragments } = anthropic.endpointOf('POST', '/v1/messages')!
        redactor.fragments(events.flatMap(fragments))
        const joined = events.filter((event) => event.index === 0).map((event) => event.delta.text)
        expect(joined.join('')).toBe(`one ${REDACTED} two ${REDACTED} three`)
        expect(events.filter((event) => event.index === 1).every((event) => event.delta.text.startsWith('other'))).toBe(
          true,
        )
      }),
    )
  })
})
