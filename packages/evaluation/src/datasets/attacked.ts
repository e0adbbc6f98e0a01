import { createHash } from 'node:crypto'
import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import { digestOfJson, isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { type ProbePlace, probeKind, probePlace } from '@agent-ci/core/probe'
import { seededRandom, shuffledIndices } from '@agent-ci/core/random'

/** Of the trials that a probe was paired into; clean ones of the same examples carry {@link CLEAN}. */
export const ATTACKED = 'attacked'
export const CLEAN = 'clean'

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Ten letters and digits that follow from the seed, the trial's id and what the token is for. */
function tokenOf(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest()
  return [...bytes.subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

/** The probe with its random tokens in the places of `{{canary}}`, `{{secret}}` and `{{tool}}`. */
export function fillProbe(probe: Example, seed: string, id = probe.id): Example {
  const fill = (value: Json): Json => {
    if (typeof value === 'string') {
      return value
        .replaceAll('{{canary}}', () => tokenOf(seed, id, 'canary'))
        .replaceAll('{{secret}}', () => tokenOf(seed, id, 'secret'))
        .replaceAll('{{tool}}', () => `tool_${tokenOf(seed, id, 'tool').toLowerCase()}`)
    }
    if (Array.isArray(value)) return value.map(fill)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner as Json)]))
  }
  const { input, scorers, metadata } = probe
  const used = JSON.stringify([input, scorers ?? []])
  // Its scorers look for what the gateway has planted.
  const planted = ['secret', 'tool'].filter((name) => used.includes(`{{${name}}}`))
  const plants = Object.fromEntries(planted.map((name) => [name, fill(`{{${name}}}`)]))
  return {
    ...probe,
    input: fill(input),
    ...optional('scorers', scorers && (fill(scorers as unknown as Json) as unknown as Example['scorers'])),
    ...(planted.length > 0 && {
      metadata: { ...metadata, probe: { ...(metadata?.probe as JsonObject | undefined), ...plants } },
    }),
  }
}

const textOf = (input: Json): string => (typeof input === 'string' ? input : JSON.stringify(input))

/** The user's message with the probe behind it: a text, the last user turn of a chat, or an object's first text. */
function append(input: Json, text: string): Json {
  if (typeof input === 'string') return `${input}\n\n${text}`
  if (Array.isArray(input)) {
    const last = input.findLastIndex((turn) => isJsonObject(turn) && turn.role === 'user')
    if (last < 0) return [...input, { role: 'user', content: text }]
    return input.map((turn, at) =>
      at === last ? { ...(turn as JsonObject), content: append((turn as JsonObject).content ?? '', text) } : turn,
    )
  }
  if (!isJsonObject(input)) return text
  const key = Object.keys(input).find((name) => typeof input[name] === 'string')
  return key === undefined ? { ...input, message: text } : { ...input, [key]: append(input[key]!, text) }
}

export interface PlantedAttack {
  readonly place?: Exclude<ProbePlace, 'input'>
  readonly text?: string
  readonly at?: number
  readonly secret?: string
  readonly tool?: string
}

/** What the gateway has to place in an example's traffic; undefined for an attack that is whole in the input, and for no attack. */
export function plantedAttack({ metadata }: Example): PlantedAttack | undefined {
  const probe = metadata?.probe
  if (!isJsonObject(probe)) return undefined
  const { planted, at, secret, tool } = probe
  const place = probePlace({ metadata: metadata! })
  const attack: PlantedAttack = {
    ...(typeof planted === 'string' && place !== 'input' && { place, text: planted }),
    ...(typeof at === 'number' && { at }),
    ...(typeof secret === 'string' && { secret }),
    ...(typeof tool === 'string' && { tool }),
  }
  return (attack.place ?? attack.secret ?? attack.tool) ? attack : undefined
}

export interface Pairing {
  readonly seed: string
  /** How many attacked trials' worth of pairs; each probe is in one at least where there is room. Default: one for each probe. */
  readonly pairs?: number
  /** The tool result or turn that carries a probe: 1 is the first; every one where it is absent. */
  readonly at?: number
}

/** A golden example with a probe in its input, or on the way to the model. What the example expects stays: it is utility under attack. */
function pair(golden: Example, probe: Example, { seed, at }: Pairing, shared: boolean): Example {
  const id = `${golden.id}+${probe.id}`
  const filled = fillProbe(probe, seed, id)
  const text = textOf(filled.input)
  const place = probePlace(probe)
  const planted = place === 'input' ? {} : { planted: text, ...optional('at', at) }
  return {
    ...golden,
    id,
    input: place === 'input' ? append(golden.input, text) : golden.input,
    tags: [...probe.tags, ATTACKED],
    critical: probe.critical,
    scorers: [...(golden.scorers ?? []), ...(filled.scorers ?? [])],
    metadata: { ...golden.metadata, probe: { ...(filled.metadata?.probe as JsonObject), id: probe.id, ...planted } },
    // The same probe in many examples is one observation of that probe, not many.
    ...(shared && { group: `probe ${probe.id}` }),
    source: probe.source,
  }
}

/**
 * The golden examples as they are, and behind them pairs of one with a probe, in an order that follows from the seed alone. Pairs are made
 * when they are asked for.
 *
 * @throws {ConfigurationError} for a probe that does not say what it is
 */
export function attackedDataset(golden: Dataset, probes: Dataset, pairing: Pairing): Dataset {
  for (let index = 0; index < probes.size; index++) {
    const probe = probes.at(index)
    if (probeKind(probe) !== undefined && probe.scorers?.length) continue
    throw new ConfigurationError({
      what: `${probe.id} is no probe`,
      why: 'A probe has metadata.probe with its category and place, and scorers that say when it succeeded',
      mend: 'Write it as docs/safety.md shows, or leave the file out of attacks',
      source: probe.source,
    })
  }
  const { seed } = pairing
  const most = golden.size * probes.size
  const pairs = Math.min(pairing.pairs ?? probes.size, most)
  const examples = shuffledIndices(golden.size, seededRandom(`${seed} examples`))
  const order = shuffledIndices(probes.size, seededRandom(`${seed} probes`))
  return {
    name: golden.name,
    files: golden.files,
    // What the golden examples come to is comparable with a run without attacks, and with one of another seed.
    digest: golden.digest,
    attacks: { seed, probes: digestOfJson([probes.digest, pairs, pairing.at ?? null]) },
    size: golden.size + pairs,
    at(index) {
      if (index < golden.size) {
        const example = golden.at(index)
        return { ...example, tags: [...example.tags, CLEAN] }
      }
      const number = index - golden.size
      const [place, round] = [number % probes.size, Math.floor(number / probes.size)]
      return pair(
        golden.at(examples[(place + round) % golden.size]!),
        probes.at(order[place]!),
        pairing,
        pairs > probes.size,
      )
    },
    close() {
      golden.close()
      probes.close()
    },
  }
}

/** Probes that are sent as they are, through the agent's input. */
export const filledProbes = (probes: Dataset, seed: string): Dataset => ({
  ...probes,
  attacks: { seed },
  at: (index) => fillProbe(probes.at(index), seed),
})
