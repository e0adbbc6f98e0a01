/** The inputs of eval-gate, which are the options of `agent-ci eval` too. `action.yml`, the README and the command line are made from this. */
export const INPUTS = {
  config: 'Path of the configuration (default: agent-ci.yaml where there is one)',
  agent:
    'The agent under test: `http://…`, `command:node agent.mjs`, `python:package.module:attribute` or `anthropic:<model>`',
  dataset:
    'Golden dataset: a file (JSON, JSONL, CSV, YAML), several files, `langsmith:<name>`, or a name from the configuration',
  attacks:
    'Probes for the golden examples: suites (`builtin:injection`, `builtin:leak`, `builtin:tools`) and files, comma-separated; the gateway plants them in what the agent reads',
  'attack-seed': "Seed of the pairs of example and probe, and of the probes' tokens (default: `seed`, else 1)",
  'attack-pairs': 'How many attacked examples there are (default: one for each probe)',
  'attack-at': 'Which tool result, document or turn of a trial carries the probe: 1 is the first (default: every one)',
  'check-agent-settings':
    'Fail the run when the agent calls a tool that `agent-config` disables, passes its `max_tool_iterations`, or lets personal data through where `pii_detection` is enabled (default false)',
  model: 'Model, sent to the agent with each example',
  'set-model':
    'Have the gateway put the model into every model call of the agent, for an agent that does not take one (default false)',
  scorers: 'Scorers, comma-separated words or YAML (default: exact, and tools where an example expects some)',
  gates: 'Gates, one a line: `accuracy >= 0.85`, `latency_p95_ms <= 5s`, `accuracy[tag=billing] >= 90%`',
  'min-accuracy': 'Gate: least accuracy (default where there is no gate at all: 0.85)',
  'min-tool-accuracy': 'Gate: least tool accuracy',
  'max-latency-p95': 'Gate: greatest 95th percentile of the latency, in ms or with a unit',
  'max-latency-p99': 'Gate: greatest 99th percentile of the latency, in ms or with a unit',
  'max-cost-usd': 'Gate: greatest cost of the whole run',
  concurrency: 'Trials in flight (default 5)',
  repeats: 'Trials of each example (default 1)',
  timeout: 'Time limit of one trial (default 60s)',
  'run-timeout': 'Time limit of the whole run (default: none)',
  sample:
    'Evaluate only so many examples (of each shard, where there are some), or a percentage of them, chosen by the seed',
  seed: 'Seed of the order and of the sample (default: a new one each run, printed; with `shard` it follows from the fingerprint)',
  shard:
    'Evaluate only one part, of the dataset: `2/8` is the second of eight; it decides nothing, the run that merges the parts does',
  merge:
    'Evaluate nothing: join the output directories of all shards of this run, given as paths or globs, such as `shards/*`',
  stop: '`certain` ends the run when no further trial can change the verdict, `confident` when one could hardly change the exit status, `never` makes every trial (default certain)',
  'max-disagreement': 'How often a confident stop may decide otherwise than the full run would (default 0.01)',
  confidence: 'Confidence of each side of the verdict and of its interval (default 0.95)',
  estimand:
    'What the examples stand for: `population` (more like them) or `dataset` (only themselves) (default population)',
  responses:
    'Model answers of an agent that we start: `live`, `record`, `replay` or `auto` (replay, else record) (default live)',
  cassettes: 'Directory of recorded answers (default cassettes)',
  batch:
    'Send the calls of an `anthropic` agent without tools in batches, at half the price and within hours; no latency is measured (default false)',
  'batch-timeout': 'How long a batch may take; what is left of it is then called one by one (default 1h)',
  'budget-usd': 'What the model calls may cost: a stop, not a gate; at the limit the run ends with what it has',
  baseline: 'An earlier run to compare with: its output-dir, or the trials.jsonl in it',
  margin: 'A drop of accuracy smaller than this is tolerated (with a baseline; default 0.03)',
  confirm: 'Run what looks worse than before again, eight times, before saying so (with a baseline; default true)',
  'min-coverage': 'Least share of the planned trials that must be measured; below it the run is errored (default 0.8)',
  'on-inconclusive':
    'Exit status of an inconclusive verdict: `point` (the plain rule decides), `fail` or `pass` (default point)',
  resume:
    'Whether to continue a run that was cut off: `auto` continues one of the same fingerprint, `always` insists on it, `never` starts anew (default auto)',
  prompts:
    'Globs of the prompts, for the receipt: those that are evaluated; `!` excludes (default: `delivery.prompts`, else `prompts/**` and `src/prompts/**`)',
  'agent-config':
    "The deployed agent's configuration, for the receipt: the one that the evaluated agent runs with, such as `config/production.yaml` (default: `delivery.agent_config`)",
  image:
    'Image of the app, for the receipt: the one that holds the evaluated agent, by its digest, `registry/agent@sha256:…`',
  'output-dir': 'Where the results go (default agent-ci-results)',
  'artifact-name':
    'Name of the uploaded artifact; `none` uploads nothing (default agent-ci-results, of a shard agent-ci-results-shard-2-of-8)',
  annotations: 'Annotate failing examples on the lines of the dataset (default true)',
  sarif: 'Write the failing examples as `results.sarif` too, for code scanning (default false)',
  'pushgateway-url':
    'Prometheus Pushgateway that the metrics are pushed to; `none` pushes nothing (default: `telemetry.pushgateway.url`)',
  'otlp-endpoint':
    'OTLP/HTTP receiver that trials are sent to as GenAI spans; `none` sends nothing (default: `telemetry.otlp.endpoint`, else `OTEL_EXPORTER_OTLP_ENDPOINT`)',
  trajectories:
    "File that your agent's own spans are written to, OTLP as JSON lines: its tool calls are read from it (default: `telemetry.trajectories.file`)",
  'plan-only': 'Print what would be run and stop before the first call (default false)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  verdict: '`passed`, `inconclusive`, `failed` or `errored`',
  accuracy: 'Share of the measured trials whose output passed; empty after an early stop',
  'tool-accuracy': 'Share of the measured trials with expected tools whose tool calls passed; empty when unknown',
  'latency-mean-ms': 'Mean latency',
  'latency-p95-ms': '95th percentile of the latency',
  'latency-p99-ms': '99th percentile of the latency',
  'cost-usd': 'Cost of the run; empty when unknown',
  total: 'Examples measured',
  passed: 'Examples that passed',
  failed: 'Examples that did not',
  errored: 'Trials lost to the infrastructure',
  'delta-accuracy': 'With a baseline: mean change of accuracy over the common examples',
  coverage: 'Share of the planned trials that were measured',
  'results-path': 'results.json',
  'trials-path': 'trials.jsonl',
  'report-path': 'report.html',
  'junit-path': 'junit.xml',
  'sarif-path': 'results.sarif; empty without `sarif`, and for a shard',
  'receipt-path': 'receipt.json; empty when nothing was measured, and for a shard',
  'artifact-id': 'Id of the uploaded artifact; empty when there is none',
} as const

export type OutputName = keyof typeof OUTPUTS
