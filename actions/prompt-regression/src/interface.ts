/** The inputs of prompt-regression, which are the options of `agent-ci prompts test` too. `action.yml` and the README are made from this. */
export const INPUTS = {
  prompts: 'Globs of the prompts, relative to the workspace; `!` excludes (default `prompts/**` and `src/prompts/**`)',
  'base-ref': 'Compare with this branch, tag or commit (default: what the event says)',
  config:
    'Path of the configuration (default: agent-ci.yaml where there is one); of a pull request, the one of its base branch',
  dataset:
    'Golden dataset: a file, several files, or a name from the configuration (default: those that the changed prompts concern)',
  examples: 'Only these examples, by id',
  agent:
    'The agent under test: `http://…`, `command:node agent.mjs`, `python:package.module:attribute` or `anthropic:<model>`',
  model: 'Model, sent to the agent with each example',
  scorers: 'Scorers, comma-separated words or YAML (default: exact, and tools where an example expects some)',
  threshold: 'Least share of the examples passed before that must still pass (default 0.9)',
  margin: 'A drop of accuracy smaller than this is tolerated (default 0.03)',
  repeats: 'Trials of each example, with each of the two prompts (default 3)',
  'max-regressions': 'More regressed examples than this fail the run (default: no limit)',
  confirm: 'Run what looks worse than before again, eight times with both prompts, before saying so (default true)',
  concurrency: 'Trials in flight (default 5)',
  timeout: 'Time limit of one trial (default 60s)',
  'run-timeout': 'Time limit of the whole run (default: none)',
  sample: 'Evaluate only so many examples, or a percentage of them, chosen by the seed',
  seed: 'Seed of the order and of the sample (default: a new one each run, printed)',
  confidence: 'Confidence of each side of the verdict and of its interval (default 0.95)',
  'min-coverage': 'Least share of the planned trials that must be measured, of each prompt (default 0.8)',
  'set-model':
    'Have the gateway put the model into every model call of the agent, for an agent that does not take one (default false)',
  responses:
    'Model answers of an agent that we start: `live`, `record`, `replay` or `auto` (replay, else record) (default live)',
  cassettes: 'Directory of recorded answers (default cassettes)',
  'budget-usd': 'What the model calls may cost: a stop, not a gate; at the limit the run ends with what it has',
  'on-inconclusive':
    'Exit status of an inconclusive verdict: `point` (what was observed decides), `fail` or `pass` (default point)',
  'output-dir': 'Where the results go (default agent-ci-results)',
  'artifact-name': 'Name of the uploaded artifact; `none` uploads nothing (default agent-ci-prompts)',
  annotations: 'Annotate the changed prompts and the examples that got worse (default true)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  verdict: '`passed`, `inconclusive`, `failed` or `errored`',
  'changed-prompts': 'The changed prompts as JSON: path, change, hashes, variables',
  regressions:
    'Examples that passed before and do not any more; those that new runs showed to be noise are not counted',
  improvements: 'Examples that pass now and did not before',
  'results-path': 'results.json',
  'report-path': 'report.html',
  'diff-path': 'prompts.diff',
} as const

export type OutputName = keyof typeof OUTPUTS
