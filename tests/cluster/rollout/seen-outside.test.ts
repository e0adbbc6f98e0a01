import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from '@jest/globals'
import { GithubStub } from '../../integration/github/github-stub.ts'
import { GithubRepository } from '../../integration/github/repository.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appDeployment, Scene } from './scene.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

/** An agent over HTTP that says the same to everything. */
async function agentSaying(output: string) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ output }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, [Symbol.asyncDispose]: async () => void server.close() }
}

test('deploys and rollbacks are kept in step with GitHub deployments', async () => {
  await using scene = await Scene.open(cluster)
  const stub = await GithubStub.start()
  const repository = new GithubRepository(stub)
  const env = {
    GITHUB_API_URL: stub.url,
    GITHUB_REPOSITORY: 'acme/support',
    GITHUB_SHA: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d',
  }
  const token = { 'github-token': 't0ken' }
  try {
    for (const tag of ['1.0.1', '1.0.2']) {
      scene.manifests(appDeployment({ image: `agent:${tag}` }))
      expect(await scene.deploy(token, { env })).toMatchObject({ status: 0 })
    }
    expect(await scene.rollback(token, { env })).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
    expect(await scene.rollback({ ...token, to: 'r-nowhere' }, { env })).toMatchObject({ status: 1 })
    scene.manifests(appDeployment({ image: 'agent:invalid-image-name' }))
    expect(await scene.deploy(token, { env })).toMatchObject({ status: 1, outputs: { outcome: 'rolled-back' } })
    const seen = repository.deployments
      .map(({ request, statuses }) => [request.task, statuses.at(0)?.request.state])
      .toReversed()
    expect(seen).toEqual([
      ['deploy', 'success'],
      ['deploy', 'success'],
      ['rollback', 'success'],
      // What it could not begin is not left in progress.
      ['rollback', 'error'],
      ['deploy', 'failure'],
    ])
  } finally {
    await stub.stop()
  }
})

test('a rollback is tried with smoke examples, and is red when the release does not answer them', async () => {
  await using scene = await Scene.open(cluster)
  for (const tag of ['1.0.1', '1.0.2', '1.0.3']) {
    scene.manifests(appDeployment({ image: `agent:${tag}` }))
    expect(await scene.deploy()).toMatchObject({ status: 0 })
  }
  scene.write('evals/smoke.jsonl', '{"id": "alive", "input": "Are you there?", "expected": "yes"}\n')
  const smoke = (url: string) => ({ 'smoke-dataset': 'evals/smoke.jsonl', 'smoke-url': url })
  await using good = await agentSaying('yes')
  const first = await scene.rollback(smoke(good.url))
  expect(first).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })

  await using bad = await agentSaying('no')
  const second = await scene.rollback({ ...smoke(bad.url), to: '1.0.1' })
  expect(second).toMatchObject({ status: 1, outputs: { outcome: 'failed' } })
  expect(second.outputs.reason).toContain('smoke examples: failed')
})
