import { INPUTS } from '@agent-ci/action-prompt-regression/interface'
import { main } from '@agent-ci/action-prompt-regression/main'
import type { Command } from '../command.ts'

const boolean = { alone: 'true', words: ['true', 'false'] }

/** `agent-ci prompts test`: the job of prompt-regression on the commits of this branch. */
export const promptTestCommand: Command = {
  options: INPUTS,
  flags: { confirm: boolean, annotations: boolean },
  run: (host) => main(host),
}
