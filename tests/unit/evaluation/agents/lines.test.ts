import { LineSplitter } from '@agent-ci/evaluation/agents/lines'
import { expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

function split(chunks: readonly Uint8Array[], most = 1_000): { lines: string[]; tooLong: number } {
  const lines: string[] = []
  let tooLong = 0
  const splitter = new LineSplitter(
    most,
    (line) => lines.push(line),
    () => tooLong++,
  )
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  splitter.flush()
  return { lines, tooLong }
}

test('lines are the same wherever the stream was cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '€', '😀', '\r', '\0') })
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
      const bytes = Buffer.from(whole)
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
      expect(split(chunks)).toEqual({ lines: whole.split('\n').filter((line) => line !== ''), tooLong: 0 })
    }),
  )
})

test('a line that is too long is dropped, told once, and the next one is read', () => {
  const chunk = Buffer.from('xxxx')
  expect(split([chunk, chunk, chunk, chunk, Buffer.from('\nshort\n'), chunk, chunk, chunk], 10)).toEqual({
    lines: ['short'],
    tooLong: 2,
  })
  expect(split([Buffer.from('1234567890\n')], 10)).toEqual({ lines: ['1234567890'], tooLong: 0 })
  expect(split([Buffer.from('12345678901\nok')], 10)).toEqual({ lines: ['ok'], tooLong: 1 })
})
