import { INPUTS } from '@agent-ci/action-prompt-regression/interface'
import { main } from '@agent-ci/action-prompt-regression/main'
import type { Command } from '../command.ts'

const boolean = { alone: 'true', words: ['true', 'false'] }

/** `agent-ci prompts test`: the job of prompt-regression on the commits of this branch. */
export const promptTestCommand: Command = {
  summary: 'compare the prompts of this branch with those of main on golden examples (the job of prompt-regression)',
  options: INPUTS,
  flags: { confirm: boolean, annotations: boolean },
  run: (host) => main(host),
}
