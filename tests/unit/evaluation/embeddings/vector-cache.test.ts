import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { digestOf } from '@agent-ci/core/json'
import { directoryCache, memoryCache } from '@agent-ci/evaluation/embeddings/vector-cache'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const vector = Float32Array.of(0.25, -1)
const [a, b, c] = ['a', 'b', 'c'].map(digestOf) as [string, string, string]

describe('in the memory', () => {
  test('the oldest goes when it is full', () => {
    const cache = memoryCache(16)
    for (const digest of [a, b, c]) cache.set(digest, vector)
    expect([a, b, c].map((digest) => cache.get(digest))).toEqual([undefined, vector, vector])
  })
})

describe('in a directory', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'agent-ci-vectors-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const fileOf = () => join(directory, readdirSync(directory, { recursive: true, encoding: 'utf8' }).at(-1)!)

  test('a later run finds what an earlier one kept, named by the digest of the text', () => {
    directoryCache(directory, 'model').set(a, vector)
    expect(directoryCache(directory, 'model').get(a)).toEqual(vector)
    expect(fileOf()).toMatch(new RegExp(`/[0-9a-f]{16}/${a.slice('sha256:'.length)}\\.f32$`))
  })

  test('another model has vectors of its own', () => {
    directoryCache(directory, 'model').set(a, vector)
    expect(directoryCache(directory, 'other model').get(a)).toBeUndefined()
  })

  test.each([0, 3])('a file of %d bytes is none', (bytes) => {
    directoryCache(directory, 'model').set(a, vector)
    truncateSync(fileOf(), bytes)
    expect(directoryCache(directory, 'model').get(a)).toBeUndefined()
  })

  test('a place that is no directory is refused', () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    expect(() => directoryCache(file, 'model')).toThrow(ConfigurationError)
  })
})
