import { createWriteStream, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Host, Outcome } from '@agent-ci/core/host'
import type { Blessing } from '@agent-ci/core/nightly/blessing'
import type { KeptFinding } from '@agent-ci/core/nightly/kept-finding'
import type { Series } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { renderNightlyConsole } from '@agent-ci/reporting/nightly/console'
import { type NightlyLinks, renderNightlySummary } from '@agent-ci/reporting/nightly/summary'
import type { ReleaseMark } from '@agent-ci/reporting/nightly/trend'
import { renderTrendPage } from '@agent-ci/reporting/nightly/trend-page'
import { renderTrendSite } from '@agent-ci/reporting/nightly/trend-site'
import { nightlyHeadline } from '@agent-ci/reporting/nightly/wording'
import type { OutputName } from './interface.ts'
import { LEG_FILES } from './leg-record.ts'
import type { Leg } from './legs.ts'
import type { NightlySettings } from './settings.ts'

type Outputs = Record<OutputName, string | number | null>

function setOutputs(outputs: Partial<Outputs>, host: Host): void {
  const all: Outputs = {
    verdict: 'errored',
    regressions: '[]',
    legs: '[]',
    'results-path': null,
    'dashboard-path': null,
    'issue-number': null,
    ...outputs,
  }
  for (const [name, value] of Object.entries(all)) host.output(name, value)
}

const idsOf = (legs: readonly Leg[]): string => JSON.stringify(legs.map(({ id }) => id))

/** Nothing was run: the matrix is the result. */
export function reportPlan(legs: readonly Leg[], host: Host): Outcome {
  setOutputs({ verdict: 'passed', legs: idsOf(legs) }, host)
  return { verdict: 'passed', exitStatus: 0, headline: 'Plan only: no call was made' }
}

/** The legs of one job of a matrix: shown and uploaded; the job that joins them judges the night. */
export async function reportLegs(
  results: NightlyResults,
  legs: readonly Leg[],
  settings: NightlySettings,
  host: Host,
): Promise<Outcome> {
  const { outputDir } = settings
  writeFileSync(join(outputDir, 'summary.md'), renderNightlySummary(results, []))
  host.info(renderNightlyConsole(results, { colour: host.colour, files: [relative(host.cwd, outputDir) || '.'] }))
  const artifact = await upload(['summary.md', ...legFiles(legs, outputDir)], settings, host)
  setOutputs({ verdict: results.verdict, legs: idsOf(legs) }, host)
  await host.summary(renderNightlySummary(results, [], artifactLink(artifact)))
  const exitStatus = results.verdict === 'errored' ? 1 : 0
  return { verdict: results.verdict, exitStatus, headline: `${results.verdict}: ${nightlyHeadline(results)}` }
}

export const writeResults = (results: NightlyResults, outputDir: string): void =>
  writeFileSync(join(outputDir, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)

export interface ReportedNight {
  readonly results: NightlyResults
  readonly series: readonly Series[]
  readonly blessings: readonly Blessing[]
  readonly releases: readonly ReleaseMark[]
  /** Of earlier nights and of this one. */
  readonly findings: readonly KeptFinding[]
  readonly issueNumber: number | undefined
  readonly settings: NightlySettings
}

/** Shows a night in every way: files, log, outputs, artifact, summary. The verdict stands already and is not touched. */
export async function report(
  { results, series, blessings, releases, findings, issueNumber, settings }: ReportedNight,
  host: Host,
): Promise<void> {
  const { outputDir, legs } = settings
  const path = (file: string) => join(outputDir, file)
  const shown = (file: string) => relative(host.cwd, path(file))
  const { trendUrl } = settings
  const links: NightlyLinks = { reportPath: shown('dashboard.html'), ...(trendUrl !== undefined && { trendUrl }) }
  const trend = { results, series, blessings, releases, findings }
  writeResults(results, outputDir)
  writeFileSync(path('summary.md'), renderNightlySummary(results, series, links))
  await pipeline(Readable.from(renderTrendPage(trend, links)), createWriteStream(path('dashboard.html')))
  mkdirSync(path('site'), { recursive: true })
  for (const file of renderTrendSite(trend, links))
    await pipeline(Readable.from(file.text), createWriteStream(path(join('site', file.path))))
  host.info(renderNightlyConsole(results, { colour: host.colour, files: [links.reportPath!] }))
  const artifact = await upload(
    ['results.json', 'summary.md', 'dashboard.html', ...legFiles(legs, outputDir)],
    settings,
    host,
  )
  setOutputs(
    {
      verdict: results.verdict,
      regressions: JSON.stringify(results.series.filter(({ state }) => state === 'regressed').map(regressionOf)),
      legs: idsOf(legs),
      'results-path': shown('results.json'),
      'dashboard-path': shown('dashboard.html'),
      'issue-number': issueNumber ?? null,
    },
    host,
  )
  await host.summary(renderNightlySummary(results, series, { ...links, ...artifactLink(artifact) }))
}

const regressionOf = ({
  baseline,
  dataset,
  model,
  prompts,
  metric,
  value,
  drop,
  cause,
  reason,
}: NightlyResults['series'][number]) => ({
  dataset,
  model,
  prompts,
  metric,
  value,
  baseline: baseline?.mean ?? null,
  drop,
  cause,
  reason,
})

type Artifact = Awaited<ReturnType<Host['uploadArtifact']>>

const artifactLink = (artifact: Artifact): NightlyLinks =>
  artifact?.url === undefined ? {} : { artifactUrl: artifact.url }

function upload(files: readonly string[], settings: NightlySettings, host: Host): Promise<Artifact> {
  const { artifactName, outputDir, retentionDays } = settings
  if (artifactName === undefined) return Promise.resolve(undefined)
  const there = files.map((file) => join(outputDir, file))
  return host.uploadArtifact(artifactName, there, outputDir, {
    ...(retentionDays !== undefined && { retentionDays }),
  })
}

/** What the legs left, re-runs and control arms included. */
function legFiles(legs: readonly Leg[], outputDir: string): string[] {
  const isFile = (path: string) => lstatSync(join(outputDir, path), { throwIfNoEntry: false })?.isFile() ?? false
  return legs.flatMap(({ id }) => {
    const further = lstatSync(join(outputDir, id), { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(join(outputDir, id), { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : []
    return [id, ...further.map(({ name }) => join(id, name))].flatMap((directory) =>
      LEG_FILES.map((file) => join(directory, file)).filter(isFile),
    )
  })
}
