import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The user guide's Deployment `agent-service` and ConfigMap `agent-config` as they stand, for image `version`. */
export function guideManifests(version: string): string {
  const manifests = readFileSync(join(import.meta.dirname, 'guide/deployment.yaml'), 'utf8')
  return manifests.replaceAll(/\$\{VERSION\}/g, version)
}

/** The Secret that the guide's Deployment takes its key from. */
export const guideSecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'agent-secrets' },
  stringData: { 'anthropic-api-key': 'none' },
}
