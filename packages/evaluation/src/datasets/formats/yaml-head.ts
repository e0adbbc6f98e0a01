import type { ByteWindow } from '../byte-window.ts'
import { parseYaml, readYamlValue } from '../yaml-records.ts'

const nothing = (): void => {}

/** The first item of a list, or a mapping that is not `examples:`. Of a list only what stands before its second item is parsed. */
export function firstYamlRecord(window: ByteWindow): unknown {
  const whole = window.slide(0) === 'end'
  const head = window.bytes.toString('utf8', 0, window.end)
  if (/^["']?examples["']?\s*:/m.test(head)) return undefined
  const [first, second] = [...head.matchAll(/^-(?=\s)/gm)]
  if (first === undefined) return /^["']?\w+["']?\s*:/m.test(head) ? readYamlValue(window, nothing)?.value : undefined
  if (second === undefined && !whole) return undefined
  const value = parseYaml(head.slice(first.index, second?.index), window.file, nothing)?.value
  return Array.isArray(value) ? value[0] : undefined
}
