import { randomUUID } from 'node:crypto'
import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Trial } from '@agent-ci/core/trial'
import { cut } from '@agent-ci/core/untrusted'
import type { Client } from 'langsmith/client'
import { type LangsmithAccess, openClient } from './client.ts'
import { parseReference } from './reference.ts'

/** An evaluation as LangSmith shows it. */
export interface UploadedEvaluation {
  /** The dataset with the version that was evaluated: `langsmith:refunds@2026-11-20T10:00:00Z`. */
  readonly dataset: string
  /** Unique in the workspace. */
  readonly experiment: string
  readonly description: string
  readonly metadata: JsonObject
  readonly examples: number
  readonly repeats: number
  readonly trials: Iterable<{ readonly trial: Trial; readonly example: Example }>
}

/** Runs in one request. */
const RUNS_AT_ONCE = 50
/** The API keeps 180 characters of a key; a comment is for people. */
const LONGEST_KEY = 180
const LONGEST_COMMENT = 2_000

/**
 * Uploads an evaluation as an experiment on its dataset: a run for each trial, a feedback for each of its scores. Gives the address of the
 * experiment; undefined without a key.
 * @throws Error for whatever goes wrong; the signal's reason when it is aborted
 */
export async function uploadExperiment(
  evaluation: UploadedEvaluation,
  access: LangsmithAccess,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = await openClient(access, signal)
  if (!client) return undefined
  const { name, version } = parseReference(evaluation.dataset)
  const dataset = await client.readDataset({ datasetName: name })
  const project = await client.createProject({
    projectName: evaluation.experiment,
    description: evaluation.description,
    referenceDatasetId: dataset.id,
    metadata: { ...evaluation.metadata, ...(version !== undefined && { dataset_version: version }) },
    numExamples: evaluation.examples,
    numRepetitions: evaluation.repeats,
  })
  let batch: UploadedRun[] = []
  for (const { trial, example } of evaluation.trials) {
    batch.push({ id: randomUUID(), trial, example })
    if (batch.length < RUNS_AT_ONCE) continue
    await uploadRuns(batch, evaluation.experiment, project.id, client)
    batch = []
  }
  if (batch.length > 0) await uploadRuns(batch, evaluation.experiment, project.id, client)
  await client.updateProject(project.id, { endTime: new Date().toISOString() })
  return `${client.getHostUrl()}/o/${project.tenant_id}/datasets/${dataset.id}/compare?selectedSessions=${project.id}`
}

interface UploadedRun {
  readonly id: string
  readonly trial: Trial
  readonly example: Example
}

async function uploadRuns(
  runs: readonly UploadedRun[],
  experiment: string,
  sessionId: string,
  client: Client,
): Promise<void> {
  await client.batchIngestRuns({ runCreates: runs.map((run) => runOf(run, experiment)) })
  await Promise.all(
    runs.flatMap(({ id, trial }) =>
      feedbackOf(trial).map((feedback) =>
        client.createFeedback({ runId: id, sessionId, startTime: trial.startedAt, ...feedback }),
      ),
    ),
  )
}

/** LangSmith keeps objects alone. */
const asObject = (key: string, value: Json): JsonObject => (isJsonObject(value) ? value : { [key]: value })

function runOf({ id, trial, example }: UploadedRun, experiment: string) {
  const { reply } = trial
  const startMs = Date.parse(trial.startedAt)
  const { failure } = reply
  return {
    id,
    trace_id: id,
    // How LangSmith orders the runs of a trace: the time to a microsecond, and the run.
    dotted_order: `${new Date(startMs).toISOString().slice(0, -1).replaceAll(/\W/g, '')}000Z${id}`,
    session_name: experiment,
    reference_example_id: trial.exampleId,
    name: 'agent',
    run_type: 'chain',
    start_time: trial.startedAt,
    end_time: new Date(startMs + reply.latencyMs).toISOString(),
    inputs: { ...asObject('input', example.input) },
    ...(failure
      ? { error: `${failure.kind}: ${failure.message}` }
      : { outputs: { output: reply.output, ...(reply.toolCalls && { tool_calls: [...reply.toolCalls] }) } }),
    extra: {
      metadata: {
        repeat: trial.repeat,
        outcome: trial.outcome,
        ...(reply.replayed && { replayed: true }),
        ...(reply.usage.model !== undefined && { model: reply.usage.model }),
      },
    },
  }
}

/** What was not scored gets no feedback: 0 would be a wrong answer. */
function feedbackOf({ outcome, scores }: Trial): { key: string; score: number; comment?: string }[] {
  return [
    ...(outcome === 'errored' ? [] : [{ key: 'passed', score: outcome === 'passed' ? 1 : 0 }]),
    ...scores.flatMap(({ scorer, value, reason }) =>
      value === null ? [] : [{ key: cut(scorer, LONGEST_KEY), score: value, comment: cut(reason, LONGEST_COMMENT) }],
    ),
  ]
}
