import { createWriteStream, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatRule } from '@agent-ci/core/gate'
import type { Host } from '@agent-ci/core/host'
import { digestOf } from '@agent-ci/core/json'
import type { Receipt } from '@agent-ci/core/receipt'
import { receiptStatement } from '@agent-ci/core/receipt-statement'
import type { Results } from '@agent-ci/core/results'
import type { PushgatewayTarget } from '@agent-ci/notify/pushgateway'
import { annotationsFor } from '@agent-ci/reporting/annotations'
import { renderConsole } from '@agent-ci/reporting/console'
import { renderHtml } from '@agent-ci/reporting/html/page'
import { countJUnit, renderJUnit } from '@agent-ci/reporting/junit'
import { type ReportLinks, renderSummary } from '@agent-ci/reporting/summary'
import type { TrialStream, TrialView } from '@agent-ci/reporting/trial-view'
import { workflowRun } from './evaluated-parts.ts'
import type { OutputName } from './interface.ts'
import type { EvalSettings } from './settings.ts'
import type { Tracing } from './tracing.ts'

/** The first trials that went wrong, in the dataset's order: a wrong answer or wrong tool calls, and those that errored. */
export interface Notable {
  readonly failing: readonly TrialView[]
  readonly errored: readonly TrialView[]
}

/** More than any summary shows. */
const MOST_NOTABLE = 250

export function collectNotable(trials: Iterable<TrialView>): Notable {
  const failing: TrialView[] = []
  const errored: TrialView[] = []
  for (const view of trials) {
    const wrong = view.trial.outcome === 'failed' || view.trial.toolCorrect === false
    const list = wrong ? failing : view.trial.outcome === 'errored' ? errored : undefined
    if (list && list.length < MOST_NOTABLE) list.push(view)
  }
  return { failing, errored }
}

export interface ReportedRun {
  readonly settings: EvalSettings
  readonly results: Results
  /** undefined where nothing was measured. */
  readonly receipt: Receipt | undefined
  /** What was planned, from its start, as often as it is called. */
  readonly planned: () => TrialStream
  readonly notable: Notable
  /** Where the experiment is on LangSmith. */
  readonly langsmithUrl?: string
  readonly tracing?: Tracing | undefined
}

/** Shows a run in every way: files, log, outputs, annotations, artifact, summary. The verdict stands already and is not touched. */
export async function report(
  { settings, results, receipt, planned, notable, langsmithUrl, tracing }: ReportedRun,
  host: Host,
): Promise<void> {
  const path = (file: string) => join(settings.outputDir, file)
  const unlucky = [...notable.failing, ...notable.errored].sort(
    (a, b) => a.trial.index - b.trial.index || a.trial.repeat - b.trial.repeat,
  )
  const runUrl = workflowRun(host.env)?.url
  const links: ReportLinks = {
    reportPath: relative(host.cwd, path('report.html')),
    ...(runUrl !== undefined && { runUrl }),
    ...(langsmithUrl !== undefined && { langsmithUrl }),
  }

  writeFileSync(path('results.json'), `${JSON.stringify(results, null, 2)}\n`)
  if (receipt) writeReceipt(receipt, path)
  writeFileSync(path('summary.md'), renderSummary(results, unlucky, links))
  await writeStream(path('report.html'), renderHtml(results, planned(), { links }))
  await writeStream(path('junit.xml'), renderJUnit(results, planned(), await countJUnit(planned())))
  const sarif = settings.sarif && !settings.shard
  if (sarif) await writeSarif(path('results.sarif'), results, planned, settings)

  host.info(renderConsole(results, unlucky, { colour: host.colour, files: [links.reportPath!] }))
  // What a shard found, the run that joins it with the others says again.
  if (settings.annotations && !settings.shard)
    for (const annotation of annotationsFor(results, notable.failing, notable.errored, { error: 1 }))
      host.annotate(annotation)
  const files = [
    ...['results.json', 'trials.jsonl', 'report.html', 'junit.xml', 'summary.md'],
    ...(sarif ? ['results.sarif'] : []),
    ...(receipt ? ['receipt.json', 'receipt.intoto.json'] : []),
  ].map(path)
  const artifact =
    settings.artifactName === undefined
      ? undefined
      : await host.uploadArtifact(settings.artifactName, files, settings.outputDir)
  setOutputs({ results, receipt, sarif }, (file) => relative(host.cwd, path(file)), artifact?.id, host)
  await host.summary(
    renderSummary(results, unlucky, { ...links, ...(artifact?.url !== undefined && { artifactUrl: artifact.url }) }),
  )
  // Last, for their receivers may be slow.
  await tracing?.end(results)
  const { pushgateway } = settings.telemetry
  // The run that joins the shards pushes for all.
  if (pushgateway && !settings.shard) await pushRun(results, pushgateway, host)
}

/** The receipt, and the same as a statement that any signer of in-toto attestations takes. */
function writeReceipt(receipt: Receipt, path: (file: string) => string): void {
  const text = `${JSON.stringify(receipt, null, 2)}\n`
  writeFileSync(path('receipt.json'), text)
  const statement = receiptStatement(receipt, digestOf(text))
  writeFileSync(path('receipt.intoto.json'), `${JSON.stringify(statement, null, 2)}\n`)
}

async function writeSarif(
  path: string,
  results: Results,
  trials: () => TrialStream,
  { gates }: EvalSettings,
): Promise<void> {
  const places = new Map(gates.map((gate) => [formatRule(gate), gate.origin.source]))
  // Imported only here: a run without it does not pay for it.
  const { renderSarif } = await import('@agent-ci/reporting/sarif')
  await writeStream(path, renderSarif(results, { trials, gateSource: (rule) => places.get(rule) }))
}

async function pushRun(results: Results, target: PushgatewayTarget, host: Host): Promise<void> {
  // Imported only here: a run that pushes nothing does not pay for it.
  const [{ renderExposition }, { evaluationMetrics }, { pushMetrics }] = await Promise.all([
    import('@agent-ci/reporting/exposition'),
    import('@agent-ci/reporting/run-metrics'),
    import('@agent-ci/notify/pushgateway'),
  ])
  const fallback = { job: 'agent-ci', grouping: { dataset: results.dataset.name } }
  await pushMetrics(renderExposition(evaluationMetrics(results)), target, fallback, host)
}

async function writeStream(path: string, text: AsyncGenerator<string>): Promise<void> {
  await pipeline(Readable.from(text), createWriteStream(path))
}

function setOutputs(
  { results, receipt, sarif }: Pick<ReportedRun, 'results' | 'receipt'> & { readonly sarif: boolean },
  path: (file: string) => string,
  artifactId: number | undefined,
  host: Host,
): void {
  const outputs: Record<OutputName, string | number | null> = {
    verdict: results.verdict,
    accuracy: results.accuracy,
    'tool-accuracy': results.tool_accuracy,
    'latency-mean-ms': results.latency_mean,
    'latency-p95-ms': results.latency_p95,
    'latency-p99-ms': results.latency_p99,
    'cost-usd': results.cost_usd,
    total: results.total_examples,
    passed: results.passed_examples,
    failed: results.total_examples - results.passed_examples,
    errored: results.counts.errored,
    coverage: results.coverage,
    'delta-accuracy': results.comparison?.delta_accuracy ?? null,
    'results-path': path('results.json'),
    'trials-path': path('trials.jsonl'),
    'report-path': path('report.html'),
    'junit-path': path('junit.xml'),
    'sarif-path': sarif ? path('results.sarif') : null,
    'receipt-path': receipt ? path('receipt.json') : null,
    'artifact-id': artifactId ?? null,
  }
  for (const [name, value] of Object.entries(outputs)) host.output(name, value)
}
