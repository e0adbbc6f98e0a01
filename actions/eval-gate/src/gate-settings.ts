import type { LocatedConfig } from '@agent-ci/core/config/parse'
import type { SettingReader } from '@agent-ci/core/config/setting-reader'
import { type Comparator, type Gate, gateOn, parseGate } from '@agent-ci/core/gate'
import { formatSelector, type MetricName } from '@agent-ci/core/metric'
import * as quantities from '@agent-ci/core/quantities'
import type { InputName } from './interface.ts'

/** The gates of the configuration, replaced where an input speaks of the same metric, and the further ones of the inputs. */
export function readGates(
  input: (name: InputName) => string,
  located: LocatedConfig | undefined,
  reader: SettingReader<InputName>,
): Gate[] {
  const shorthand = (name: InputName, metric: MetricName, comparator: Comparator): Gate[] =>
    input(name) === ''
      ? []
      : [reader.attempt(() => gateOn(metric, comparator, input(name), { name }))].filter((gate) => gate !== undefined)
  const parse = (text: string, origin: quantities.Origin): Gate[] =>
    [reader.attempt(() => parseGate(text, origin))].filter((gate) => gate !== undefined)
  const gates = [
    ...shorthand('min-accuracy', 'accuracy', '>='),
    ...shorthand('min-tool-accuracy', 'tool_accuracy', '>='),
    ...shorthand('max-latency-p95', 'latency_p95_ms', '<='),
    ...shorthand('max-latency-p99', 'latency_p99_ms', '<='),
    ...shorthand('max-cost-usd', 'cost_usd', '<='),
    ...quantities.parseList(input('gates')).flatMap((text) => parse(text, { name: 'gates' })),
  ]
  const configured = (located?.config.gates ?? []).flatMap((text, i) =>
    parse(text, { name: `gates.${i}`, source: located!.sourceOf(['gates', i]) }),
  )
  const about = (gate: Gate) => gate.metric + formatSelector(gate.selector)
  const replaced = new Set(gates.map(about))
  return [...configured.filter((gate) => !replaced.has(about(gate))), ...gates]
}
