import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { podsOf } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { expect, test } from '@jest/globals'

const REVISION = 'deployment.kubernetes.io/revision'
const owned = (name: string, uid: string) => ({ name, ownerReferences: [{ uid }] })
const template = { spec: { containers: [] } }

/** A cluster in which ReplicaSet `old`, of revision 1, has one pod. */
const cluster = {
  list: async (_: string, kind: string) =>
    kind === 'ReplicaSet'
      ? [{ metadata: { ...owned('old', 'deployment'), uid: 'set', annotations: { [REVISION]: '1' } } }]
      : [{ metadata: owned('old-pod', 'set') }],
} as unknown as Cluster

const deployment = (generation: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', uid: 'deployment', generation, annotations: { [REVISION]: '1' } },
  spec: { selector: { matchLabels: { app: 'app' } }, template },
  status: { observedGeneration: 1 },
})

test.each([
  ['of the template that its controller has seen', 1, ['old-pod']],
  ['of an older template, when its controller has not seen the present one', 2, []],
])('pods %s', async (_, generation, expected) => {
  expect((await podsOf(cluster, deployment(generation))).map(({ metadata }) => metadata.name)).toEqual(expected)
})
