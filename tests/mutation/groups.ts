/** Sources that are mutated together, and the tests that have to notice. */
export interface Group {
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
}

const core = (...files: readonly string[]): string[] => files.map((file) => `packages/core/src/${file}.ts`)
const unit = (...files: readonly string[]): string[] => files.map((file) => `tests/unit/${file}.test.ts`)

/** The quick groups first. A group's tests hold none that are slow and belong to another. */
export const GROUPS: Readonly<Record<string, Group>> = {
  rules: {
    mutate: core('plain-rule', 'gate', 'verdict', 'coverage', 'prompt-verdict'),
    tests: unit('core/plain-rule', 'core/gate', 'core/verdict', 'core/prompt-verdict'),
  },
  receipts: {
    mutate: core('receipt-difference', 'release-difference'),
    tests: unit('core/receipt', 'core/release'),
  },
  watch: {
    mutate: ['packages/delivery/src/analysis/{fold,tally,thresholds}.ts'],
    tests: unit('delivery/analysis/{fold,tally,thresholds}'),
  },
  attempts: {
    mutate: ['packages/evaluation/src/agents/{attempts,http-status,endings}.ts'],
    tests: unit('evaluation/agents/{attempts,endings,http-status}'),
  },
  conclusion: {
    mutate: core('conclusion', 'gate-decision', 'stopped-gate', 'run-end'),
    tests: unit('core/{conclusion,safety,shard,early-stop}', 'core/statistics/amounts'),
  },
  stops: {
    mutate: core('early-stop', 'settled-gate'),
    tests: unit('core/{early-stop,settled-verdict}'),
  },
  statistics: {
    mutate: core('statistics/*', 'statistics/trend/*'),
    tests: unit('core/statistics/*'),
  },
  canary: {
    mutate: core('statistics/canary/*'),
    tests: unit('core/statistics/canary/*'),
  },
  nightly: {
    mutate: core('nightly/*'),
    tests: unit('core/nightly/*'),
  },
}
