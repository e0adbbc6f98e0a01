import { INPUTS } from '@agent-ci/action-eval-gate/interface'
import { main } from '@agent-ci/action-eval-gate/main'
import type { Command } from '../command.ts'

const boolean = { alone: 'true', words: ['true', 'false'] }

/** `agent-ci eval`: the job of eval-gate. */
export const evalCommand: Command = {
  options: INPUTS,
  flags: {
    'plan-only': boolean,
    annotations: boolean,
    sarif: boolean,
    resume: { alone: 'always', words: ['auto', 'always', 'never'] },
  },
  run: (host) => main(host),
}
