import type { ApiClient } from './api-client.ts'

/** A rule of a Role: which verbs on which resources. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** Creates a ServiceAccount, a Role with `rules` and the binding of both, all called `name`; returns a token for it. */
export async function serviceAccountToken(
  api: ApiClient,
  namespace: string,
  name: string,
  rules: readonly PolicyRule[],
): Promise<string> {
  const core = `/api/v1/namespaces/${namespace}`
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const metadata = { name }
  await api.create(`${core}/serviceaccounts`, { metadata })
  await api.create(`${rbac}/roles`, { metadata, rules })
  await api.create(`${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  })
  const request = { spec: { expirationSeconds: 3600 } }
  const answer = await api.create<{ status: { token: string } }>(`${core}/serviceaccounts/${name}/token`, request)
  return answer.status.token
}
