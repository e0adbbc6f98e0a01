// Every bundle that ships in dist/, by name, with the entry that ncc starts from (tsc's output).
export const BUNDLES = {
  'canary-deploy': 'actions/canary-deploy/dist/index.js',
  'eval-gate': 'actions/eval-gate/dist/index.js',
  'llm-gateway': 'actions/llm-gateway/dist/index.js',
  'nightly-eval': 'actions/nightly-eval/dist/index.js',
  'pr-comment': 'actions/pr-comment/dist/index.js',
  'prompt-regression': 'actions/prompt-regression/dist/index.js',
  rollback: 'actions/rollback/dist/index.js',
  cli: 'packages/cli/dist/index.js',
}
