// A Kubernetes API server to play with until Ctrl-C, with the user guide's agent deployed.
import { startControlPlane } from './control-plane.ts'
import { guideManifests, guideSecret } from './guide.ts'

const { controlPlane, stop } = await startControlPlane({ log: (line) => console.error(`cluster: ${line}`) })
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
  process.stderr.write(stdout.replaceAll(/^/gm, 'cluster: ').replace(/cluster: $/, ''))
}

const brokenLabel = '{"spec":{"template":{"metadata":{"labels":{"cluster-test/stage":"image-pull-back-off"}}}}}'
console.log(`
Nothing is pulled or run: pods only say that they are. In another terminal:

  export KUBECONFIG=${kubeconfigPath}
  alias kubectl=${address.kubectlPath}

  kubectl get deployments,pods
  kubectl set image deployment/agent-service agent=agent-service:1.1.0 && kubectl rollout status deployment/agent-service
  kubectl patch deployment agent-service -p '${brokenLabel}' && kubectl get pods    # one that cannot be pulled
  kubectl rollout undo deployment/agent-service && kubectl get pods

Ctrl-C stops it and removes all it made.`)

await interrupted
await stop()
