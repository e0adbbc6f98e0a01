import { ConfigurationError } from '@agent-ci/core/errors'
import { digestOf } from '@agent-ci/core/json'
import type { ObjectMeta } from '../kubernetes/object.ts'
import type { Deployment } from '../kubernetes/workload.ts'
import type { Labels } from './router.ts'

/*
 * How canary pods are told from stable ones. A Service selects by equality only, and a new label in a pod template restarts every pod, so the
 * stable side is never touched: its Deployment, its pods and its Service stay what they are, and the canary gets other labels.
 *
 * - Where a route decides (gateway-api, istio by host, nginx, blue-green) the stable Service must not select canary pods, or every caller
 *   inside the cluster would reach them at weight 0. One label that it selects by gets another value: `app: agent-canary`.
 * - Where the number of pods decides (replicas) the Service must select both: every label stays.
 * - Where subsets of one host decide (istio by subset) the Service must select both and the stable subset only its own: one label of the
 *   subset gets another value.
 *
 * `agent-ci.dev/track: canary` is added in each case. An app whose Service or subset selects `agent-ci.dev/track: stable` keeps all other
 * labels: then that one tells them apart. Since its pods differ in a label of the Deployment's own selector or in the track, the canary's
 * Deployment never selects a stable pod.
 */

/** The label that says which side of a rollout a pod is on. */
export const TRACK = 'agent-ci.dev/track'
/** The label that says which app an object of ours belongs to. */
export const APP = 'agent-ci.dev/app'
const MANAGED_BY = 'app.kubernetes.io/managed-by'

export const CANARY = 'canary'

/** What the labels of a canary pod must do. */
export interface LabelRule {
  /** Selectors that go on selecting it. */
  readonly keep: readonly Labels[]
  /** Selectors that must not select it. */
  readonly leave: readonly Labels[]
}

/** Whether a Service selects pods with these labels; one without a selector selects none. */
export const selects = (selector: Labels | undefined, labels: Labels): boolean => {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

/** Of the labels that would do, the one that the fewest others read: dashboards group by names, policies select by `app`. */
const LEAST_READ = [TRACK, 'version', 'app.kubernetes.io/version', 'app.kubernetes.io/instance', 'app']

/** The labels of a canary pod. @throws ConfigurationError where the same labels would have to stay and to change */
export function canaryPodLabels(podLabels: Labels, { keep, leave }: LabelRule, track: string = CANARY): Labels {
  const labels: Record<string, string> = { ...podLabels, [TRACK]: track }
  const fixed = new Set(keep.flatMap((selector) => Object.keys(selector)))
  for (const selector of keep)
    if (selects(selector, podLabels) && !selects(selector, labels))
      refuse(selector, `selects ${TRACK}=${selector[TRACK]}`)
  for (const selector of leave) {
    if (!selects(selector, labels)) continue
    const free = Object.keys(selector).filter((key) => !fixed.has(key))
    const key = LEAST_READ.find((each) => free.includes(each)) ?? free.sort()[0]
    if (key === undefined) refuse(selector, 'has no label that may differ')
    labels[key] = suffixed(labels[key]!, track, 63)
  }
  return labels
}

function refuse(selector: Labels, why: string): never {
  const text = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  throw new ConfigurationError({
    what: `The selector ${text} ${why}`,
    why: 'Canary pods and stable pods could not be told apart',
    mend: `Give the pods and the selector of the stable side one more label, such as ${TRACK}: stable`,
  })
}

/** `<text>-<suffix>`, shortened with a digest where Kubernetes would refuse it for its length. */
export function suffixed(text: string, suffix: string, max: number): string {
  const whole = `${text}-${suffix}`
  if (whole.length <= max) return whole
  const digest = digestOf(text).slice('sha256:'.length, 'sha256:'.length + 6)
  return `${text.slice(0, max - suffix.length - digest.length - 2).replace(/[^a-z0-9]+$/i, '')}-${digest}-${suffix}`
}

/** `agent-canary`; short enough for a Service and for the names of pods. */
export const canaryName = (name: string, track: string = CANARY): string => suffixed(name, track, 63)

/** What Argo CD, Flux and Helm know their own objects by: on a copy it would have them delete it as no longer wanted. */
const OWNERSHIP =
  /^(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io|helm\.toolkit\.fluxcd\.io|meta\.helm\.sh|kubectl\.kubernetes\.io|deployment\.kubernetes\.io)\/|^app\.kubernetes\.io\/(instance|managed-by)$|^helm\.sh\/chart$/

const withoutOwnership = (map: Labels = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !OWNERSHIP.test(key)))

/** The metadata of an object that we make after the example of another. */
export function copiedMeta(example: ObjectMeta, name: string, app: string): ObjectMeta {
  const annotations = withoutOwnership(example.annotations)
  return {
    name,
    ...(example.namespace !== undefined && { namespace: example.namespace }),
    labels: { ...withoutOwnership(example.labels), [APP]: app, [MANAGED_BY]: 'agent-ci' },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/** Whether we made an object for this app. */
export const isOurs = ({ labels = {} }: ObjectMeta, app: string): boolean =>
  labels[APP] === app && labels[MANAGED_BY] === 'agent-ci'

/** The labels by which a Service or a Deployment selects the canary's pods and no others. */
export const canarySelector = (stable: Deployment, labels: Labels): Labels => ({
  ...Object.fromEntries(
    Object.keys(stable.spec.selector.matchLabels ?? {}).flatMap((key) => {
      const value = labels[key]
      return value === undefined ? [] : [[key, value]]
    }),
  ),
  ...(labels[TRACK] !== undefined && { [TRACK]: labels[TRACK] }),
})

/**
 * The canary's Deployment after the example of the app's; `labels` are what the router's `canaryLabels` made of the template's. Its selector is
 * by labels alone: expressions of the example may exclude the labels that changed.
 */
export function canaryDeployment(
  stable: Deployment,
  labels: Labels,
  { app, replicas, name = canaryName(stable.metadata.name) }: { app: string; replicas: number; name?: string },
): Deployment {
  const { template } = stable.spec
  return {
    apiVersion: stable.apiVersion,
    kind: stable.kind,
    metadata: copiedMeta(stable.metadata, name, app),
    spec: {
      ...stable.spec,
      replicas,
      selector: { matchLabels: canarySelector(stable, labels) },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}
