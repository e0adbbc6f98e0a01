import { afterAll, expect, test } from '@jest/globals'
import { type CrdFamily, installCrds } from './crds.ts'
import { sharedControlPlane } from './shared-control-plane.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

test.each<[CrdFamily, string, string]>([
  ['gateway-api', 'gateway.networking.k8s.io/v1', 'httproutes'],
  ['istio', 'networking.istio.io/v1', 'virtualservices'],
  ['argo-rollouts', 'argoproj.io/v1alpha1', 'rollouts'],
])('serves the resources of %s', async (family, version, plural) => {
  await installCrds(cluster, family)
  const namespace = await cluster.namespace()
  expect(await cluster.api.list(`/apis/${version}/namespaces/${namespace}/${plural}`)).toEqual([])
})
