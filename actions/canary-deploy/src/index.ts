import { randomUUID } from 'node:crypto'
import * as core from '@actions/core'
import { runAction, runPost } from '@agent-ci/github/run-action'
import { OUTPUTS } from './interface.ts'
import { main, post } from './main.ts'

const STATE = 'rollout'
const nonce = core.getState(STATE)

if (nonce !== '') await runPost((host) => post(host, nonce))
else {
  const fresh = randomUUID().slice(0, 8)
  await runAction(Object.keys(OUTPUTS), async (host) => {
    // Before anything happens: the post step must find what a killed main left.
    if (process.env.GITHUB_STATE) core.saveState(STATE, fresh)
    return main(host, fresh)
  })
}
