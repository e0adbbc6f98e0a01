import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { PolicyRule } from '../service-account.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appDeployment, configMap, envFrom, Scene } from './scene.ts'

const cluster = sharedControlPlane()

/** The rules of the Role that the documentation tells users to create. */
function documentedRules(): PolicyRule[] {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/rbac.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(page) ?? []
  return (parse(yaml) as { rules: PolicyRule[] }).rules
}

const RULES = documentedRules()
/** One permission of the rules. */
const permissions = RULES.flatMap(({ apiGroups, resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => ({ group: apiGroups[0]!, resource, verb }))),
)
type Permitted = (typeof permissions)[number]
const rulesOf = (permitted: readonly Permitted[]): PolicyRule[] =>
  permitted.map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }))

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'agent-service' },
  spec: { selector: { workload: 'agent-service' }, ports: [{ port: 80 }] },
}
const release = (image: string, ...more: object[]) => [
  appDeployment({ image, container: envFrom('settings') }),
  configMap('settings', { data: { IMAGE: image } }),
  service,
  ...more,
]

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open(cluster)
})
afterAll(async () => {
  await scene[Symbol.asyncDispose]()
  cluster.api.close()
})

test('with the documented Role a deploy, a rollback, a list and a drill pass', async () => {
  const kubeconfig = await cluster.serviceAccountKubeconfig(scene.namespace, 'documented', RULES)
  scene.manifests(...release('agent:1'))
  expect(await scene.deploy({}, { kubeconfig })).toMatchObject({ status: 0 })
  // The way back from this one deletes a Deployment.
  scene.manifests(...release('agent:2', appDeployment({ name: 'agent-added' })))
  expect(await scene.deploy({}, { kubeconfig })).toMatchObject({ status: 0 })
  expect(await scene.rollback({ mode: 'list' }, { kubeconfig })).toMatchObject({ status: 0 })
  expect(await scene.rollback({ mode: 'drill' }, { kubeconfig })).toMatchObject({ outputs: { outcome: 'drilled' } })
  expect(await scene.rollback({}, { kubeconfig })).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
  scene.manifests(...release('agent:3'))
  expect(await scene.deploy({}, { kubeconfig })).toMatchObject({ status: 0 })
})

test('with any verb of it missing, deploy and rollback name exactly that verb and write nothing', async () => {
  scene.manifests(...release('agent:4'))
  const problems: string[] = []
  const queue = permissions.entries()
  const worker = async () => {
    for (const [index, missing] of queue) {
      const { verb, group, resource } = missing
      const rules = rulesOf(permissions.filter((each) => each !== missing))
      const restricted = await cluster.serviceAccountKubeconfig(scene.namespace, `without-${index}`, rules)
      const name = `${resource}${group === '' ? '' : `.${group}`}`
      for (const run of ['deploy', 'rollback'] as const) {
        const [end, proxy] = await scene.recorded(({ kubeconfig }) => scene[run]({}, { kubeconfig }), restricted)
        const said = [...end.log.matchAll(/We may not (.+?) in namespace/g)].map(([, what]) => what)
        if (end.status !== 1 || String(said) !== `${verb} ${name}` || proxy.writes.length > 0)
          problems.push(`${run} without ${verb} ${name}: wrote ${proxy.writes.length}, said ${said}\n${end.log}`)
      }
    }
  }
  await Promise.all([worker(), worker(), worker()])
  expect(permissions.length).toBeGreaterThan(20)
  expect(problems).toEqual([])
}, 120_000)
