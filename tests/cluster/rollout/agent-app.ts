import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One release of the app: everything that may differ between two. */
export interface AppVersion {
  readonly version: string
  readonly prompt: string
  readonly model: string
  readonly setting: string
}

/** `count` releases that differ in image, config, prompt and model. */
export const appVersion = (index: number): AppVersion => ({
  version: `1.0.${index}`,
  prompt: `v2026010${index}000000`,
  model: `model-${index}`,
  setting: `setting ${index}`,
})

/** What of the manifests may differ beside the release. */
export interface AppShape {
  readonly replicas?: number
  /** More labels of the serving pods, such as what becomes of them. */
  readonly podLabels?: Readonly<Record<string, string>>
}

const workload = (name: string, { replicas, podLabels }: Required<AppShape>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: 'agent-service' } },
  spec: {
    replicas,
    selector: { matchLabels: { workload: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'agent-service', workload: name, ...podLabels } },
      spec: {
        containers: [
          {
            name: 'agent',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own variable
            image: 'agent-service:${VERSION}',
            env: [
              { name: 'MODEL_VERSION', value: 'set from the configuration' },
              { name: 'SETTING', valueFrom: { configMapKeyRef: { name: 'agent-settings', key: 'setting' } } },
            ],
            volumeMounts: [{ name: 'prompts', mountPath: '/prompts' }],
          },
        ],
        volumes: [{ name: 'prompts', configMap: { name: 'agent-service-prompts' } }],
      },
    },
  },
})

/** Writes the files of a release of two Deployments into a directory, as a repository has them. */
export function writeApp(
  directory: string,
  { prompt, model, setting }: AppVersion,
  { replicas = 1, podLabels = {} }: AppShape = {},
): void {
  const put = (path: string, content: unknown) => {
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  put('k8s/production/agent.json', {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      workload('agent-service', { replicas, podLabels }),
      workload('agent-worker', { replicas, podLabels: {} }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'agent-settings' }, data: { setting } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'agent-service', annotations: { setting } },
        spec: { selector: { workload: 'agent-service' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ],
  })
  put('config/production.yaml', `agent:\n  model:\n    primary: ${model}\n  prompts:\n    version: ${prompt}\n`)
  put('prompts/system.md', `You are ${model}, prompt ${prompt}.\n`)
}

/** The inputs that deploy it. */
export const deployInputs = ({ version }: AppVersion): Record<string, string> => ({
  version,
  'agent-config': 'config/production.yaml',
  prompts: 'prompts/**',
})
