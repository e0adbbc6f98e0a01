import { meaningOf, parseLossless } from '@agent-ci/gateway/stream/lossless'
import { formatSse, SseParser } from '@agent-ci/gateway/stream/sse'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

const parse = (...chunks: (string | Uint8Array)[]) => {
  const parser = new SseParser()
  return [...chunks.flatMap((chunk) => parser.push(Buffer.from(chunk as string))), ...parser.end()]
}
const events = (...chunks: (string | Uint8Array)[]) => parse(...chunks).flatMap(({ event }) => event ?? [])

describe('SseParser', () => {
  test.each([
    ['line feeds', 'event: a\ndata: 1\n\ndata: 2\n\n'],
    ['carriage returns', 'event: a\rdata: 1\r\rdata: 2\r\r'],
    ['both', 'event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n'],
    ['a byte order mark', '\ufeffevent: a\ndata: 1\n\ndata: 2\n\n'],
    ['comments and unknown fields', ': ping\n\n: hi\nevent: a\nretry: 5\ndata: 1\n\ndata:2\n\n'],
  ])('reads events between %s, wherever the chunks are cut', (_, text) => {
    const expected = [{ event: 'a', data: '1' }, { data: '2' }]
    expect(events(text)).toEqual(expected)
    const bytes = Buffer.from(text)
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(events(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected)
    }
    expect(events(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  test('joins data lines and keeps ids', () => {
    expect(events('id: 7\ndata: a\ndata:\ndata:  b\n\n')).toEqual([{ id: '7', data: 'a\n\n b' }])
  })

  test('an event that is cut short is none', () => {
    expect(events('data: 1\n\ndata: 2\n')).toEqual([{ data: '1' }])
    expect(events('event: a\n\n')).toEqual([])
  })

  test('loses no character, whatever the text and the cuts', () => {
    void fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 })), fc.array(fc.nat(200)), (data, cuts) => {
        const wanted = data.map((text) => ({ data: text.replaceAll(/[\r\n]/g, ' ') }))
        const bytes = Buffer.from(wanted.map(formatSse).join(''))
        const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
        const chunks = [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length))
        expect(events(...chunks)).toEqual(wanted)
        expect(
          parse(...chunks)
            .map(({ raw }) => raw)
            .join(''),
        ).toBe(bytes.toString())
      }),
    )
  })

  test('formats what it reads', () => {
    expect(formatSse({ event: 'a', id: '1', data: 'x\ny' })).toBe('event: a\nid: 1\ndata: x\ndata: y\n\n')
  })
})

describe('parseLossless', () => {
  test.each([
    ['{"a":[1,2.5,"x"]}', { a: [1, 2.5, 'x'] }],
    ['[1]', [1]],
    ['"text"', undefined],
    ['[DONE]', undefined],
    ['{"cut":', undefined],
    ['{"id":12345678901234567890}', undefined],
    ['{"tiny":1e-400}', undefined],
  ])('%s is %j', (text, value) => {
    expect(parseLossless(text)).toEqual(value)
  })

  test('text that was kept still means its value', () => {
    expect(meaningOf('{"id":12345678901234567890,"a":1}')).toMatchObject({ a: 1 })
    expect(meaningOf('[DONE]')).toBe('[DONE]')
  })
})
