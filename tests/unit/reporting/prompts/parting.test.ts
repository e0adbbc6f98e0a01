import { partingOf } from '@agent-ci/reporting/prompts/parting'
import { describe, expect, test } from '@jest/globals'

const read = { name: 'read', args: {} }
const look = (id: number) => ({ name: 'look_up', args: { id, deep: true } })

describe('two trajectories part', () => {
  test.each([
    { name: 'at a call that only one makes', before: [read, look(1)], after: [read], step: 2 },
    { name: 'at another argument', before: [look(1)], after: [look(2)], step: 1 },
    { name: 'at another tool', before: [read, look(1)], after: [read, read], step: 2 },
    { name: 'at the first call, where one makes none', before: [], after: [read], step: 1 },
  ])('$name', ({ before, after, step }) => {
    expect(partingOf(before, after)).toEqual({ step, before: before[step - 1] ?? null, after: after[step - 1] ?? null })
  })

  test.each([
    {
      name: 'nowhere, whatever the order of the keys',
      before: [look(1)],
      after: [{ name: 'look_up', args: { deep: true, id: 1 } }],
    },
    { name: 'nowhere that is known, where one side does not report its calls', before: null, after: [read] },
  ])('$name', ({ before, after }) => {
    expect(partingOf(before, after)).toBeNull()
  })
})
