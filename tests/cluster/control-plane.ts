import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiClient } from './api-client.ts'
import { type Binaries, findOrBuildBinaries } from './binaries.ts'
import { type Certificate, CertificateAuthority } from './certificates.ts'
import { apiServer, controllerManager, etcd, kubelets, type Site, scheduler, writeAccountKey } from './components.ts'
import { formatKubeconfig, parseKubeconfig } from './kubeconfig.ts'
import { type CommandResult, runKubectl } from './kubectl.ts'
import { freePorts } from './ports.ts'
import { type Processes, superviseProcesses } from './processes.ts'
import { type PolicyRule, serviceAccountToken } from './service-account.ts'
import { until } from './until.ts'

/** What another process needs to use a control plane that runs already. */
export interface ControlPlaneAddress {
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  readonly serving: Certificate
}

const START_TIMEOUT_MS = 60_000
const NODES = ['node-1', 'node-2', 'node-3']

/** A running Kubernetes API server with its controllers, seen by its administrator. */
export class ControlPlane {
  readonly kubeconfigPath: string
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly url: string
  /** The certificate and key that the API server identifies itself with: a proxy in front of it can use them too. */
  readonly serving: Certificate
  readonly api: ApiClient
  readonly address: ControlPlaneAddress

  constructor(address: ControlPlaneAddress) {
    this.address = address
    this.kubeconfigPath = address.kubeconfigPath
    this.serving = address.serving
    this.kubeconfig = readFileSync(address.kubeconfigPath, 'utf8')
    const access = parseKubeconfig(this.kubeconfig)
    this.url = access.url
    this.api = new ApiClient(access)
  }

  /** Runs kubectl as the administrator; `input` is its stdin. Does not throw when kubectl fails. */
  kubectl(args: readonly string[], input = ''): Promise<CommandResult> {
    return runKubectl(this.address.kubectlPath, this.kubeconfigPath, args, input)
  }

  /** Creates a namespace of its own for a test and returns its name; pods can be created in it at once. */
  async namespace(name?: string): Promise<string> {
    const named = name === undefined ? { generateName: 'test-' } : { name }
    const { metadata } = await this.api.create('/api/v1/namespaces', { metadata: named })
    const accounts = `/api/v1/namespaces/${metadata.name}/serviceaccounts`
    await until(async () => (await this.api.list(accounts)).length > 0, { what: `the account of ${metadata.name}` })
    return metadata.name
  }

  /** Creates a ServiceAccount that may do exactly what `rules` say in `namespace`, and returns a kubeconfig for it. */
  async serviceAccountKubeconfig(namespace: string, name: string, rules: readonly PolicyRule[]): Promise<string> {
    const token = await serviceAccountToken(this.api, namespace, name, rules)
    const access = parseKubeconfig(this.kubeconfig)
    return formatKubeconfig({ ...access, user: name, credentials: { token }, namespace })
  }
}

export interface StartedControlPlane extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  /** Ends all its processes and removes its files. */
  stop(): Promise<void>
}

export interface StartOptions {
  readonly binaries?: Binaries
  readonly log?: (line: string) => void
}

/**
 * Starts etcd, the API server, the controller manager, the scheduler and kwok with three nodes on free ports of
 * 127.0.0.1, and returns when pods can run. They end with this process at the latest.
 */
export async function startControlPlane({ binaries, log = () => {} }: StartOptions = {}): Promise<StartedControlPlane> {
  const programs = binaries ?? findOrBuildBinaries(process.env, log)
  const start = performance.now()
  const directory = mkdtempSync(join(tmpdir(), 'agent-ci-cluster-'))
  const processes = superviseProcesses(directory)
  try {
    const controlPlane = await Promise.race([startIn(directory, programs, processes), processes.failed])
    log(`ready in ${((performance.now() - start) / 1000).toFixed(1)} s at ${controlPlane.url}`)
    const stop = async () => {
      controlPlane.api.close()
      await processes.stop()
    }
    return { controlPlane, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await processes.stop()
    throw error
  }
}

async function startIn(directory: string, binaries: Binaries, processes: Processes): Promise<ControlPlane> {
  const [etcdPort, apiPort] = (await freePorts(2)) as [number, number]
  const certificates = join(directory, 'certificates')
  mkdirSync(certificates)
  const authority = new CertificateAuthority(certificates)
  const site: Site = { directory, binaries, authority, etcdPort, apiPort }
  const run = ({ name, command, args }: ReturnType<typeof etcd>) => processes.start(name, command, args)
  run(etcd(site))
  const serving = authority.server('kube-apiserver')
  writeAccountKey(site)
  run(apiServer(site, serving))
  const kubeconfigPath = join(directory, 'kubeconfig')
  writeFileSync(kubeconfigPath, administratorKubeconfig(authority, `https://127.0.0.1:${apiPort}`), { mode: 0o600 })
  const controlPlane = new ControlPlane({ kubeconfigPath, kubectlPath: binaries.kubectl, serving })
  const { api } = controlPlane
  await until(
    () =>
      api.get<string>('/readyz').then(
        (answer) => answer === 'ok',
        () => false,
      ),
    {
      what: 'the API server to be ready',
      timeoutMs: START_TIMEOUT_MS,
    },
  )
  for (const component of [controllerManager, scheduler, kubelets]) run(component(site, kubeconfigPath))
  for (const name of NODES)
    await api.create('/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
  await until(async () => (await api.list('/api/v1/nodes')).every(isReady), {
    what: 'the nodes to be ready',
    timeoutMs: START_TIMEOUT_MS,
  })
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await until(async () => (await api.list(accounts)).length > 0, {
    what: 'the controllers to run',
    timeoutMs: START_TIMEOUT_MS,
  })
  return controlPlane
}

function administratorKubeconfig(authority: CertificateAuthority, url: string): string {
  const client = authority.client('administrator', 'system:masters')
  return formatKubeconfig({
    url,
    authority: readFileSync(authority.certificatePath, 'utf8'),
    user: 'administrator',
    credentials: {
      certificate: readFileSync(client.certificatePath, 'utf8'),
      key: readFileSync(client.keyPath, 'utf8'),
    },
  })
}

function isReady(node: object): boolean {
  const { status } = node as { status?: { conditions?: readonly { type: string; status: string }[] } }
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}
