import { ConfigurationError } from '@agent-ci/core/errors'
import { expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from '../fixtures.ts'

const call = (name: string, args = {}) => ({ name, args })

test.each([
  ['no call', { tools: 'wipe' }, [], true],
  ['another tool', { tools: 'wipe' }, [call('look')], true],
  ['a forbidden tool', { tools: ['wipe', 'pay'] }, [call('look'), call('pay')], false],
  ['a tool off the list', { allow: ['look'] }, [call('pay')], false],
  ['tools on the list', { allow: ['look', 'pay'] }, [call('pay')], true],
  [
    'arguments that fit',
    { arguments: { pay: { properties: { sum: { maximum: 50 } } } } },
    [call('pay', { sum: 50 })],
    true,
  ],
  [
    'arguments that do not',
    { arguments: { pay: { properties: { sum: { maximum: 50 } } } } },
    [call('pay', { sum: 51 })],
    false,
  ],
  ['the right order', { order: { pay: 'check' } }, [call('check'), call('pay')], true],
  ['the wrong order', { order: { pay: ['check'] } }, [call('pay'), call('check')], false],
  ['only the predecessor', { order: { pay: ['check'] } }, [call('check')], true],
  ['calls that nobody reported', { tools: 'wipe' }, null, null],
])('%s', async (_, settings, toolCalls, passed) => {
  const scorer = await scorerOf({ type: 'forbidden_tools', ...settings })
  expect((await scorer.score(example(), reply('ok', { toolCalls }), signal)).passed).toBe(passed)
})

test('a scorer without a rule and a schema that is none are refused', async () => {
  await expect(scorerOf({ type: 'forbidden_tools' })).rejects.toThrow(ConfigurationError)
  await expect(scorerOf({ type: 'forbidden_tools', arguments: { pay: { type: 'nonsense' } } })).rejects.toThrow(
    ConfigurationError,
  )
})
