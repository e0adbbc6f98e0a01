import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'

/** Where spans go. */
export interface OtlpTarget {
  /** With its path. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** `service.name` and what `OTEL_RESOURCE_ATTRIBUTES` adds. */
  readonly resource: Readonly<Record<string, string>>
  /** Texts are sent too. */
  readonly content: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** What comes before the environment. */
export interface OtlpSettings {
  readonly endpoint?: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName?: string
  readonly content: boolean
}

/** `key=value,key2=value2`, percent-encoded, as the specification of OpenTelemetry's environment writes headers and attributes. */
export function parsePairs(text: string, variable: string): Record<string, string> {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      try {
        if (at > 0) return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      } catch {
        // A percent sign that encodes nothing.
      }
      // The value may be a secret: it is not repeated.
      throw new ConfigurationError({
        what: `The environment's ${variable} is not usable`,
        why: 'Expected key=value, separated by commas, in percent-encoding',
        mend: `Write for example ${variable}: key=value`,
      })
    }),
  )
}

/** The base address gets the signal's path; a signal's own address is taken as it is (OTLP exporter specification, "Endpoint URLs"). */
function urlFrom(env: Environment, endpoint: string | undefined): string | undefined {
  const base = endpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined && env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  return base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined
}

/**
 * Where spans go by the settings, else by the environment's `OTEL_*` variables; undefined where neither says so. Only OTLP over HTTP: an
 * environment that asks for gRPC has no address for us.
 *
 * @throws ConfigurationError for a variable that cannot be read
 */
export function otlpFromEnvironment(env: Environment, settings: OtlpSettings): OtlpTarget | undefined {
  const { endpoint, serviceName, content } = settings
  const url = urlFrom(env, endpoint)
  if (url === undefined) return undefined
  if (endpoint === undefined) {
    if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined
    const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL
    if (protocol === 'grpc') {
      throw new ConfigurationError({
        what: 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"',
        why: 'Spans are sent by OTLP over HTTP only',
        mend: "Write telemetry.otlp.endpoint with the receiver's HTTP address (port 4318), or otlp-endpoint: none",
      })
    }
    const { protocol: scheme } = URL.parse(url) ?? {}
    if (scheme !== 'http:' && scheme !== 'https:') {
      throw new ConfigurationError({
        what: 'OTEL_EXPORTER_OTLP_ENDPOINT is not usable',
        why: 'Expected an address that begins with http:// or https://',
        mend: 'Write for example OTEL_EXPORTER_OTLP_ENDPOINT: http://localhost:4318',
      })
    }
  }
  const own = parsePairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? '', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS')
  const shared = parsePairs(env.OTEL_EXPORTER_OTLP_HEADERS ?? '', 'OTEL_EXPORTER_OTLP_HEADERS')
  const resource = parsePairs(env.OTEL_RESOURCE_ATTRIBUTES ?? '', 'OTEL_RESOURCE_ATTRIBUTES')
  const timeoutMs = Number(env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT || env.OTEL_EXPORTER_OTLP_TIMEOUT || 10_000)
  return {
    url,
    // The environment's are for the environment's address.
    headers: endpoint === undefined ? { ...shared, ...own, ...settings.headers } : settings.headers,
    timeoutMs: timeoutMs > 0 && timeoutMs <= 60_000 ? timeoutMs : 10_000,
    resource: {
      'service.name': 'agent-ci',
      ...resource,
      ...optional('service.name', serviceName ?? (env.OTEL_SERVICE_NAME || undefined)),
    },
    content,
  }
}
