import { resolve } from 'node:path'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import type { SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import * as quantities from '@agent-ci/core/quantities'

/** The inputs that say which app of which cluster is meant; all delivery actions have them. */
export type PlaceInput = 'environment' | 'namespace' | 'app' | 'history' | 'kubeconfig' | 'timeout' | 'api-timeout'

/** Descriptions of these inputs, the same in every action. */
export const PLACE_INPUTS = {
  environment: 'Name of the environment (default production)',
  namespace: 'Namespace of the app (default: the name of the environment)',
  app: 'Name of the app, which its Deployment has too (default agent-service)',
  history: 'Where the releases are kept: `cluster`, or the path of a history.json (default cluster)',
  kubeconfig:
    'The text of a kubeconfig, or its path (default: `KUBECONFIG`, `~/.kube/config`, else the cluster that the job runs in)',
  timeout: 'How long the pods of a release may take to become available (default 300s)',
  'api-timeout': 'Time limit of one call to the API server (default 30s)',
} as const satisfies Record<PlaceInput, string>

/** Which app in which cluster, and how long to wait for it. */
export interface Place {
  readonly app: string
  readonly environment: string
  readonly namespace: string
  /** Path of a history.json; undefined: the cluster keeps the history. */
  readonly historyFile: string | undefined
  readonly kubeconfig: string
  readonly timeoutMs: number
  readonly apiTimeoutMs: number
}

/** The longest name of an app, so that the names and labels made from it fit. */
const LONGEST_APP = 40
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

function parseName(text: string, origin: quantities.Origin, longest: number): string {
  const name = text.trim()
  if (NAME.test(name) && name.length <= longest) return name
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: `Expected a name as Kubernetes has them: small letters, digits and "-", at most ${longest} characters`,
    mend: `Write for example ${origin.name}: agent-service`,
    ...(origin.source && { source: origin.source }),
  })
}

/** Reads the place from inputs over the `delivery` part of the configuration; problems stay with the reader. */
export function readPlace<Name extends string>(
  reader: SettingReader<Name | PlaceInput>,
  input: (name: PlaceInput) => string,
  located: LocatedConfig | undefined,
  { cwd, baseDir }: { readonly cwd: string; readonly baseDir: string },
): Place {
  const read = reader.read.bind(reader) as SettingReader<PlaceInput>['read']
  const environment = read('environment', 'production', (text) => text.trim(), ['delivery', 'environment'])
  const time = (text: string, origin: quantities.Origin) => quantities.parseTimeMs(text, origin, 's')
  const base = input('history') === '' && located?.config.delivery?.history !== undefined ? baseDir : cwd
  return {
    environment,
    app: read('app', 'agent-service', (text, origin) => parseName(text, origin, LONGEST_APP), ['delivery', 'app']),
    namespace:
      read<string>('namespace', '', (text, origin) => parseName(text, origin, 63), ['delivery', 'namespace']) ||
      (reader.attempt(() => parseName(environment, { name: 'environment' }, 63)) ?? environment),
    historyFile: read<string | undefined>(
      'history',
      undefined,
      (text) => (text.trim() === 'cluster' ? undefined : resolve(base, text.trim())),
      ['delivery', 'history'],
    ),
    kubeconfig: input('kubeconfig'),
    timeoutMs: read('timeout', 300_000, time),
    apiTimeoutMs: read('api-timeout', 30_000, time),
  }
}
