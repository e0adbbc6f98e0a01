import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

describe('docs/architecture.md', () => {
  const places = [...read('docs/architecture.md').matchAll(/`((?:packages|actions)\/[\w./-]+)`/g)].map(
    ([, path]) => path!,
  )

  test.each([...new Set(places)])('%s is there', (path) => expect(existsSync(join(ROOT, path))).toBe(true))

  test('names every package', () => {
    const named = new Set(places.map((path) => path.split('/').slice(0, 2).join('/')))
    const drawn = read('docs/architecture.md')
    for (const path of globSync('packages/*', { cwd: ROOT })) expect(named.has(path) || drawn.includes(path)).toBe(true)
  })
})

test('docs/dependencies.md says why each dependency of a bundle is there, and names none that is gone', () => {
  const declared = globSync('{packages,actions}/*/package.json', { cwd: ROOT }).flatMap((path) =>
    Object.keys(JSON.parse(read(path)).dependencies ?? {}).filter((name) => !name.startsWith('@agent-ci/')),
  )
  const listed = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!))
  expect(listed.sort()).toEqual([...new Set(declared)].sort())
})
