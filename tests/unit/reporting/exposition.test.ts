import { renderExposition } from '@agent-ci/reporting/exposition'
import { describe, expect, test } from '@jest/globals'

const family = { name: 'agent_ci_cost_usd', type: 'gauge', help: 'What it cost.' } as const

describe("Prometheus' text format", () => {
  test('holds a family with its help, its type and its samples', () => {
    const samples = [
      { labels: { dataset: 'golden', model: null }, value: 0.25 },
      { suffix: '_count', value: 3 },
    ]
    expect(renderExposition([{ ...family, samples }])).toBe(
      '# HELP agent_ci_cost_usd What it cost.\n# TYPE agent_ci_cost_usd gauge\nagent_ci_cost_usd{dataset="golden"} 0.25\nagent_ci_cost_usd_count 3\n',
    )
  })

  test('leaves out what was not measured', () => {
    expect(renderExposition([{ ...family, samples: [{ value: null }] }])).toBe('')
  })

  test('escapes what would end a label', () => {
    const samples = [{ labels: { dataset: 'a"} 1\nb\\' }, value: 1 }]
    expect(renderExposition([{ ...family, samples }]).split('\n')[2]).toBe(
      'agent_ci_cost_usd{dataset="a\\"} 1\\nb\\\\"} 1',
    )
  })
})
