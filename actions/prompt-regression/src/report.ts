import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Host } from '@agent-ci/core/host'
import type { PromptResults } from '@agent-ci/core/prompt-results'
import { diffPrompt, sourceOfHunk, variableAnnotations } from '@agent-ci/prompts/changes/prompt-diff'
import { promptAnnotations } from '@agent-ci/reporting/prompts/annotations'
import { renderPromptConsole } from '@agent-ci/reporting/prompts/console'
import { renderPromptHtml } from '@agent-ci/reporting/prompts/html'
import { renderPromptSummary } from '@agent-ci/reporting/prompts/summary'
import type { ReportLinks } from '@agent-ci/reporting/summary'
import type { Change } from './change.ts'
import { refuseEscapes } from './escapes.ts'
import type { OutputName } from './interface.ts'
import { trialsFile } from './measure.ts'
import type { PromptSettings } from './settings.ts'

const REPORTS = ['results.json', 'prompts.diff', 'report.html', 'summary.md'] as const
const JOURNALS = [trialsFile('base'), trialsFile('candidate')]

/** An output directory without the files of an earlier run: a pull request may have committed links in their places. */
export function clearOutput(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const file of [...REPORTS, ...JOURNALS]) rmSync(join(directory, file), { force: true })
}

/** GitHub takes 1 MB of outputs; results.json has all prompts. */
const MOST_OUTPUT = 250_000

function fitting(list: readonly unknown[]): string {
  let taken = list.length
  let text = JSON.stringify(list)
  while (text.length > MOST_OUTPUT) {
    taken = Math.floor(taken / 2)
    text = JSON.stringify(list.slice(0, taken))
  }
  return text
}

/** Shows a run in every way. The verdict stands already and is not touched. */
export async function report(
  results: PromptResults,
  change: Change,
  settings: Pick<PromptSettings, 'outputDir' | 'artifactName' | 'annotations'>,
  host: Host,
): Promise<void> {
  const { changes } = change.prompts
  const texts = changes.map(diffPrompt)
  const diffs = changes.map(({ path, kind }, i) => ({ path, change: kind, unified: texts[i]!.unified }))
  const path = (file: string) => join(settings.outputDir, file)
  const shown = (file: (typeof REPORTS)[number]) => relative(host.cwd, path(file))
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = host.env
  const links: ReportLinks = {
    reportPath: shown('report.html'),
    ...(server && repository && run && { runUrl: `${server}/${repository}/actions/runs/${run}` }),
  }
  writeFileSync(path('results.json'), `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(path('prompts.diff'), diffs.map(({ unified }) => unified).join(''))
  writeFileSync(path('report.html'), renderPromptHtml(results, diffs, links))
  writeFileSync(path('summary.md'), renderPromptSummary(results, diffs, links))

  host.info(renderPromptConsole(results, { colour: host.colour, files: [links.reportPath!, shown('prompts.diff')] }))
  if (settings.annotations) {
    const places = {
      hunks: changes.flatMap((one, i) =>
        one.kind === 'deleted' ? [] : texts[i]!.hunks.map((hunk) => sourceOfHunk(one.head, hunk)),
      ),
      variables: changes.flatMap((one, i) => variableAnnotations(one, texts[i]!)),
    }
    for (const annotation of promptAnnotations(results, places)) host.annotate(annotation)
  }
  const journals = [results.base, results.candidate].flatMap((arm) => (arm ? [arm.trials] : []))
  const artifact =
    settings.artifactName === undefined
      ? undefined
      : await host.uploadArtifact(settings.artifactName, [...REPORTS, ...journals].map(path), settings.outputDir)
  const outputs: Record<OutputName, string | number> = {
    verdict: results.verdict,
    'changed-prompts': fitting(results.changed_prompts),
    regressions: results.regressed.length,
    improvements: results.improved.length,
    'results-path': shown('results.json'),
    'report-path': shown('report.html'),
    'diff-path': shown('prompts.diff'),
  }
  for (const [name, value] of Object.entries(outputs)) host.output(name, value)
  await host.summary(
    renderPromptSummary(results, diffs, {
      ...links,
      ...(artifact?.url !== undefined && { artifactUrl: artifact.url }),
    }),
  )
}

/** Reports a change of no prompt: no configuration was read, and nothing was run. */
export async function reportNothing(results: PromptResults, change: Change, host: Host): Promise<void> {
  const given = host.input('output-dir')
  const outputDir = resolve(host.cwd, given || join(dirname(host.input('config')), 'agent-ci-results'))
  if (change.proposer !== 'trusted')
    refuseEscapes(host.cwd, [{ name: 'output-dir', path: outputDir, byInput: given !== '' }])
  clearOutput(outputDir)
  host.annotate({ level: 'notice', title: 'Prompts', message: results.reason })
  await report(results, change, { outputDir, annotations: false }, host)
}
