import { parseDeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import { parseConfig } from '@agent-ci/core/config/parse'
import { ConfigurationError } from '@agent-ci/core/errors'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { parseManifests } from '@agent-ci/delivery/releases/manifests'
import { readPromptFile } from '@agent-ci/prompts/files/prompt-file'
import { parsePointer, parseVersionFile } from '@agent-ci/prompts/store/version-file'
import { describe, expect, test } from '@jest/globals'
import { textNear } from '../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../properties.ts'

const CONFIG = `version: 1
agent:
  type: http
  url: http://127.0.0.1:8080/answer
  headers: {authorization: "Bearer \${{ env.TOKEN }}"}
datasets: {golden: [evals/a.jsonl, evals/b.csv]}
scorers: [exact, {type: tools, mode: strict, args: subset, overrides: {pay: [amount.value]}}]
gates: ["accuracy >= 0.85", "latency_p95_ms <= 5s", "accuracy[tag=refunds] >= 90%"]
evaluation: {repeats: 3, timeout: 30s, sample: 10%, seed: 7}
gateway: {responses: replay, cassettes: cassettes, redact: [x-session]}
notify: {issue: true, issue_labels: [nightly]}
`
const AGENT = `agent:
  model: {primary: claude-opus, temperature: 0.5, max_tokens: 4096}
  prompts: {version: v3, fallback_version: null}
  tools: {enabled: [search, "off"], disabled: []}
  safety: {content_filter: strict, pii_detection: enabled, max_tool_iterations: 5}
other: {kept: true}
`
const METRICS = `packs: [http]
arms: {canary: {track: canary}, stable: {track: stable}}
metrics:
  - {name: refunds, kind: counter-ratio, total: 'refunds_total{selector}', bad: 'refunds_failed_total{selector}', max: 5%}
  - {name: depth, kind: value, query: 'max(queue_depth{selector})', max: 100, on_no_data: pass}
`
const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: {name: agent-service, labels: {app: agent}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "agent:\${VERSION}", envFrom: [{configMapRef: {name: prompts}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: prompts}
data: {system: "You help."}
`
const VERSION = JSON.stringify({
  version: 'v1',
  content: 'You help.',
  hash: '2d304e4f1323',
  created_at: '2026',
  metadata: {},
})

/** A parser's file, a good text of it, and how it is read. */
const PARSERS: Readonly<Record<string, readonly [file: string, text: string, parse: (text: string) => unknown]>> = {
  'agent-ci.yaml': ['agent-ci.yaml', CONFIG, (text) => parseConfig(text, 'agent-ci.yaml')],
  'a deployed agent': ['config/a.yaml', AGENT, (text) => parseDeployedAgentConfig(text, 'config/a.yaml')],
  'a metrics file': ['metrics.yaml', METRICS, (text) => parseMetricsFile(text, 'metrics.yaml')],
  manifests: [
    'k8s.yaml',
    MANIFESTS,
    (text) => parseManifests([{ path: 'k8s.yaml', text }], { variables: { VERSION: '1' }, namespace: 'shop' }),
  ],
  'a prompt with messages': [
    'prompts/a.prompt.yml',
    'messages:\n  - role: system\n    content: Help {{order}}\n',
    (text) => readPromptFile('prompts/a.prompt.yml', text),
  ],
  'a prompt with front matter': [
    'prompts/a.md',
    '---\nname: a\nvariables: [order]\n---\nHelp with {{order}}. {% if x %}\n',
    (text) => readPromptFile('prompts/a.md', text),
  ],
  'a prompt in YAML': [
    'prompts/a.yaml',
    'system: |\n  Help {order}.\nmodel: x\n',
    (text) => readPromptFile('prompts/a.yaml', text),
  ],
  'a prompt in JSON': [
    'prompts/a.json',
    '{"content": "Help {order}", "name": "a"}',
    (text) => readPromptFile('prompts/a.json', text),
  ],
  'a saved prompt version': ['v1.json', VERSION, (text) => parseVersionFile(text, 'v1.json', 'a', 'v1')],
  'a pointer to a version': ['latest.json', '{"version": "v1"}', (text) => parsePointer(text, 'latest.json')],
}

describe('any text gives a value or a refusal at a line that the file has', () => {
  test.each(Object.entries(PARSERS))(
    '%s',
    async (_, [file, good, parse]) => {
      await parse(good)
      let refused = 0
      const check = async (text: string): Promise<void> => {
        try {
          await parse(text)
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error
          refused++
          const lines = text.split(/\r\n|\r|\n/).length
          for (const { what, why, mend, source } of error.problems) {
            expect([what, why, mend].every((part) => part.trim() !== '')).toBe(true)
            if (source === undefined) continue
            expect(source.file).toBe(file)
            expect(source.line).toBeGreaterThanOrEqual(1)
            expect(source.line).toBeLessThanOrEqual(lines)
          }
        }
      }
      await fc.assert(fc.asyncProperty(textNear(good), check), { numRuns: RUNS })
      if (!file.startsWith('prompts/')) expect(refused).toBeGreaterThan(0)
    },
    PATIENCE_MS,
  )
})
