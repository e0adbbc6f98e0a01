import type { RolloutPlan } from '@agent-ci/core/rollout-plan'

export const plan: RolloutPlan = {
  app: 'agent-service',
  environment: 'production',
  strategy: 'canary',
  release: { id: 'r-42', version: '1.4.2' },
  previous: { id: 'r-41', version: '1.4.1' },
  changes: ['image agent:1.4.1 → agent:1.4.2'],
  objects: [
    { kind: 'ConfigMap', name: 'agent-prompts-3f2a9c81d0', change: 'created', fields: [] },
    {
      kind: 'Deployment',
      name: 'agent-service',
      change: 'changed',
      fields: ['spec.template.spec.containers[agent].image', 'spec.template.spec.volumes[prompts].configMap.name'],
    },
    { kind: 'Service', name: 'agent-service', change: 'unchanged', fields: [] },
  ],
  traffic: 'replicas',
  steps: [
    {
      asked: 10,
      real: 25,
      how: '1 of 4 pods',
      durationMs: 300_000,
      dropped: null,
      detection: [
        { ratio: 2, seconds: 1_363 },
        { ratio: 5, seconds: 138 },
        { ratio: 20, seconds: 16 },
      ],
    },
    {
      asked: 25,
      real: 25,
      how: '1 of 4 pods',
      durationMs: 300_000,
      dropped: 'the same weight as step 1',
      detection: [],
    },
    {
      asked: 100,
      real: 100,
      how: '4 of 4 pods',
      durationMs: 300_000,
      dropped: null,
      detection: [
        { ratio: 2, seconds: null },
        { ratio: 5, seconds: null },
        { ratio: 20, seconds: null },
      ],
    },
  ],
  bakeMs: 600_000,
  expected: { requestsPerSecond: 10, errorRate: 0.01 },
  metrics: [
    {
      name: 'error-rate',
      state: 'found',
      source: 'agent_requests_total{status=~"error"}',
      limit: 'above 5 %, at once above 10 %',
    },
    { name: 'cost-per-request', state: 'no-data', source: 'agent_cost_usd_total', limit: '' },
  ],
  warnings: ['a HorizontalPodAutoscaler scales agent-service: weights follow its pods'],
  problems: [],
}

export const blocked: RolloutPlan = {
  ...plan,
  previous: null,
  expected: null,
  steps: plan.steps.map((step) => ({ ...step, detection: [] })),
  metrics: [],
  warnings: [],
  problems: [
    'may not patch httproutes in namespace agents: give the ServiceAccount deployer the verb patch on httproutes',
  ],
}
