import { execFileSync } from 'node:child_process'
import { splitWords } from '@agent-ci/evaluation/agents/argv'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { refusalOf } from './fixtures.ts'

const origin = { name: 'agent.command' }

describe('a command is split into words', () => {
  test.each([
    ['node agent.mjs', ['node', 'agent.mjs']],
    ['  node\tagent.mjs \n', ['node', 'agent.mjs']],
    [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`a '' ""`, ['a', '', '']],
    [`x'y'"z"w`, ['xyzw']],
    [String.raw`"a\"b" "c\d" 'e\f'`, ['a"b', 'c\\d', 'e\\f']],
    [`echo '$HOME | x' "a;b"`, ['echo', '$HOME | x', 'a;b']],
    [String.raw`echo "\$HOME" \$X costs $ 5`, ['echo', '$HOME', '$X', 'costs', '$', '5']],
  ])('%s', (command, words) => {
    expect(splitWords(command, origin)).toEqual(words)
  })

  test('as the shell itself splits it', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'ab \'"\\\t=-/é'), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(plain, (text) => {
        const command = `word ${text}`
        let expected: string[]
        try {
          expected = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { stdio: ['ignore', 'pipe', 'ignore'] })
            .toString()
            .split('\0')
            .slice(0, -1)
        } catch {
          expect(() => splitWords(command, origin)).toThrow('is not closed')
          return
        }
        // A shell lets a single backslash at the very end stand for itself; here it is a mistake.
        fc.pre(!/(?:^|[^\\])(?:\\\\)*\\$/.test(command))
        expect(splitWords(command, origin)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['node a.mjs | tee log', '"|" needs a shell'],
    ['a && b', '"&" needs a shell'],
    ['a > out', '">" needs a shell'],
    ['node $HOME/a.mjs', '"$H" needs a shell'],
    [`node "\${HOME}"`, `"\${" needs a shell`],
    ['node "`id`"', '"`" needs a shell'],
    ['a "b', 'A quote is not closed'],
    ["a 'b", 'A quote is not closed'],
    ['a \\', 'a backslash ends it'],
    ['', 'Expected a program'],
    ['""', 'Expected a program'],
  ])('%j is refused', async (command, why) => {
    expect(await refusalOf(() => splitWords(command, origin))).toContain(why)
  })
})
