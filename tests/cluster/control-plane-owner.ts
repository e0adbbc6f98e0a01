// Starts a control plane, says where its kubeconfig is, and stops it when stdin closes.
import { startControlPlane } from './control-plane.ts'

const { controlPlane, stop } = await startControlPlane()
console.log(controlPlane.kubeconfigPath)
process.stdin.resume().once('end', stop)
