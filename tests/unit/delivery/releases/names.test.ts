import { digestOf } from '@agent-ci/core/json'
import { contentName, isObjectName, labelValue } from '@agent-ci/delivery/releases/names'
import { expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,300}[a-z0-9])?$/)

test('a content name is the name and ten digits of the hash', () => {
  expect(contentName('agent-config', digestOf('x'))).toBe('agent-config-2d711642b7')
  expect(contentName('agent-config', digestOf('y'))).not.toBe(contentName('agent-config', digestOf('x')))
})

test('long names are cut to what Kubernetes takes, and stay different', () => {
  fc.assert(
    fc.property(name, name, fc.string(), (a, b, content) => {
      const digest = digestOf(content)
      expect(isObjectName(contentName(a, digest))).toBe(true)
      expect(labelValue(a)).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/)
      expect(contentName(a, digest) === contentName(b, digest)).toBe(a === b)
      expect(labelValue(a) === labelValue(b)).toBe(a === b)
    }),
  )
  const long = 'a'.repeat(253)
  expect(contentName(long, digestOf('x'))).toHaveLength(253)
  expect(contentName(long, digestOf('x'))).not.toBe(contentName(`${long.slice(1)}b`, digestOf('x')))
  expect(labelValue(`${long}a`)).not.toBe(labelValue(`${long}b`))
})
