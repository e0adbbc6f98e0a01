import { isJsonObject, type JsonObject } from '@agent-ci/core/json'
import { releaseSchema } from '@agent-ci/core/release'
import * as z from 'zod'
import type { KubernetesObject } from '../../kubernetes/object.ts'

const jsonObject = z.custom<JsonObject>(isJsonObject, 'Expected an object')
const manifestObject = z.custom<KubernetesObject>(
  (value) =>
    isJsonObject(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    isJsonObject(value.metadata) &&
    typeof value.metadata.name === 'string',
  'Expected a Kubernetes object with apiVersion, kind and metadata.name',
)

/** One entry of an environment's history: a release, and all that is needed to bring it back. */
export const recordSchema = z.object({
  schema_version: z.literal(1),
  /** Counts from 1, over all records of the app. */
  sequence: z.int().min(1),
  /** The rollout that made it. */
  rollout: z.string(),
  /** `adopted`: the app was there before us, or was changed by somebody else. */
  type: z.enum(['deploy', 'rollback', 'adopted']),
  release: releaseSchema,
  /** Pod templates as the API server holds them, by the name of their Deployment. */
  templates: z.record(z.string(), jsonObject),
  /** What was applied beside the ConfigMaps: Deployments, Services and whatever else the manifests hold. */
  objects: z.array(manifestObject),
  at: z.string(),
  by: z.string(),
  run_url: z.string().nullable(),
  /** Of a rollback: the release that was taken back. */
  rollback_from: z.string().nullable(),
  /** The rollout succeeded to its end, or the adopted app was whole and available. */
  verified: z.boolean(),
  /** null while its rollout is at work. */
  end: z.enum(['succeeded', 'rolled-back', 'failed']).nullable(),
  reason: z.string().nullable(),
  receipt: z.json().nullable(),
})

export type ReleaseRecord = z.infer<typeof recordSchema>
export type NewRecord = Omit<ReleaseRecord, 'schema_version' | 'sequence'>

/** Where the records of one app in one environment are kept. */
export interface History {
  /** Where it is, for messages. */
  readonly place: string
  /** All records, oldest first. */
  list(): Promise<ReleaseRecord[]>
  /** Keeps a new record under the next number; a rollout that has one already gets that one back. */
  add(record: NewRecord): Promise<ReleaseRecord>
  update(record: ReleaseRecord): Promise<void>
  remove(records: readonly ReleaseRecord[]): Promise<void>
}
