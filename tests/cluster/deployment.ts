import { type Delays, delayAnnotations, type Stage, stageLabel } from './stages.ts'

export interface DeploymentChoice extends Delays {
  readonly name?: string
  readonly replicas?: number
  readonly image?: string
  /** What becomes of its pods; what the image's tag says without one. */
  readonly stage?: Stage
}

/** A Deployment whose pods have the label `app: <name>` and one container, `agent`, on port 8080. */
export function deployment({ name = 'agent', replicas = 1, image = 'agent:1', stage, ...delays }: DeploymentChoice) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { app: name, ...(stage && stageLabel(stage)) },
          annotations: delayAnnotations(delays),
        },
        spec: { containers: [{ name: 'agent', image, ports: [{ containerPort: 8080 }] }] },
      },
    },
  }
}
