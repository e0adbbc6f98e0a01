import { type StartedControlPlane, startControlPlane } from './control-plane.ts'
import { ADDRESS_VARIABLE } from './shared-control-plane.ts'

declare global {
  var startedControlPlane: StartedControlPlane | undefined
}

/** Starts the control plane of a jest run; its tests find it by `sharedControlPlane`. */
export default async function globalSetup(): Promise<void> {
  const started = await startControlPlane({ log: (line) => process.stderr.write(`cluster: ${line}\n`) })
  globalThis.startedControlPlane = started
  process.env[ADDRESS_VARIABLE] = JSON.stringify(started.controlPlane.address)
}
