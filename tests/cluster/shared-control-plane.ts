import { ControlPlane, type ControlPlaneAddress } from './control-plane.ts'

/** How the tests' processes are told where the control plane of their run is. */
export const ADDRESS_VARIABLE = 'AGENT_CI_TEST_CLUSTER'

/** The control plane that runs for all tests of a jest run. */
export function sharedControlPlane(): ControlPlane {
  const address = process.env[ADDRESS_VARIABLE]
  if (address === undefined) throw new Error('No control plane runs: start these tests with `npm run test:cluster`')
  return new ControlPlane(JSON.parse(address) as ControlPlaneAddress)
}
