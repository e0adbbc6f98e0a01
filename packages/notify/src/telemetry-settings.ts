import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { expandReferences } from '@agent-ci/core/config/references'
import { optional, type SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Origin } from '@agent-ci/core/quantities'
import { type OtlpSettings, type OtlpTarget, otlpFromEnvironment } from './otlp-target.ts'
import type { PushgatewayTarget } from './pushgateway.ts'

/** The inputs that say where a run is shown beside its reports. */
export type TelemetryInput = 'otlp-endpoint' | 'pushgateway-url'

export interface Telemetry {
  readonly otlp?: OtlpTarget
  /** Why the environment's `OTEL_*` variables send nothing: they may be meant for the agent alone, so they stop no run. */
  readonly otlpTrouble?: string
  readonly pushgateway?: PushgatewayTarget
  /** Variables that only `telemetry` names: no child process needs what they hold. */
  readonly secrets: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

function parseAddress(text: string, origin: Origin): string {
  const url = URL.parse(text.trim())
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href
  throw new ConfigurationError({
    what: `${origin.name} is not usable`,
    why: 'Expected an address that begins with http:// or https://, or none',
    mend: `Write for example ${origin.name}: http://localhost:${origin.name.startsWith('otlp') ? 4318 : 9091}`,
    ...(origin.source && { source: origin.source }),
  })
}

const namesIn = (headers: Readonly<Record<string, string>> = {}): string[] =>
  Object.values(headers).flatMap((value) => [...value.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!))

function readOtlp(env: Environment, settings: OtlpSettings): Pick<Telemetry, 'otlp' | 'otlpTrouble'> {
  try {
    return optional('otlp', otlpFromEnvironment(env, settings))
  } catch (error) {
    return { otlpTrouble: messageOf(error) }
  }
}

/**
 * Where a run's spans and metrics go: inputs over configuration over the environment of OpenTelemetry; the input `none` sends nothing.
 * Problems stay with the reader.
 */
export function readTelemetry(
  reader: SettingReader<TelemetryInput>,
  located: LocatedConfig | undefined,
  env: Environment,
): Telemetry {
  const configured = located?.config.telemetry
  const address = (name: TelemetryInput, path: readonly string[]) =>
    reader.read<string | undefined>(
      name,
      undefined,
      (text, origin) => (text.trim() === 'none' ? 'none' : parseAddress(text, origin)),
      path,
    )
  const headers = (of: 'otlp' | 'pushgateway') =>
    reader.attempt(() => expandReferences(configured?.[of]?.headers ?? {}, env, `telemetry.${of}.headers`)) ?? {}
  const endpoint = address('otlp-endpoint', ['telemetry', 'otlp', 'endpoint'])
  const pushgateway = address('pushgateway-url', ['telemetry', 'pushgateway', 'url'])
  const { job, grouping } = configured?.pushgateway ?? {}
  const otlpSettings = {
    ...optional('endpoint', endpoint),
    headers: endpoint === 'none' ? {} : headers('otlp'),
    ...optional('serviceName', configured?.otlp?.service_name),
    content: configured?.otlp?.content ?? false,
  }
  return {
    ...(endpoint !== 'none' && readOtlp(env, otlpSettings)),
    ...(pushgateway !== undefined &&
      pushgateway !== 'none' && {
        pushgateway: {
          url: pushgateway,
          headers: headers('pushgateway'),
          ...optional('job', job),
          ...optional('grouping', grouping),
        },
      }),
    secrets: [...namesIn(configured?.otlp?.headers), ...namesIn(configured?.pushgateway?.headers)],
  }
}
