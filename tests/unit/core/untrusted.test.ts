import { cut, forHtml, forLog, forMarkdown, forXml } from '@agent-ci/core/untrusted'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

const HOSTILE = [
  '::add-mask::x',
  '  ::error::forged',
  '##[error]forged',
  'a ##[group]b',
  '\u001b[31mred\u001b[0m',
  '\u001b]8;;http://x\u0007link',
  'a\u0000b',
  '\ud800',
  'abc\u202egnp.exe',
  'a\r::stop-commands::t',
  '\u2028::debug::x',
]

describe('the log', () => {
  test('a workflow command is broken where the runner would obey it', () => {
    expect(forLog('::add-mask::x')).toBe(': :add-mask::x')
    expect(forLog('a\n   ::error::forged')).toBe('a\n     : :error::forged')
    expect(forLog('fine ##[error]forged')).toBe('fine ## [error]forged')
    expect(forLog('std::vector is fine')).toBe('std::vector is fine')
  })
  test('no line of any text is a command', () => {
    const commandIn = (text: string) =>
      text.split(/\r\n?|\n/).some((line) => /^\s*::/.test(line) || line.includes('##['))
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...HOSTILE, ':', '::', '##[', '\r', '\n', '\u001b[m', '\u200b', ' '),
            fc.string({ unit: 'binary' }),
          ),
        ),
        (parts) => {
          expect(commandIn(forLog(parts.join('')))).toBe(false)
        },
      ),
    )
  })
  test('terminal sequences go, and what deceives is shown', () => {
    expect(forLog('\u001b[31mred\u001b[0m \u202egnp\u0000')).toBe('red \\u{202e}gnp\\u{0}')
  })
})

describe('Markdown', () => {
  test('is one line of code with nothing to read in it', () => {
    expect(forMarkdown('a | b\n`c` <b> @team #1 http://x')).toBe(
      '<code>a &#124; b ↵ &#96;c&#96; &#60;b&#62; &#64;team &#35;1 http&#58;&#47;&#47;x</code>',
    )
  })
  test('holds no character that Markdown or HTML reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = forMarkdown(text).slice('<code>'.length, -'</code>'.length)
        expect(inner.replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>&|`*_[\]()#@~$\\{}!"'\n\r:/]/)
      }),
    )
  })
})

describe('HTML and XML', () => {
  test('have no character of their own left', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(...HOSTILE, '</script><script>alert(1)</script>', ']]>', '" onload="x'),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          expect(forHtml(text).replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>&"'`\u0000]/)
          expect(forXml(text)).not.toMatch(/[<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
          expect(forXml(text).isWellFormed()).toBe(true)
        },
      ),
    )
  })
})

test('a cut never halves a character and says what is missing', () => {
  expect(cut('abcdef', 3)).toBe('abc… (3 more characters)')
  expect(cut('ab😀d', 3)).toBe('ab… (3 more characters)')
  expect(cut('abc', 3)).toBe('abc')
})
