import { cut, visible } from '@agent-ci/core/untrusted'

/** Longer label values make every series of a group heavy. */
const LONGEST_LABEL = 200

export type Labels = Readonly<Record<string, string | null>>

export interface Sample {
  /** Behind the metric's name: `_count`. */
  readonly suffix?: string
  /** A label that is null is left out. */
  readonly labels?: Labels
  /** What was not measured is null, and is left out: 0 would be a measurement. */
  readonly value: number | null
}

export interface MetricFamily {
  readonly name: string
  readonly type: 'gauge' | 'summary'
  readonly help: string
  readonly samples: readonly Sample[]
}

const labelValue = (text: string): string =>
  visible(cut(text, LONGEST_LABEL)).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

function labelled(labels: Labels): string {
  const given = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null)
  return given.length === 0 ? '' : `{${given.map(([name, value]) => `${name}="${labelValue(value)}"`).join(',')}}`
}

/** Metrics in Prometheus' text format, version 0.0.4. A family without a sample is left out. */
export function renderExposition(families: readonly MetricFamily[]): string {
  return families
    .map(({ name, type, help, samples }) => {
      const lines = samples
        .filter(({ value }) => value !== null)
        .map(({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelled(labels)} ${value}\n`)
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}
