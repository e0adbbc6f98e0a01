import { renderPlanMarkdown, renderPlanText } from '@agent-ci/reporting/rollout/plan'
import { expect, test } from '@jest/globals'
import { HOSTILE } from '../fixtures.ts'
import { blocked, plan } from './plans.ts'

const withoutColour = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, '')

test('a plan in the log', () => {
  expect(renderPlanText(plan, { colour: false })).toEqual([
    '✓ plan agent-service in production: ready: 2 steps, 1 warning',
    '  release r-42 (1.4.2), in the place of r-41 (1.4.1); canary by replicas',
    '',
    'Warnings',
    '  ! a HorizontalPodAutoscaler scales agent-service: weights follow its pods',
    '',
    'What the release changes',
    '  image agent:1.4.1 → agent:1.4.2',
    '',
    '3 objects: 1 created, 1 changed, 1 unchanged',
    '  + ConfigMap/agent-prompts-3f2a9c81d0 created',
    '  ~ Deployment/agent-service changed',
    '      spec.template.spec.containers[agent].image',
    '      spec.template.spec.volumes[prompts].configMap.name',
    '    Service/agent-service unchanged',
    '',
    'Time: 20 min 0 s, and the time until the pods are ready: 10 min 0 s in 2 steps and 10 min 0 s of watching after the last',
    '  step  weight                          for',
    '  1     25 % (asked 10 %, 1 of 4 pods)  5 min 0 s',
    '  2     25 % (1 of 4 pods)              left out: the same weight as step 1',
    '  3     100 % (4 of 4 pods)             5 min 0 s',
    '',
    'What the analysis can see',
    '  At 10 requests a second, of which 1.0 % fail: how long the analysis takes to see a canary that fails more often than stable.',
    '  weight  2 times                               5 times         20 times',
    '  25 %    not in this step (takes 22 min 43 s)  in 2 min 18 s   in 16 s',
    '  100 %   cannot be seen                        cannot be seen  cannot be seen',
    '',
    'Metrics',
    '  metric            state    limit                          from',
    '  error-rate        found    above 5 %, at once above 10 %  agent_requests_total{status=~"error"}',
    '  cost-per-request  no data  none                           agent_cost_usd_total',
    '',
  ])
})

test('a plan with a problem says it first, and does not guess what it cannot know', () => {
  const lines = renderPlanText(blocked, { colour: false })
  expect(lines.slice(0, 5)).toEqual([
    '✗ plan agent-service in production: 1 problem to mend before anything can be deployed',
    '  release r-42 (1.4.2), the first release; canary by replicas',
    '',
    'Problems',
    '  ✗ may not patch httproutes in namespace agents: give the ServiceAccount deployer the verb patch on httproutes',
  ])
  expect(lines.slice(-3)).toEqual([
    'What the analysis can see',
    '  The traffic could not be measured, so nothing can be said of what the analysis will see.',
    '',
  ])
})

test('has the same words with colours', () => {
  const coloured = renderPlanText(plan, { colour: true })
  expect(coloured.join('')).toContain('\u001b[')
  expect(coloured.map(withoutColour)).toEqual(renderPlanText(plan, { colour: false }))
})

test('a plan in the summary', () => {
  expect(renderPlanMarkdown(plan).split('\n')).toEqual([
    '## ✅ Plan for agent-service in production — ready: 2 steps, 1 warning',
    '',
    'release <code>r&#45;42 &#40;1.4.2&#41;</code>, in the place of <code>r&#45;41 &#40;1.4.1&#41;</code>; canary by <code>replicas</code>',
    '',
    '### 1 warning',
    '',
    '- a HorizontalPodAutoscaler scales agent-service: weights follow its pods',
    '',
    '### What the release changes',
    '',
    '- <code>image agent&#58;1.4.1 &#8594; agent&#58;1.4.2</code>',
    '',
    '### 3 objects: 1 created, 1 changed, 1 unchanged',
    '',
    '| object | change | fields |',
    '|---|---|---|',
    '| <code>ConfigMap&#47;agent&#45;prompts&#45;3f2a9c81d0</code> | created |  |',
    '| <code>Deployment&#47;agent&#45;service</code> | changed | <code>spec.template.spec.containers&#91;agent&#93;.image</code><br><code>spec.template.spec.volumes&#91;prompts&#93;.configMap.name</code> |',
    '',
    '<details><summary>1 unchanged</summary>',
    '',
    '- <code>Service&#47;agent&#45;service</code>',
    '',
    '</details>',
    '',
    '### Steps',
    '',
    '20 min 0 s, and the time until the pods are ready: 10 min 0 s in 2 steps and 10 min 0 s of watching after the last.',
    '',
    '| step | weight | for |',
    '|---|---|---|',
    '| 1 | 25 % (asked 10 %, 1 of 4 pods) | 5 min 0 s |',
    '| 2 | 25 % (1 of 4 pods) | left out: the same weight as step 1 |',
    '| 3 | 100 % (4 of 4 pods) | 5 min 0 s |',
    '',
    '### What the analysis can see',
    '',
    'At 10 requests a second, of which 1.0 % fail: how long the analysis takes to see a canary that fails more often than stable.',
    '',
    '| weight | 2 times | 5 times | 20 times |',
    '|---|---|---|---|',
    '| 25 % | not in this step (takes 22 min 43 s) | in 2 min 18 s | in 16 s |',
    '| 100 % | cannot be seen | cannot be seen | cannot be seen |',
    '',
    '### Metrics',
    '',
    '| metric | state | limit | from |',
    '|---|---|---|---|',
    '| <code>error&#45;rate</code> | found | above 5 %, at once above 10 % | <code>agent&#95;requests&#95;total&#123;status&#61;&#126;&#34;error&#34;&#125;</code> |',
    '| <code>cost&#45;per&#45;request</code> | no data | none | <code>agent&#95;cost&#95;usd&#95;total</code> |',
    '',
  ])
})

test.each(Object.entries(HOSTILE))('hostile text (%s) stays text', (_, whole) => {
  const planOf = (text: string): typeof plan => ({
    ...plan,
    app: text,
    release: { id: text, version: text },
    changes: [text],
    traffic: text,
    objects: plan.objects.map((object) => ({ ...object, kind: text, name: text, fields: [text] })),
    steps: plan.steps.map((step) => ({ ...step, how: text, dropped: step.dropped && text })),
    metrics: plan.metrics.map((metric) => ({ ...metric, name: text, source: text, limit: text })),
    warnings: [text],
    problems: [text],
  })
  const hostile = planOf(whole.slice(0, 5_000))
  for (const line of renderPlanText(hostile, { colour: false })) {
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(line).not.toMatch(/^\s*::|##\[/)
  }
  const elements = (text: string) => [...text.matchAll(/<\/?[a-z]+/g)].length
  expect(renderPlanMarkdown(hostile)).not.toMatch(/\]\(|@pwned|```\npwned|<(?!\/?(?:code|details|summary|br)>)[a-z]/)
  expect(elements(renderPlanMarkdown(planOf('tame text')))).toBeGreaterThan(0)
})
