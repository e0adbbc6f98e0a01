// A Kubernetes API server to play with until Ctrl-C, with the user guide's agent deployed.
import { NoBinariesError } from './binaries.ts'
import { startControlPlane } from './control-plane.ts'
import { guideManifests, guideSecret } from './guide.ts'

const log = (line: string) => console.error(`cluster: ${line}`)
const { controlPlane, stop } = await startControlPlane({ log }).catch((error) => {
  if (!(error instanceof NoBinariesError)) throw error
  log(error.message)
  process.exit(1)
})
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})
const { kubeconfigPath, address } = controlPlane

for (const [args, input] of [
  [['apply', '-f', '-'], JSON.stringify(guideSecret)],
  [['apply', '-f', '-'], guideManifests('1.0.0')],
  [['rollout', 'status', 'deployment/agent-service'], ''],
] as const) {
  const { code, stdout, stderr } = await controlPlane.kubectl(args, input)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  for (const line of stdout.trimEnd().split('\n')) log(line)
}

console.log(`
Pods only say that they run: at once, or as the image's tag tells them to, like slow-start, image-pull-back-off and the
others of tests/cluster/stages.ts. In another terminal:

  export KUBECONFIG=${kubeconfigPath}
  alias kubectl=${address.kubectlPath}

  kubectl get deployments,pods
  kubectl set image deployment/agent-service agent=agent-service:1.1.0 && kubectl rollout status deployment/agent-service
  kubectl set image deployment/agent-service agent=agent-service:crash-loop-back-off && kubectl get pods
  kubectl rollout undo deployment/agent-service && kubectl get pods

and, from the repository's root, releases as one unit (the last but two does not come up, and is taken back by itself):

  node dist/cli/index.js deploy --namespace default --strategy rolling --manifests tests/cluster/guide --version 1.2.0
  node dist/cli/index.js deploy --namespace default --strategy rolling --manifests tests/cluster/guide --version crash-loop-back-off || true
  node dist/cli/index.js rollback --namespace default
  node dist/cli/index.js rollback --namespace default --mode list

Ctrl-C stops it and removes all it made.`)

await interrupted
await stop()
