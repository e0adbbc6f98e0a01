import type { RecordingId } from './cassette/recording.ts'
import { type Attack, type RunningAttack, startAttack } from './inject.ts'
import { Observation, type Observed } from './observed.ts'
import { Ordinals } from './ordinals.ts'
import { identityOf, type TrialIdentity } from './scope.ts'

/** One trial's traffic. What is under way keeps to the trial in which it began, even when the next one has begun. */
export interface TrialTraffic {
  readonly scope: string
  readonly identity: TrialIdentity
  readonly ordinals: Ordinals
  readonly observation: Observation
  readonly attack?: RunningAttack | undefined
}

const observationOf = ({ example }: TrialIdentity): Observation => new Observation(example !== null)
const NOTHING_SEEN: Observed = new Observation(true).observed

/** Which trial each scope is running. */
export class Trials {
  private readonly current = new Map<string, TrialTraffic>()
  private readonly isRecorded: (id: RecordingId) => boolean

  /** @param isRecorded whether there is a recording that may be replayed */
  constructor(isRecorded: (id: RecordingId) => boolean) {
    this.isRecorded = isRecorded
  }

  /** A scope's trial; where none was begun, the one that the scope's name names. */
  of(scope: string): TrialTraffic {
    return this.current.get(scope) ?? this.begin(scope, identityOf(scope))
  }

  begin(scope: string, identity: TrialIdentity, attack?: Attack): TrialTraffic {
    const ordinals = new Ordinals((key, ordinal) => this.isRecorded({ key, ordinal, ...identity }))
    const observation = observationOf(identity)
    const running = attack && startAttack(attack)
    if (running) observation.attackedWith(running)
    const trial = { scope, identity, ordinals, observation, attack: running }
    this.current.set(scope, trial)
    return trial
  }

  usageOf(scope: string): Observed {
    return this.current.get(scope)?.observation.observed ?? NOTHING_SEEN
  }

  /** What a scope's trial came to so far. The counts start afresh; the ordinals go on until the next trial begins. */
  take(scope: string): Observed {
    const trial = this.current.get(scope)
    if (!trial) return NOTHING_SEEN
    this.current.set(scope, { ...trial, observation: observationOf(trial.identity) })
    return trial.observation.observed
  }
}
