/** The inputs of nightly-eval, which are the options of `agent-ci nightly` too. `action.yml` and the README are made from this. */
export const INPUTS = {
  config: 'Path of the configuration (default: agent-ci.yaml where there is one)',
  datasets:
    'Names of datasets, or files; each is a dataset of its own (default: `nightly.datasets`, else every dataset of the configuration)',
  models: 'Each dataset is evaluated with each of them (default: `nightly.models`, else the one of the configuration)',
  prompts:
    'Sets of prompts, each dataset and model with each of them: names from `nightly.prompts`, or `ref:<branch, tag or commit>` (default: all of `nightly.prompts`, else the workspace)',
  legs: 'Evaluate only these legs of the matrix, by their ids, and leave the rest of the night to a later job with `merge`',
  shard: 'Evaluate only one part, of each leg: `2/8` is the second of eight; the job with `merge` joins the parts',
  merge: 'Evaluate nothing: join the legs that lie in this directory, each of the matrix must be there',
  agent:
    'The agent under test: `http://…`, `command:node agent.mjs`, `python:package.module:attribute` or `anthropic:<model>`',
  'set-model':
    'Have the gateway put the model into every model call of the agent, for an agent that does not take one (default false)',
  batch:
    'Send the calls of an `anthropic` agent without tools in batches, at half the price and within hours; no latency is measured (default false)',
  'batch-timeout': 'How long a batch may take; what is left of it is then called one by one (default 1h)',
  attacks:
    'Probes for the golden examples: suites (`builtin:injection`, `builtin:leak`, `builtin:tools`) and files, comma-separated; how often they succeed is followed by category',
  'attack-seed':
    "Seed of the pairs of example and probe, and of the probes' tokens (default: `safety.seed`, else it rotates: the id of the run, outside of a workflow the date)",
  'attack-pairs': 'How many attacked examples there are (default: one for each probe)',
  'attack-at': 'Which tool result, document or turn of a trial carries the probe: 1 is the first (default: every one)',
  scorers: 'Scorers, comma-separated words or YAML (default: exact, and tools where an example expects some)',
  gates: 'Gates, one a line, that each leg is shown with; a missed gate is no regression',
  concurrency: 'Trials in flight (default 5)',
  repeats: 'Trials of each example (default 1)',
  timeout: 'Time limit of one trial (default 60s)',
  'run-timeout': 'Time limit of the whole run, of each leg (default: none)',
  sample: 'Evaluate only so many examples, of each dataset, or a percentage of them, chosen by the seed',
  seed: 'Seed of the order and of the sample (default with `sample`: agent-ci, the same examples each night; else a new one each run)',
  'min-coverage':
    'Least share of the planned trials that must be measured, in each leg; below it the leg is errored (default 0.8)',
  responses:
    'Model answers of an agent that we start: `live`, `record`, `replay` or `auto` (replay, else record) (default live)',
  cassettes: 'Directory of recorded answers (default cassettes)',
  'budget-usd':
    'What the model calls may cost, those of all legs together: a stop, not a gate; at the limit the night ends with what it has. A job with `legs` may spend its share',
  resume:
    'Whether to continue a run that was cut off: `auto` goes on with the night, `never` starts anew (default auto)',
  history:
    'Where the nights are kept: `branch:agent-ci-data` (permission contents: write) or `dir:<path>` (default: the branch agent-ci-data where there is a github-token, else dir:agent-ci-history)',
  'history-days': 'Older nights are removed from the history, but never those of a baseline (default: none is)',
  baseline:
    "The branch, tag or commit whose prompts and configuration the control arm runs (default: the commit of the baseline's nights)",
  control:
    "Run the prompts and configuration of the baseline on today's models, to tell whether the provider moved or we did: `regressed` (only what regressed), `always` or `false` (default false)",
  confirm: 'Run what looks worse than before again, before saying so (default true)',
  'min-drop': 'A smaller drop of a share is not told (default 0.02)',
  'slack-webhook-url': 'Alerts go to Slack: an incoming webhook',
  'pagerduty-routing-key': 'Alerts go to PagerDuty: the routing key of an Events API v2 integration',
  'webhook-url': 'Alerts go to this address as JSON',
  'webhook-secret': 'Signs what is sent to `webhook-url`',
  issue:
    'Keep a GitHub issue, one for each incident: opened, updated, closed (permission issues: write) (default false)',
  'fail-on-regression': 'Whether a confirmed regression fails the step (default: true, but false on a schedule)',
  'pushgateway-url':
    'Prometheus Pushgateway that the metrics are pushed to; `none` pushes nothing (default: `telemetry.pushgateway.url`)',
  'otlp-endpoint':
    'OTLP/HTTP receiver that trials are sent to as GenAI spans; `none` sends nothing (default: `telemetry.otlp.endpoint`, else `OTEL_EXPORTER_OTLP_ENDPOINT`)',
  'trend-url':
    'Where the trend page is published (the folder `site` of output-dir), for links in alerts and in the summary',
  'output-dir': 'Where the results go (default agent-ci-results)',
  'artifact-name':
    'Name of the uploaded artifact; `none` uploads nothing (default agent-ci-nightly; with `legs`, their ids behind it)',
  'retention-days': 'How long the artifact is kept (default: what the repository says)',
  'plan-only':
    'Print what would be run and stop before the first call: the legs and the number of calls (default false)',
  'github-token':
    "Token for GitHub's API: for the branch of the history, and for issues (default: the token of the job)",
} as const

export type InputName = keyof typeof INPUTS

/** What `action.yml` fills in where the workflow gives nothing. */
export const DEFAULTS = { 'github-token': 'github.token' } as const

export const OUTPUTS = {
  verdict:
    '`passed`, `inconclusive`, `failed` (a confirmed regression) or `errored` (a leg is missing or could not be measured)',
  regressions:
    'The confirmed regressions as JSON: dataset, model, prompts, metric, value, baseline, drop, cause, reason',
  legs: 'The ids of the legs as JSON, for a matrix: all of the plan, or those of this job',
  'results-path': 'results.json',
  'dashboard-path': 'The trend page, dashboard.html; empty in a job with `legs`',
  'issue-number': 'The issue that was opened, updated or closed tonight; empty when there is none',
} as const

export type OutputName = keyof typeof OUTPUTS
