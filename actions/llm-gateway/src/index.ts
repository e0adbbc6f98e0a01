import * as core from '@actions/core'
import { runAction, runPost } from '@agent-ci/github/run-action'
import { OUTPUTS } from './interface.ts'
import { main, type Started } from './main.ts'
import { post } from './post.ts'
import { serve } from './serve.ts'

const STATE = 'gateway'
const started = core.getState(STATE)

if (process.argv[2] === 'serve') serve()
else if (started !== '') await runPost((host) => post(JSON.parse(started) as Started, host))
else
  await runAction(Object.keys(OUTPUTS), (host) =>
    main(host, core.exportVariable, (state) => core.saveState(STATE, state)),
  )
