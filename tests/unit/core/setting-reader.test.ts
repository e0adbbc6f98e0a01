import { optional, SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import { expect, test } from '@jest/globals'

const read = (text: string, parse: (text: string) => string | undefined) => {
  const reader = new SettingReader<'artifact-name'>(() => text, undefined)
  return { value: reader.read('artifact-name', 'the default', parse), problems: reader.problems.length }
}
const orNone = (text: string) => (text === 'none' ? undefined : text)

test('an input that was not given has its default', () => expect(read('', orNone).value).toBe('the default'))
test('a given input that means nothing at all is not its default', () =>
  expect(read('none', orNone).value).toBeUndefined())
test('an input that is refused is a problem, and the default stands in for it until all problems are named', () => {
  const refuse = () => {
    throw new ConfigurationError({ what: 'wrong', why: 'so', mend: 'do' })
  }
  expect(read('x', refuse)).toEqual({ value: 'the default', problems: 1 })
})
test('what is undefined is left out', () => expect(optional('a', undefined)).toEqual({}))
