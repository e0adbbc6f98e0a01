/** How a user proves who it is: PEM files or a bearer token. */
type Credentials = { readonly certificate: string; readonly key: string } | { readonly token: string }

export interface Access {
  readonly url: string
  /** The authority that the server's certificate is checked against, PEM. */
  readonly authority: string
  readonly user: string
  readonly credentials: Credentials
  readonly namespace?: string
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const text = (base64: string) => Buffer.from(base64, 'base64').toString()

/** A kubeconfig's text: JSON, which is YAML too. */
export function formatKubeconfig({ url, authority, user, credentials, namespace }: Access): string {
  const secret =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: user, user: secret }],
    contexts: [{ name: 'test', context: { cluster: 'test', user, ...(namespace && { namespace }) } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

interface KubeconfigFile {
  readonly clusters: readonly [{ readonly cluster: { server: string; 'certificate-authority-data': string } }]
  readonly users: readonly [
    {
      readonly name: string
      readonly user: { token: string } | { 'client-certificate-data': string; 'client-key-data': string }
    },
  ]
  readonly contexts: readonly [{ readonly context: { namespace?: string } }]
}

/** Reads back what `formatKubeconfig` wrote. */
export function parseKubeconfig(kubeconfig: string): Access {
  const file = JSON.parse(kubeconfig) as KubeconfigFile
  const [{ cluster }] = file.clusters
  const [{ name, user }] = file.users
  const { namespace } = file.contexts[0].context
  return {
    url: cluster.server,
    authority: text(cluster['certificate-authority-data']),
    user: name,
    credentials:
      'token' in user
        ? { token: user.token }
        : { certificate: text(user['client-certificate-data']), key: text(user['client-key-data']) },
    ...(namespace !== undefined && { namespace }),
  }
}
