import { readFileSync } from 'node:fs'
import type { ReleaseInputs } from '@agent-ci/delivery/releases/inputs'

const FIXTURES = new URL('../../../fixtures/guide/', import.meta.url)
const MANIFEST = 'k8s/production/deployment.yaml'
export const AGENT_CONFIG = 'config/production.yaml'

export const guideFile = (path: string): string => readFileSync(new URL(path, FIXTURES), 'utf8')

/** The guide's manifest as it stands, released as 1.4.2. */
export const GUIDE: ReleaseInputs = {
  app: 'agent-service',
  environment: 'production',
  namespace: 'production',
  version: '1.4.2',
  images: [],
  manifests: [{ path: MANIFEST, text: guideFile(MANIFEST) }],
  agentConfig: undefined,
  prompts: [],
  variables: {},
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The guide's inputs with its manifest changed. */
export const withManifest = (change: (text: string) => string): ReleaseInputs => ({
  ...GUIDE,
  manifests: GUIDE.manifests.map(({ path, text }) => ({ path, text: change(text) })),
})

export const withAgentConfig = (text = guideFile(AGENT_CONFIG)): Pick<ReleaseInputs, 'agentConfig'> => ({
  agentConfig: { path: AGENT_CONFIG, bytes: bytes(text) },
})

/** A Deployment with one container, and whatever else its pods have. */
export const deployment = (podSpec: string, name = 'agent-service'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  template:
    spec:
      containers:
        - name: agent
          image: agent-service:1
${podSpec}`
