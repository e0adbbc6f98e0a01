import { afterAll, expect, test } from '@jest/globals'
import { type CrdFamily, installCrds } from './crds.ts'
import { sharedControlPlane } from './shared-control-plane.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

test.each<[CrdFamily, string]>([
  ['gateway-api', '/apis/gateway.networking.k8s.io/v1/httproutes'],
  ['istio', '/apis/networking.istio.io/v1/virtualservices'],
  ['argo-rollouts', '/apis/argoproj.io/v1alpha1/rollouts'],
])('serves the resources of %s', async (family, path) => {
  await installCrds(cluster, family)
  expect(await cluster.api.list(path)).toEqual([])
})
