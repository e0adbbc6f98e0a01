import { messageOf } from '@agent-ci/core/errors'
import type { JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import { replicaSetsOf } from '../kubernetes/wait-for-deployments.ts'
import type { ConfigMap, Deployment } from '../kubernetes/workload.ts'
import { configMapNamed } from '../kubernetes/workload.ts'
import type { History, ReleaseRecord } from '../releases/history/record.ts'
import { droppedRecords } from '../releases/history/retention.ts'
import { APP_LABEL, CONFIG_OF, RELEASE } from '../releases/names.ts'
import { configMapReferences } from '../releases/references.ts'
import { forgetEnded } from '../traffic/argo-followed.ts'
import type { Leader } from './leader.ts'
import { presentDeployments } from './present-state.ts'

/** Keeps with a record what its rollout came to; only success makes it one to go back to. */
export async function endRecord(
  history: History,
  record: ReleaseRecord | undefined,
  end: NonNullable<ReleaseRecord['end']>,
  reason: string | null,
): Promise<void> {
  if (!record || (record.end === end && record.verified === (end === 'succeeded'))) return
  await history.update({ ...record, end, reason, verified: end === 'succeeded' })
}

/** Ends the records of rollouts that were cut off before they could: call it when no rollout is at work. */
export async function closeCutOff(history: History, reason: string): Promise<void> {
  for (const record of await history.list())
    if (record.end === null) await endRecord(history, record, 'rolled-back', reason)
}

/** Drops old records and what only they named, and what is left of rollouts that could not end; what goes wrong here changes no outcome. `kept` must stay. */
export async function tidy(leader: Leader, history: History, kept: readonly ReleaseRecord[]): Promise<void> {
  try {
    await dropOld(leader.deps.cluster, leader.app, history, kept)
    await dropTraffic(leader, kept[0])
  } catch (error) {
    leader.deps.warn(`Old records were not dropped: ${forLog(messageOf(error))}`)
  }
}

/** Drops what a rollout that could not end remembers of the traffic, where the app is well again without it. */
export async function dropTraffic(leader: Leader, record: ReleaseRecord | undefined): Promise<void> {
  const { cluster, signal } = leader.deps
  const present = await presentDeployments(cluster, Object.keys(record?.templates ?? {}))
  await forgetEnded(cluster, leader.app, present, leader.deps, signal)
}

/** Drops old records, and then the content-named ConfigMaps that no record and no ReplicaSet names any more. */
async function dropOld(cluster: Cluster, app: string, history: History, kept: readonly ReleaseRecord[]): Promise<void> {
  const records = await history.list()
  const deployments = await cluster.list<Deployment>('apps/v1', 'Deployment', { labels: `${APP_LABEL}=${app}` })
  const sets = (await Promise.all(deployments.map((deployment) => replicaSetsOf(cluster, deployment)))).flat()
  const running = sets.filter(({ spec }) => (spec.replicas ?? 0) > 0)
  const inUse = new Set([
    ...kept.map(({ release }) => release.id),
    ...running.flatMap(({ spec }) => spec.template.metadata?.annotations?.[RELEASE] ?? []),
  ])
  const dropped = droppedRecords(records, inUse)
  if (dropped.length === 0) return
  await history.remove(dropped)
  const left = records.filter((record) => !dropped.includes(record))
  const named = new Set([
    ...left.flatMap(({ release }) => release.config_maps.map(({ name }) => name)),
    ...[...deployments, ...sets].flatMap((owner) =>
      configMapReferences(owner as unknown as JsonObject).map(({ configMap }) => configMap),
    ),
  ])
  const candidates = new Set(dropped.flatMap(({ release }) => release.config_maps.map(({ name }) => name)))
  const maps = await cluster.list<ConfigMap>('v1', 'ConfigMap', { labels: `${APP_LABEL}=${app},${CONFIG_OF}` })
  for (const { metadata } of maps)
    if (candidates.has(metadata.name) && !named.has(metadata.name)) await cluster.remove(configMapNamed(metadata.name))
}
