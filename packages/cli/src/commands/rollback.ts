import { INPUTS } from '@agent-ci/action-rollback/interface'
import { main } from '@agent-ci/action-rollback/main'
import type { Command } from '../command.ts'

/** `agent-ci rollback`: the job of the rollback action. */
export const rollbackCommand: Command = {
  summary:
    'take a release back as one unit, prove that it would work (--mode drill), or show the history (--mode list)',
  options: INPUTS,
  flags: {},
  run: (host) => main(host),
}
