import type { PromptResults } from '@agent-ci/core/prompt-results'
import { agentInput, datasetInput, shellQuote } from '../wording.ts'

/** What a comparison was made with. */
export type Made = Pick<PromptResults, 'agent' | 'config' | 'inputs' | 'dataset' | 'model' | 'repeats' | 'seed'> & {
  readonly baseCommit: string
}

/** The command that compares the same prompts on one example, or on all, quoted for a POSIX shell. May quote names: untrusted. */
export function promptTestCommand(
  { agent: described, config, inputs = {}, dataset, model, repeats, seed, baseCommit }: Made,
  example?: string,
): string {
  const ofInput = config === null && described !== null ? agentInput(described) : undefined
  const { agent = ofInput, examples = undefined, ...others } = inputs
  const chosen = example ?? examples
  const options = [
    ['--base-ref', baseCommit],
    ...(config === null ? [] : [['--config', config]]),
    ...(dataset === null ? [] : [['--dataset', datasetInput({ config, dataset })]]),
    ...(agent === undefined ? [] : [['--agent', agent]]),
    ...(model === null ? [] : [['--model', model]]),
    ...(chosen === undefined ? [] : [['--examples', chosen]]),
    ...(repeats === null ? [] : [['--repeats', String(repeats)]]),
    ...Object.entries(others).map(([name, value]) => [`--${name}`, value]),
    ...(seed === null ? [] : [['--seed', seed]]),
  ]
  return ['agent-ci', 'prompts', 'test', ...options.flat()].map(shellQuote).join(' ')
}
