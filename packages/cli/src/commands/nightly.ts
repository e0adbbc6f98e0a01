import { INPUTS } from '@agent-ci/action-nightly-eval/interface'
import { main } from '@agent-ci/action-nightly-eval/main'
import type { Command } from '../command.ts'

const boolean = { alone: 'true', words: ['true', 'false'] }

/** `agent-ci nightly`: the job of nightly-eval. */
export const nightlyCommand: Command = {
  options: INPUTS,
  flags: {
    'plan-only': boolean,
    confirm: boolean,
    issue: boolean,
    batch: boolean,
    'set-model': boolean,
    'fail-on-regression': boolean,
    control: { alone: 'regressed', words: ['true', 'false', 'regressed', 'always'] },
  },
  run: (host) => main(host),
}
