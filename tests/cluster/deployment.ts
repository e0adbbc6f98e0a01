import { type Stage, stageDelay, stageLabel } from './stages.ts'

export interface DeploymentChoice {
  readonly name?: string
  readonly replicas?: number
  readonly image?: string
  /** What becomes of its pods; ready at once without one. */
  readonly stage?: Stage
  /** The delay that some stages have: `500ms`. */
  readonly delay?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** A Deployment whose pods have the label `app: <name>` and one container, `agent`, on port 8080. */
export function deployment({
  name = 'agent',
  replicas = 1,
  image = 'agent:1',
  stage,
  delay,
  annotations,
}: DeploymentChoice) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(annotations && { annotations }) },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { app: name, ...(stage && stageLabel(stage)) },
          ...(delay && { annotations: stageDelay(delay) }),
        },
        spec: { containers: [{ name: 'agent', image, ports: [{ containerPort: 8080 }] }] },
      },
    },
  }
}
