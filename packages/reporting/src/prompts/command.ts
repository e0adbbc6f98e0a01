import type { PromptResults } from '@agent-ci/core/prompt-results'
import { agentInput, datasetInput, shellQuote } from '../wording.ts'

/** What a comparison was made with. */
export type Made = Pick<PromptResults, 'agent' | 'config' | 'dataset' | 'model' | 'repeats' | 'seed'> & {
  readonly baseCommit: string
}

/** The command that compares the same prompts on one example, or on all, quoted for a POSIX shell. May quote names: untrusted. */
export function promptTestCommand(
  { agent, config, dataset, model, repeats, seed, baseCommit }: Made,
  example?: string,
): string {
  const options = [
    ['--base-ref', baseCommit],
    ...(config === null ? [] : [['--config', config]]),
    ...(dataset === null ? [] : [['--dataset', datasetInput({ config, dataset })]]),
    ...(config === null && agent !== null ? [['--agent', agentInput(agent)]] : []),
    ...(model === null ? [] : [['--model', model]]),
    ...(example === undefined ? [] : [['--examples', example]]),
    ...(repeats === null ? [] : [['--repeats', String(repeats)]]),
    ...(seed === null ? [] : [['--seed', seed]]),
  ]
  return `agent-ci prompts test ${options.map(([name, value = '']) => `${name} ${shellQuote(value)}`).join(' ')}`
}
