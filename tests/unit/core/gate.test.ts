import { ConfigurationError } from '@agent-ci/core/errors'
import { formatRule, gateOn, parseGate } from '@agent-ci/core/gate'
import { describe, expect, test } from '@jest/globals'

const origin = { name: 'gates' }

test.each([
  ['accuracy >= 0.85', { metric: 'accuracy', selector: {}, comparator: '>=', threshold: 0.85 }],
  ['  accuracy>=85%  ', { metric: 'accuracy', selector: {}, comparator: '>=', threshold: 0.85 }],
  ['latency_p95_ms <= 5000', { metric: 'latency_p95_ms', selector: {}, comparator: '<=', threshold: 5000 }],
  ['latency_p95_ms <= 5s', { metric: 'latency_p95_ms', selector: {}, comparator: '<=', threshold: 5000 }],
  ['cost_usd < $1.50', { metric: 'cost_usd', selector: {}, comparator: '<', threshold: 1.5 }],
  [
    'accuracy[tag=billing] >= 0.9',
    { metric: 'accuracy', selector: { tag: 'billing' }, comparator: '>=', threshold: 0.9 },
  ],
  [
    'accuracy [ tag = two words ] >= 0.9',
    { metric: 'accuracy', selector: { tag: 'two words' }, comparator: '>=', threshold: 0.9 },
  ],
  ['accuracy[critical] >= 1', { metric: 'accuracy', selector: { critical: true }, comparator: '>=', threshold: 1 }],
  ['score.judge > 0.7', { metric: 'score.judge', selector: {}, comparator: '>', threshold: 0.7 }],
])('%s is read', (text, expected) => {
  expect(parseGate(text, origin)).toEqual({ ...expected, origin })
})

test.each([
  ['accuracy', 'Expected <metric> <comparison> <threshold>'],
  ['accuracy => 0.9', '"=>" is not a comparison that a gate can make. Write >=, <=, > or <'],
  ['accuracy => 0.9', 'Write >=, <=, > or <'],
  ['accuracy = 0.9', 'Write >=, <=, > or <'],
  ['acuracy >= 0.9', 'Did you mean "accuracy"?'],
  ['accuracy >= 1.2', 'a fraction from 0 to 1'],
  ['accuracy >= -1', 'a fraction from 0 to 1'],
  ['latency_p95_ms <= soon', 'a duration such as 500ms'],
  ['accuracy[billing] >= 0.9', '[tag=<tag>] or [critical]'],
  ['accuracy[tag=] >= 0.9', '[tag=<tag>] or [critical]'],
  ['accuracy[label=billing] >= 0.9', '[tag=<tag>] or [critical]'],
  ['accuracy[critical=yes] >= 0.9', '[tag=<tag>] or [critical]'],
  ['? accuracy >= 0.9', 'Expected <metric> <comparison> <threshold>'],
  ['cost_usd < 1$5', 'the gate on cost_usd is "1$5"'],
])('%s is refused', (text, message) => {
  expect(() => parseGate(text, origin)).toThrow(ConfigurationError)
  expect(() => parseGate(text, origin)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }))
})

test.each([
  ['  accuracy  ', /^agent-ci\.yaml:7: gates has the gate "accuracy"\. /],
  ['accuracy >= 2', /^agent-ci\.yaml:7: the gate on accuracy is "2"\. /],
])('the refusal of "%s" names the line that it is about', (text, message) => {
  expect(() => parseGate(text, { name: 'gates', source: { file: 'agent-ci.yaml', line: 7 } })).toThrow(message)
})

describe('a gate by an input of its own', () => {
  test('takes the unit of its metric', () => {
    expect(gateOn('latency_p95_ms', '<=', '5s', { name: 'max-latency-p95' }).threshold).toBe(5000)
  })
  test('names the input when it is refused', () => {
    expect(() => gateOn('accuracy', '>=', '85', { name: 'min-accuracy' })).toThrow(
      /^min-accuracy is "85"\. Expected .*Write for example min-accuracy: 0\.85/,
    )
  })
})

test('a rule is written as it was read', () => {
  for (const rule of [
    'accuracy >= 0.85',
    'accuracy[tag=billing] >= 0.9',
    'latency_p99_ms < 10000',
    'accuracy[critical] >= 1',
  ]) {
    expect(formatRule(parseGate(rule, origin))).toBe(rule)
  }
})
