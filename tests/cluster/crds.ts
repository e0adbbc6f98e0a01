import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiClient } from './api-client.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'

interface CrdSource {
  readonly module: string
  /** What go.sum would say of the module. */
  readonly sum: string
  /** The directory of the files in the module. */
  readonly directory: string
  readonly files: RegExp
  /** The resources that are installed; each costs the API server about half a second. */
  readonly resources: readonly string[]
}

/** The newest modules that the Go of go.mod reads. */
const SOURCES = {
  'gateway-api': {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    sum: 'h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=',
    directory: 'config/crd/standard',
    files: /_(gateways|grpcroutes|httproutes)\.yaml$/,
    resources: ['gateways', 'grpcroutes', 'httproutes'],
  },
  istio: {
    module: 'istio.io/api@v1.31.4',
    sum: 'h1:AcnncYrlDj1PJkym7h88Gggkef4MAra8QpGaXRMsr+E=',
    directory: 'kubernetes',
    files: /^customresourcedefinitions\.gen\.yaml$/,
    resources: ['destinationrules', 'virtualservices'],
  },
  'argo-rollouts': {
    module: 'github.com/argoproj/argo-rollouts@v1.9.2',
    sum: 'h1:NaAtrUjjm9AFAyurAEFRJjP54mk98s8007B3vsdFEbI=',
    directory: 'manifests/crds',
    files: /^(rollout|analysis-run|analysis-template|experiment)-crd\.yaml$/,
    resources: ['rollouts', 'analysisruns', 'analysistemplates', 'experiments'],
  },
} satisfies Record<string, CrdSource>

export type CrdFamily = keyof typeof SOURCES

/** Where the module of a family is in the Go module cache; downloaded when it is not there. */
export function moduleDirectory(family: CrdFamily): string {
  const { module, sum }: CrdSource = SOURCES[family]
  const args = ['mod', 'download', '-json', module]
  const output = execFileSync('go', args, { cwd: import.meta.dirname, encoding: 'utf8' })
  const download = JSON.parse(output) as { Dir: string; Sum: string }
  if (download.Sum !== sum) throw new Error(`Expected ${module} to have the sum ${sum}, got ${download.Sum}`)
  return download.Dir
}

/** The files with the resource definitions of a family. */
function crdPaths(family: CrdFamily): readonly string[] {
  const { directory, files }: CrdSource = SOURCES[family]
  const source = join(moduleDirectory(family), directory)
  const names = readdirSync(source).filter((name) => files.test(name))
  return names.map((name) => join(source, name))
}

/** Makes the API server serve a family's resources, and returns when it does; again is no harm. */
export async function installCrds(cluster: ControlPlane, family: CrdFamily): Promise<void> {
  const source: CrdSource = SOURCES[family]
  const documents = crdPaths(family).flatMap((path) => readFileSync(path, 'utf8').split(/^---$/m))
  const wanted = new RegExp(`^  name: (${source.resources.join('|')})\\.`, 'm')
  const manifest = documents.filter((document) => wanted.test(document)).join('\n---\n')
  const { code, stdout, stderr } = await cluster.kubectl(['apply', '--server-side', '-o', 'name', '-f', '-'], manifest)
  if (code !== 0) throw new Error(`The resource definitions of ${family} were refused: ${stderr}`)
  for (const reference of stdout.trim().split('\n')) {
    await until(() => isServed(cluster.api, reference.split('/')[1]!), { what: `${reference} to be served` })
  }
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly plural: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}

/** Answers only when lists do: a definition is established some time before its storage is. */
async function isServed(api: ApiClient, name: string): Promise<boolean> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const { spec } = await api.get<CustomResourceDefinition>(`${definitions}/${name}`)
  const lists = spec.versions
    .filter(({ served }) => served)
    .map((version) => api.list(`/apis/${spec.group}/${version.name}/${spec.names.plural}`))
  return (await Promise.allSettled(lists)).every(({ status }) => status === 'fulfilled')
}
