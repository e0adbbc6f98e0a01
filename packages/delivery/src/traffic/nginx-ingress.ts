import type { JsonObject } from '@agent-ci/core/json'
import type { NamedObject } from '../kubernetes/object.ts'
import { copiedMeta } from './canary-workload.ts'

/** An Ingress (networking.k8s.io/v1), as far as we read it. */
export interface Ingress extends NamedObject {
  readonly spec: {
    readonly ingressClassName?: string
    readonly defaultBackend?: Backend
    readonly rules?: readonly IngressRule[]
  }
}

type Backend = JsonObject & { readonly service?: JsonObject & { readonly name: string } }
type IngressPath = JsonObject & { readonly backend: Backend }
type IngressRule = { readonly host?: string; readonly http?: { readonly paths: readonly IngressPath[] } }

export const PREFIX = 'nginx.ingress.kubernetes.io'
export const WEIGHT = `${PREFIX}/canary-weight`
const CLASS = 'kubernetes.io/ingress.class'

const isBackend = (backend: Backend | undefined, service: string): boolean => backend?.service?.name === service

/** Whether any traffic of an Ingress goes to a Service. */
export const leadsTo = ({ spec }: Ingress, service: string): boolean =>
  isBackend(spec.defaultBackend, service) ||
  (spec.rules ?? []).some(({ http }) => http?.paths.some(({ backend }) => isBackend(backend, service)))

const redirect = (backend: Backend, service: string): Backend => ({
  ...backend,
  service: { ...backend.service, name: service },
})

/** The paths of the app's Ingress that lead to stable, leading to the canary with weight 0. nginx takes other annotations and TLS from the first. */
export function canaryIngress(
  main: Ingress,
  name: string,
  { app, service }: { readonly app: string; readonly service: string },
  canary: string,
): Ingress {
  const { metadata, spec } = main
  const rules = (spec.rules ?? []).flatMap((rule): IngressRule[] => {
    const paths = (rule.http?.paths ?? []).filter(({ backend }) => isBackend(backend, service))
    if (paths.length === 0) return []
    return [{ ...rule, http: { paths: paths.map((path) => ({ ...path, backend: redirect(path.backend, canary) })) } }]
  })
  const className = metadata.annotations?.[CLASS]
  return {
    apiVersion: main.apiVersion,
    kind: main.kind,
    metadata: {
      ...copiedMeta({ ...metadata, annotations: {} }, name, app),
      annotations: {
        ...(className !== undefined && { [CLASS]: className }),
        [`${PREFIX}/canary`]: 'true',
        [WEIGHT]: '0',
        [`${PREFIX}/canary-weight-total`]: '100',
      },
    },
    spec: {
      ...(spec.ingressClassName !== undefined && { ingressClassName: spec.ingressClassName }),
      ...(isBackend(spec.defaultBackend, service) && { defaultBackend: redirect(spec.defaultBackend!, canary) }),
      ...(rules.length > 0 && { rules }),
    },
  }
}
