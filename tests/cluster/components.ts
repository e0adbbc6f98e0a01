import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { type CertificateAuthority, writePrivateKey } from './certificates.ts'
import { readStages } from './stages.ts'

/** Where the parts of one control plane find each other. */
export interface Site {
  readonly directory: string
  readonly binaries: Binaries
  readonly authority: CertificateAuthority
  readonly etcdPort: number
  readonly apiPort: number
}

export interface Component {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** Only what turns Deployments into pods and endpoints, and what namespaces, accounts and quotas need. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'deployment-controller',
  'disruption-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
]

/** The store: its data is thrown away with the directory, so it need not reach the disk. */
export function etcd({ directory, binaries, etcdPort }: Site): Component {
  const url = `http://127.0.0.1:${etcdPort}`
  const args = [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
  return { name: 'etcd', command: binaries.etcd, args }
}

/** The API server, with RBAC; `serving` is the pair of files it identifies itself with. */
export function apiServer(site: Site, serving: { certificatePath: string; keyPath: string }): Component {
  const accountKey = accountKeyPath(site)
  const args = [
    `--etcd-servers=http://127.0.0.1:${site.etcdPort}`,
    '--bind-address=127.0.0.1',
    '--external-hostname=127.0.0.1',
    `--secure-port=${site.apiPort}`,
    `--tls-cert-file=${serving.certificatePath}`,
    `--tls-private-key-file=${serving.keyPath}`,
    `--client-ca-file=${site.authority.certificatePath}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${accountKey}`,
    `--service-account-signing-key-file=${accountKey}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // A loopback address cannot be the endpoint of the `kubernetes` Service.
    '--endpoint-reconciler-type=none',
    // Would taint new nodes as not ready, for the node lifecycle controller, which does not run here, to lift.
    '--disable-admission-plugins=TaintNodesByCondition',
    '--enable-priority-and-fairness=false',
    '--etcd-compaction-interval=0',
    '--profiling=false',
    '--v=0',
  ]
  return { name: 'kube-apiserver', command: site.binaries['kube-apiserver'], args }
}

export function controllerManager(site: Site, kubeconfigPath: string): Component {
  const args = [
    `--kubeconfig=${kubeconfigPath}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    `--service-account-private-key-file=${accountKeyPath(site)}`,
    `--root-ca-file=${site.authority.certificatePath}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ]
  return { name: 'kube-controller-manager', command: site.binaries['kube-controller-manager'], args }
}

export function scheduler(site: Site, kubeconfigPath: string): Component {
  const args = [
    `--kubeconfig=${kubeconfigPath}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ]
  return { name: 'kube-scheduler', command: site.binaries['kube-scheduler'], args }
}

/** Plays the kubelets of all nodes. */
export function kubelets(site: Site, kubeconfigPath: string): Component {
  const stagesPath = join(site.directory, 'stages.yaml')
  writeFileSync(stagesPath, readStages())
  const args = [
    `--kubeconfig=${kubeconfigPath}`,
    `--config=${stagesPath}`,
    '--manage-all-nodes=true',
    '--node-ip=10.0.0.1',
    `--cidr=${podRange(site)}`,
    '--node-lease-duration-seconds=0',
  ]
  return { name: 'kwok', command: site.binaries.kwok, args }
}

/** The addresses that pods get: others than those of a cluster beside this one, for the tests listen at them. Service IPs are in 10.96. */
const podRange = ({ apiPort }: Site): string => `10.${100 + (apiPort % 150)}.0.0/16`

const accountKeyPath = ({ directory }: Site): string => join(directory, 'service-accounts.key')

/** Writes the key that service accounts' tokens are signed with. */
export function writeAccountKey(site: Site): void {
  writePrivateKey(accountKeyPath(site))
}
