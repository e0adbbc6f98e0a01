import { expect, test } from '@jest/globals'
import { examples, jobsOf, ownName, snippets, workflowOf, workflows } from './files.ts'

/** Jobs that move an environment by this action, and what GitHub does when several of them are started. */
const moving = (action: string) =>
  [...workflows, ...examples, ...snippets.filter(({ text }) => text.includes('concurrency:\n'))].flatMap((source) =>
    jobsOf(source)
      .filter(({ steps }) =>
        steps?.some(({ uses = '', with: { operation } = {} }) => ownName(uses) === action && operation !== 'sweep'),
      )
      .map((job) => ({
        path: source.path,
        environment: job.environment,
        ...(job.concurrency ?? workflowOf(source).concurrency),
      })),
  )

test.each(['canary-deploy', 'rollback'])('no %s is evicted by a later one, and each is in an environment', (action) => {
  const found = moving(action)
  expect(found.length).toBeGreaterThan(2)
  for (const job of found)
    expect(job).toEqual({
      path: job.path,
      environment: expect.any(String),
      group: expect.any(String),
      queue: 'max',
    })
})

test('a rollback waits behind no deploy', () => {
  const groups = (action: string) => moving(action).map((job) => (job as { group?: string }).group?.split('-')[0])
  expect(new Set(groups('rollback'))).toEqual(new Set(['rollback']))
  expect(groups('canary-deploy')).not.toContain('rollback')
})
