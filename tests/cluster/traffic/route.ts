/** A backend of a route as its owner writes it. */
export const backend = (name: string, weight?: number) => ({ name, port: 80, ...(weight !== undefined && { weight }) })

/** An HTTPRoute `agent` of the Gateway `edge` with these rules. */
export const httpRoute = (rules: readonly object[], metadata: object = {}) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'agent', ...metadata },
  spec: { parentRefs: [{ name: 'edge' }], hostnames: ['agent.example.com'], rules },
})
