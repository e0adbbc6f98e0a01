import { chooseLegs, legsOf } from '@agent-ci/action-nightly-eval/legs'
import { ConfigurationError } from '@agent-ci/core/errors'
import { expect, test } from '@jest/globals'

const idsOf = (matrix: Partial<Parameters<typeof legsOf>[0]>) =>
  legsOf({ datasets: ['golden'], models: [null], prompts: [null], ...matrix }).map(({ id }) => id)

test('every dataset with every model with every set of prompts, in their order', () => {
  expect(idsOf({ datasets: ['a', 'b'], models: ['m', 'n'], prompts: ['p'] })).toEqual([
    'a__m__p',
    'a__n__p',
    'b__m__p',
    'b__n__p',
  ])
  expect(idsOf({})).toEqual(['golden'])
})

test('an id is a name for a directory, an artifact and a job, and tells apart what had to be changed for it', () => {
  const ids = idsOf({
    models: [
      'org/model:1',
      'org-model-1',
      'org model 1',
      '../../etc',
      '..',
      'a__b',
      `${'x'.repeat(300)}1`,
      `${'x'.repeat(300)}2`,
    ],
  })
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) {
    expect(id).toMatch(/^[\w.-]{1,120}$/)
    expect(id).toMatch(/^golden__/)
  }
  expect(idsOf({ datasets: ['a', 'a__b'], models: ['b__c', 'c'] })).toHaveLength(
    new Set(idsOf({ datasets: ['a', 'a__b'], models: ['b__c', 'c'] })).size,
  )
  expect(idsOf({ datasets: ['.hidden'] })[0]).toMatch(/^hidden-/)
})

test('a leg that is none is refused with the one that was meant', () => {
  const legs = legsOf({ datasets: ['golden'], models: ['opus', 'haiku'], prompts: [null] })
  expect(chooseLegs(legs, ['golden__haiku']).map(({ model }) => model)).toEqual(['haiku'])
  expect(() => chooseLegs(legs, ['golden__hiaku'])).toThrow(ConfigurationError)
  expect(() => chooseLegs(legs, ['golden__hiaku'])).toThrow('golden__haiku')
})
