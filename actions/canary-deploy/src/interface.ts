import { PLACE_INPUTS } from '@agent-ci/delivery/settings'
import { CHECK_INPUTS } from './check-settings.ts'

/** The inputs of canary-deploy, which are the options of `agent-ci deploy` too. */
export const INPUTS = {
  config: 'Path of the configuration, for its `delivery` part (default: agent-ci.yaml where there is one)',
  operation:
    'What to do: `deploy` rolls a release out; `promote` lets a paused step pass, `abort` takes it back, `resume` goes on with it; `sweep` takes back what a killed run left half done; `status` and `plan` change nothing (default deploy)',
  strategy:
    'How the release comes in: `canary` in steps, `blue-green` all at once beside the old pods, `rolling` pod by pod without a watch (default canary)',
  ...PLACE_INPUTS,
  manifests: 'Files or directories of Kubernetes manifests (default k8s/<environment>)',
  image: 'Image of the app, or `container=image`, one a line, over what the manifests say',
  version: 'Names the release, and fills the variable `VERSION` of the manifests',
  variables: 'More values for the manifests, `NAME=value`, one a line',
  'agent-config': "The deployed agent's configuration, such as config/production.yaml",
  prompts: 'Globs of the prompts, those that travel in the release',
  steps: 'Weights of the canary in percent (default 10,25,50,75,100)',
  'step-duration': 'The least time that a step is watched (default 5m)',
  'step-timeout': 'The longest time that a step may take to show that the canary is good enough (default 30m)',
  traffic:
    "What moves the traffic: `gateway-api`, `istio`, `nginx` (retired), `replicas`, `argo-rollouts` for a Rollout that follows the app's Deployment, or `command` for scripts of your own on any platform (default gateway-api where a route is given, else replicas)",
  route:
    'The route that moves the traffic: the HTTPRoute (or `GRPCRoute/<name>`), the VirtualService (with subsets: `<name>/<DestinationRule>/<stable>/<canary>`) or the Ingress; for `argo-rollouts` the Rollout (default: the name of the app)',
  'canary-command':
    'For `command`: gives the release `{weight}` percent of the traffic, such as `./deploy.sh production --canary {weight}`',
  'promote-command': 'For `command`: gives it all traffic, such as `./deploy.sh production --promote`',
  'rollback-command': 'For `command`: takes it back, such as `./deploy.sh production --rollback`',
  'weight-command': 'For `command`: prints the present weight in percent',
  'pass-env': 'Environment variables that these commands get, beside PATH and HOME',
  service: 'The Service through which the app is reached (default: the name of the app)',
  'prometheus-url': 'Address of the Prometheus that watches the app',
  'prometheus-headers': 'Headers for it, `Name: value`, one a line',
  metrics:
    'What the canary is watched by: `http` (the metrics of the guide), `genai` (OpenTelemetry), the path of a metrics file, or `none` to watch only pods, health and smoke examples (default http)',
  'max-error-rate': 'Limit of the error rate (default 5%)',
  'max-latency-p95': 'Limit of the 95th percentile of the latency, in ms or with a unit (default 5s)',
  'max-latency-p99': 'Limit of the 99th percentile of the latency, in ms or with a unit (default 10s)',
  'max-spend-usd': 'What the canary may cost while it is one, where the metrics tell',
  'require-relative':
    'Promote only what the comparison with stable has shown to fail less than so many times as often, such as 3; limits alone are then not enough (default: they are)',
  interval: 'How often the canary is looked at (default 10s)',
  ...CHECK_INPUTS,
  bake: 'How long the promoted release is watched (default 5m; 0s: not at all)',
  'on-inconclusive':
    'What a step does that showed nothing either way in its time: `pause` and wait for a person, `fail` (go back) or `pass` (default pause)',
  'on-interrupted':
    'What to do first with a rollout that a killed run left half done: `rollback` or `resume` (default rollback)',
  receipt: 'The receipt.json of eval-gate for this release, or the directory that holds it',
  'require-receipt': 'Refuse a release that differs from what was evaluated, or has no receipt (default false)',
  'receipt-accepts': 'What a receipt may be all the same: `inconclusive`, `replayed`, `alias`',
  'receipt-max-age': 'How old the evaluation may be, such as 7d (default: any age)',
  'receipt-attestation':
    'The Sigstore bundle that attests the receipt (the `bundle-path` of actions/attest); it must hold, or the release is refused',
  'receipt-trusted-root': 'The trusted roots for it: what `gh attestation trusted-root` writes',
  'receipt-repository': 'The repository whose workflow must have signed it, `owner/name` (default: this one)',
  'receipt-workflow':
    'The workflow that must have signed it, such as `owner/name/.github/workflows/evaluation.yml@refs/heads/main` (default: any of the repository)',
  'require-attestation': 'Refuse a release whose receipt nobody attested (default false)',
  'slack-webhook-url': 'Alerts go to Slack: an incoming webhook',
  'pagerduty-routing-key': 'Alerts go to PagerDuty: the routing key of an Events API v2 integration',
  'webhook-url': 'Alerts go to this address as JSON',
  'webhook-secret': 'Signs what is sent to `webhook-url`',
  issue: 'Keep a GitHub issue, while the app is in trouble (default false)',
  'github-token':
    "Token for GitHub's API: keeps GitHub deployments in step, and the issue (permissions deployments: write, issues: write)",
  'force-conflicts': 'Take over fields that another controller owns (default false)',
  'output-dir': 'Where the results go: timeline.json and rollout.html (default agent-ci-results)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  verdict: '`passed`, `inconclusive`, `failed` or `errored`',
  outcome: '`promoted`, `rolled-back`, `paused`, `rollback-failed`, `refused` or `planned`',
  release: 'The release that runs now',
  'previous-release': 'The release that ran before',
  weight: 'The share of the traffic that the release has, in percent',
  reason: 'What happened, in a sentence, with the numbers behind it',
  'failed-metric': 'The metric that it failed by, where one did',
  'timeline-path': 'timeline.json',
  'report-path': 'rollout.html',
} as const

export type OutputName = keyof typeof OUTPUTS
