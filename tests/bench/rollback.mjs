// `node tests/bench/rollback.mjs [rounds]`: the time of our rollback beside `kubectl rollout undo && kubectl rollout status`, on one test cluster.
// Rounds alternate, because the machine's speed drifts; the medians of the ratios count. The bundles of dist/ are measured.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startControlPlane } from '../cluster/control-plane.ts'
import { measure, median } from './process.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const ROUNDS = Number(process.argv[2] ?? 9)
const GOAL = 1.2
const REPLICAS = 3

const deployment = (image) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'agent-service' },
  spec: {
    replicas: REPLICAS,
    selector: { matchLabels: { app: 'agent' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'agent', image, envFrom: [{ configMapRef: { name: 'settings' } }] }] },
    },
  },
})
const settings = (image) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { IMAGE: image },
})

const started = await startControlPlane({ log: (line) => console.error(line) })
const cluster = started.controlPlane
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-bench-'))

/** Milliseconds from the first write to a Deployment until all its pods are of the new template and available. */
async function watched(namespace, work) {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const { metadata } = await cluster.api.get(path)
  const stop = new AbortController()
  let first
  let last
  const watching = cluster.api.watch(
    path,
    metadata.resourceVersion,
    ({ object: { metadata: seen, spec, status } }) => {
      first ??= performance.now()
      const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status
      const all = [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
      if (observedGeneration === seen.generation && all) last = performance.now()
    },
    stop.signal,
  )
  const run = await work()
  stop.abort()
  await watching
  if (run.status !== 0) throw new Error(run.output)
  return { cluster: last - first, process: run.seconds * 1_000 }
}

function action(name, namespace, inputs) {
  const file = join(directory, 'kubeconfig')
  writeFileSync(file, cluster.kubeconfig)
  const env = { namespace, ...inputs }
  return measure(process.execPath, [join(ROOT, 'dist', name, 'index.js')], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      KUBECONFIG: file,
      GITHUB_REPOSITORY: 'org/agent',
      GITHUB_RUN_ID: '1',
      ...Object.fromEntries(Object.entries(env).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
    },
  })
}

async function prepared() {
  const namespace = await cluster.namespace()
  for (const image of ['agent:1', 'agent:2']) {
    writeFileSync(
      join(directory, 'app.json'),
      JSON.stringify({ kind: 'List', items: [deployment(image), settings(image)] }),
    )
    const { status, output } = await action('canary-deploy', namespace, { manifests: 'app.json', strategy: 'rolling' })
    if (status !== 0) throw new Error(output)
  }
  return namespace
}

const ours = async () => {
  const namespace = await prepared()
  return watched(namespace, () => action('rollback', namespace, {}))
}
const kubectl = async () => {
  const namespace = await prepared()
  const { kubectlPath, kubeconfigPath } = cluster.address
  const target = `deployment/agent-service --namespace ${namespace}`
  const script = `"${kubectlPath}" rollout undo ${target} && "${kubectlPath}" rollout status ${target}`
  const env = { PATH: process.env.PATH, HOME: directory, KUBECONFIG: kubeconfigPath }
  return watched(namespace, () => measure('/bin/sh', ['-c', script], { env }))
}

try {
  const rounds = []
  for (let round = 0; round <= ROUNDS; round++) {
    const [a, b] = round % 2 === 0 ? [await ours(), await kubectl()] : [await kubectl(), await ours()].toReversed()
    // The first one warms the machine up.
    if (round > 0) rounds.push({ ours: a, kubectl: b })
  }
  const table = ['cluster', 'process'].map((part) => {
    const ratio = median(rounds.map((round) => round.ours[part] / round.kubectl[part]))
    const [mine, theirs] = ['ours', 'kubectl'].map((who) => Math.round(median(rounds.map((round) => round[who][part]))))
    const isCluster = part === 'cluster'
    const what = isCluster ? 'from the first write until all is available' : 'the whole process'
    return [what, `${mine} ms`, `${ratio.toFixed(2)} x (${theirs} ms)`, isCluster ? `<= ${GOAL} x` : '']
  })
  for (const cells of table) console.log(`rollback, ${cells.join(', ')}`)
  process.send?.(table)
} finally {
  await started.stop()
  rmSync(directory, { recursive: true, force: true })
}
