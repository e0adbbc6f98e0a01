import * as z from 'zod'
import { digestOfJson } from './json.ts'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

const modelSettingsSchema = z.object({
  primary: z.string(),
  fallback: z.string().nullable(),
  temperature: z.number().nullable(),
  max_tokens: z.int().nullable(),
})

export type ModelSettings = z.infer<typeof modelSettingsSchema>

const contentSchema = z.object({
  schema_version: z.literal(1),
  app: z.string(),
  environment: z.string(),
  namespace: z.string().nullable(),
  /** What people call it: the `version` input, else the tag of the app's image. */
  version: z.string().nullable(),
  /** By `<deployment>/<container>`; other workloads have their kind in front. */
  images: z.record(z.string(), z.string()),
  model: modelSettingsSchema.nullable(),
  /** The version that the configuration asks for: `prompts.version`, or `prompt-version` of a ConfigMap. */
  prompt_version: z.string().nullable(),
  /** The prompts that travel, by name. */
  prompts: z.record(z.string(), z.object({ version: z.string(), hash: z.string() })),
  /** The deployed agent's configuration, defaults filled in. */
  agent_config: z.object({ digest, settings: z.record(z.string(), z.json()) }).nullable(),
  config_maps: z.array(
    z.object({
      /** The name that the manifests use. */
      logical_name: z.string(),
      /** The name that holds the hash of its content. */
      name: z.string(),
      role: z.enum(['config', 'agent-config', 'prompts']),
      digest,
      /** Of each key's content, the first 12 hex digits of SHA-256. */
      keys: z.record(z.string(), z.string()),
    }),
  ),
  workloads: z.array(
    z.object({
      kind: z.string(),
      name: z.string(),
      /** Of the pod template without what the other parts hold: images, hashed names, the model's and the prompts' version. */
      template: digest,
    }),
  ),
})

/** The parts in which two releases may differ. */
export const RELEASE_PARTS = ['code', 'config', 'prompts', 'model'] as const

/** The unit that is deployed and taken back: image, config, prompts and model under one digest. */
export const releaseSchema = contentSchema.extend({
  /** `r-` and the first 10 hex digits of the digest. */
  id: z.string().regex(/^r-[0-9a-f]{10}$/),
  digest,
  parts: z.object({ code: digest, config: digest, prompts: digest, model: digest }),
})

export type ReleaseContent = z.infer<typeof contentSchema>
export type Release = z.infer<typeof releaseSchema>
export type ReleasePart = (typeof RELEASE_PARTS)[number]

/** The digest of each part; the order of lists does not count. */
export function releaseParts(content: ReleaseContent): Release['parts'] {
  const mapDigests = (wanted: (role: ReleaseContent['config_maps'][number]['role']) => boolean) =>
    Object.fromEntries(
      content.config_maps.filter(({ role }) => wanted(role)).map((map) => [map.logical_name, map.digest]),
    )
  return {
    code: digestOfJson(content.images),
    config: digestOfJson({
      agent_config: content.agent_config?.digest ?? null,
      config_maps: mapDigests((role) => role !== 'prompts'),
      workloads: Object.fromEntries(content.workloads.map(({ kind, name, template }) => [`${kind}/${name}`, template])),
    }),
    prompts: digestOfJson({
      version: content.prompt_version,
      prompts: content.prompts,
      config_maps: mapDigests((role) => role === 'prompts'),
    }),
    model: digestOfJson(content.model),
  }
}

/**
 * What a release is: app, code, config, prompts and model. Environment, namespace and the version's label are where it runs and what it is
 * called, so the same release has the same digest in staging and in production.
 */
export const releaseDigest = (content: ReleaseContent): string =>
  digestOfJson({ schema_version: content.schema_version, app: content.app, parts: releaseParts(content) })

/** A release with its digest and its id. */
export function sealRelease(content: ReleaseContent): Release {
  const whole = releaseDigest(content)
  return {
    ...content,
    id: `r-${whole.slice('sha256:'.length, 'sha256:'.length + 10)}`,
    digest: whole,
    parts: releaseParts(content),
  }
}
