import type { Host } from '@agent-ci/core/host'
import { Cluster } from './kubernetes/cluster.ts'
import { connect } from './kubernetes/connection.ts'
import { ClusterHistory } from './releases/history/cluster-history.ts'
import { FileHistory } from './releases/history/file-history.ts'
import type { History } from './releases/history/record.ts'
import type { Place } from './settings.ts'

/** The cluster and the history of a place. Nothing is asked of the cluster yet. */
export function openPlace(
  place: Place,
  host: Pick<Host, 'cwd' | 'env' | 'now' | 'sleep' | 'signal' | 'warn'>,
): { cluster: Cluster; history: History } {
  const { cwd, env, now, sleep, signal } = host
  const connection = connect({ kubeconfig: place.kubeconfig, cwd, env, now })
  const cluster = new Cluster(connection, place.namespace, { timeoutMs: place.apiTimeoutMs, sleep, signal })
  const history =
    place.historyFile === undefined
      ? new ClusterHistory(
          cluster,
          place.app,
          (ms) => sleep(ms, signal),
          (message) => host.warn('History', message),
        )
      : new FileHistory(place.historyFile)
  return { cluster, history }
}
