import type { PromptVersion } from '@agent-ci/core/prompt'
import type { ManifestFile } from './manifest-files.ts'
import type { Variables } from './variables.ts'

/** A prompt that travels in a release. */
export interface ReleasedPrompt extends Pick<PromptVersion, 'name' | 'version' | 'hash'> {
  /** By their paths in the repository: of a prompt in a store its version and `latest.json`. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

/** What a release is made of. */
export interface ReleaseInputs {
  readonly app: string
  readonly environment: string
  /** Where the release goes; undefined where the cluster's configuration says it. */
  readonly namespace: string | undefined
  readonly version: string | undefined
  /** `<image>`, `<container>=<image>` or `<deployment>/<container>=<image>`. */
  readonly images: readonly string[]
  readonly manifests: readonly ManifestFile[]
  readonly agentConfig: { readonly path: string; readonly bytes: Uint8Array } | undefined
  readonly prompts: readonly ReleasedPrompt[]
  /** Values for `${NAME}` in the manifests, beside our own; `literal` for objects of a cluster, in which nothing is a variable. */
  readonly variables: Variables | 'literal'
}

/** The variables that a manifest may use without declaring them. */
export function ownVariables({ app, environment, namespace, version, images }: ReleaseInputs): Variables {
  const image = images.length === 1 && !images[0]!.includes('=') ? images[0] : undefined
  return {
    APP: app,
    ENVIRONMENT: environment,
    ...(namespace !== undefined && { NAMESPACE: namespace }),
    ...(version !== undefined && { VERSION: version }),
    ...(image !== undefined && { IMAGE: image }),
  }
}
