import { main } from '@agent-ci/action-pr-comment/main'
import { parseComment } from '@agent-ci/reporting/comment/body'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ActionHost, pullRequestEvent } from './action-host.ts'
import { evaluation } from './comment-results.ts'
import { GithubStub } from './github-stub.ts'
import { GithubRepository, type StoredPull } from './repository.ts'

let stub: GithubStub
let repository: GithubRepository
let pull: StoredPull
const hosts: ActionHost[] = []
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  pull = repository.addPull()
})
afterEach(async () => {
  for (const host of hosts.splice(0)) host.remove()
  await stub.stop()
})

type Options = ConstructorParameters<typeof ActionHost>[2]

/** A job's step on the pull request, whose evaluation passed unless `results` says something else. */
function step(inputs: Record<string, string> = {}, options: Options = {}, results: unknown = evaluation()): ActionHost {
  const host = new ActionHost(stub, inputs, { event: pullRequestEvent(pull.number), ...options })
  hosts.push(host)
  host.write('agent-ci-results/results.json', JSON.stringify(results))
  return host
}

const bodies = () => repository.commentsOn(pull).map(({ body }) => body)
const keysOf = (body: string) => parseComment(body)?.sections.map(({ facts }) => facts.key)

describe('many writers', () => {
  test('ten concurrent runs update ten sections of one comment: all ten are in it, each as it was last written', async () => {
    const run = (id: number, verdict: 'passed' | 'failed') =>
      Promise.all(
        Array.from({ length: 10 }, (_, leg) =>
          main(
            step(
              { section: `leg ${leg}` },
              { env: { GITHUB_RUN_ID: String(id) }, slow: true },
              evaluation({ verdict, reason: `${leg}` }),
            ),
          ),
        ),
      )
    await run(7, 'passed')
    expect(bodies()).toHaveLength(1)
    await run(8, 'failed')
    expect(bodies()).toHaveLength(1)
    const { sections } = parseComment(bodies()[0]!)!
    expect(sections.map(({ facts }) => [facts.key, facts.run, facts.verdict])).toEqual(
      Array.from({ length: 10 }, (_, leg) => [`leg ${leg}`, '8', 'failed']),
    )
    expect(repository.commentsOn(pull)[0]!.reactions).toEqual([])
    expect(hosts.flatMap(({ warnings, notices }) => [...warnings, ...notices])).toEqual([])
    expect(keysOf(bodies()[0]!)).toHaveLength(10)
  }, 60_000)
})
