import { keyOfPath } from '@agent-ci/delivery/releases/file-keys'
import { expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

test.each([
  ['prompts/support/system.md', 'prompts__support__system.md'],
  ['prompts/my_prompt v2.txt', 'prompts__my_5fprompt_20v2.txt'],
  ['.hidden/ä.md', '_2ehidden___c3_a4.md'],
])('%s has the key %s', (path, key) => {
  expect(keyOfPath(path)).toBe(key)
})

test('every path has a key that Kubernetes takes, and no two the same', () => {
  const path = fc
    .array(fc.oneof(fc.constantFrom('_', '/', '.', '5f', '2e', '-', 'x'.repeat(120)), fc.string({ unit: 'binary' })), {
      minLength: 1,
    })
    .map((parts) => parts.join(''))
    .filter((text) => text !== '' && text.isWellFormed())
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(keyOfPath(a)).toMatch(/^(?!\.)[-._a-zA-Z0-9]{1,253}$/)
      expect(keyOfPath(a) === keyOfPath(b)).toBe(a === b)
    }),
    { numRuns: 1_000 },
  )
})
