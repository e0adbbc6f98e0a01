import type { Json, JsonObject } from '@agent-ci/core/json'
import type { NamedObject } from '../kubernetes/object.ts'
import { copiedMeta } from './canary-workload.ts'
import type { Labels } from './router.ts'

/** The parts of a Service that we read. */
export interface Service extends NamedObject {
  readonly spec: {
    readonly type?: string
    readonly clusterIP?: string
    readonly selector?: Labels
    readonly ports?: readonly ServicePort[]
    readonly [field: string]: Json | undefined
  }
}

type ServicePort = JsonObject & { readonly port: number; readonly name?: string }

export const serviceNamed = (name: string) => ({ apiVersion: 'v1', kind: 'Service', name }) as const

const COPIED_PORT_FIELDS = ['name', 'port', 'protocol', 'targetPort', 'appProtocol']

/** A Service with the ports of an example for other pods; within the cluster, whatever the example is. */
export const serviceLike = (example: Service, name: string, app: string, selector: Labels): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: copiedMeta(example.metadata, name, app),
  spec: {
    type: 'ClusterIP',
    ...(example.spec.clusterIP === 'None' && { clusterIP: 'None' }),
    selector,
    ports: (example.spec.ports ?? []).map(
      (port) =>
        Object.fromEntries(Object.entries(port).filter(([key]) => COPIED_PORT_FIELDS.includes(key))) as ServicePort,
    ),
  },
})
