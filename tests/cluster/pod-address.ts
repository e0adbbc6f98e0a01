/**
 * The loopback address at which a test can listen in the place of the pod with this IP: 10.64.1.2 -> 127.64.1.2.
 * Pods cannot have loopback addresses themselves: the API server refuses those in Endpoints and EndpointSlices.
 */
export function loopbackAddress(podIp: string): string {
  if (!podIp.startsWith('10.')) throw new Error(`Expected the IP of a pod of the test cluster, 10.x.y.z, got ${podIp}`)
  return podIp.replace(/^10\./, '127.')
}
