import { messageOf } from '@agent-ci/core/errors'
import { fingerprintDigest } from '@agent-ci/core/fingerprint'
import type { Host } from '@agent-ci/core/host'
import type { Results } from '@agent-ci/core/results'
import { forLog } from '@agent-ci/core/untrusted'
import { KEY_VARIABLE } from '@agent-ci/evaluation/langsmith/client'
import { isReference } from '@agent-ci/evaluation/langsmith/reference'
import { uploadExperiment } from '@agent-ci/evaluation/langsmith/upload'
import type { MeasuredRun } from './conclude-run.ts'
import { workflowRun } from './evaluated-parts.ts'
import type { EvalSettings } from './settings.ts'

/** The report waits for it. */
const UPLOAD_TIMEOUT_MS = 120_000

/**
 * Shows a run as an experiment on LangSmith, and says where; whatever goes wrong is a warning, for the verdict stands already. A shard is
 * shown by the run that joins it with the others.
 */
export async function showOnLangsmith(
  { dataset, fingerprint, journal, order }: MeasuredRun,
  { langsmith, shard, repeats }: EvalSettings,
  results: Results,
  host: Host,
): Promise<string | undefined> {
  if (shard) return undefined
  const warn = (why: string) => host.warn('LangSmith', `The evaluation is not shown there: ${forLog(why, 400)}`)
  const [reference] = dataset.files
  if (reference === undefined || dataset.files.length > 1 || !isReference(reference)) {
    warn('an experiment is of a dataset of LangSmith, and this one is of files. Write dataset: langsmith:<name>')
    return undefined
  }
  const { verdict, reason, started_at: startedAt } = results
  const time = startedAt.replaceAll(/\.\d+|\W/g, '')
  const run = workflowRun(host.env)
  try {
    const url = await uploadExperiment(
      {
        dataset: reference,
        experiment: `${langsmith!.experiment}-${time}-${fingerprintDigest(fingerprint).slice('sha256:'.length, 'sha256:'.length + 8)}`,
        description: `${verdict}: ${reason}`,
        metadata: { verdict, ...fingerprint, ...(run && { run: run.url }) },
        examples: order.length,
        repeats,
        trials: journal.trials(),
      },
      { endpoint: langsmith!.endpoint, env: host.env },
      AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    )
    if (url === undefined) warn(`${KEY_VARIABLE} is not set`)
    else host.info(`Shown on LangSmith: ${forLog(url, 400)}`)
    return url
  } catch (error) {
    warn(messageOf(error))
    return undefined
  }
}
