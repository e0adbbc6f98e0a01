import { type Arms, formatSelector } from '@agent-ci/delivery/analysis/prometheus/selector'
import { fillTemplate, scopeOf } from '@agent-ci/delivery/analysis/prometheus/template'
import { describe, expect, test } from '@jest/globals'

const arms: Arms = {
  canary: [
    { label: 'track', operator: '=', value: 'canary' },
    { label: 'namespace', operator: '=', value: 'prod' },
  ],
  stable: [{ label: 'track', operator: '!=', value: 'canary' }],
  pods: {
    canary: [{ label: 'pod', operator: '=~', value: 'a-canary-.*' }],
    stable: [{ label: 'pod', operator: '=~', value: 'a-.*' }],
  },
}

describe('a query', () => {
  test.each([
    ['x{selector}', 'x{track="canary",namespace="prod"}', 'x{track!="canary"}', 'both'],
    ['x{selector,a="1"}', 'x{track="canary",namespace="prod",a="1"}', 'x{track!="canary",a="1"}', 'both'],
    [
      'x{a="1", selector}[$w]',
      'x{a="1", track="canary",namespace="prod"}[90s]',
      'x{a="1", track!="canary"}[90s]',
      'both',
    ],
    ['{"x.y",selector}', '{"x.y",track="canary",namespace="prod"}', '{"x.y",track!="canary"}', 'both'],
    [
      'x{$c} / y{$s}',
      'x{track="canary",namespace="prod"} / y{track!="canary"}',
      'x{track="canary",namespace="prod"} / y{track!="canary"}',
      'canary',
    ],
    ['r{$pods}', 'r{pod=~"a-canary-.*"}', 'r{pod=~"a-.*"}', 'both'],
    [
      'label_replace(x, "$count", "$1", "selector", "(.*)")',
      'label_replace(x, "$count", "$1", "selector", "(.*)")',
      'label_replace(x, "$count", "$1", "selector", "(.*)")',
      'none',
    ],
  ])('%s', (template, canary, stable, scope) => {
    expect(fillTemplate(template, 'canary', arms, 89_001)).toBe(canary)
    expect(fillTemplate(template, 'stable', arms, 89_001)).toBe(stable)
    expect(scopeOf(template)).toBe(scope)
  })

  test('about pods that nobody named is refused: it would ask about everybody else’s too', () => {
    const { canary, stable } = arms
    expect(() => fillTemplate('r{$pods}', 'canary', { canary, stable }, 1)).toThrow(/asks about \$pods/)
  })
})

test('what labels hold is quoted, and so are names that only Prometheus 3 allows', () => {
  expect(formatSelector('x', [{ label: 'a', operator: '=', value: 'q"\\\n' }])).toBe('x{a="q\\"\\\\\\n"}')
  expect(formatSelector('gen_ai.x', [{ label: 'error.type', operator: '=', value: 'e' }])).toBe(
    '{"gen_ai.x","error.type"="e"}',
  )
})
