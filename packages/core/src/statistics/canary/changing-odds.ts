import { type ArmWindow, OddsProcess, StartMixture, type StartState } from '../odds-process.ts'

export interface ChangingOddsState {
  readonly weights: readonly number[]
  readonly start: StartState
}

export interface ChangingOddsOptions {
  readonly grid: readonly number[]
  readonly cap: number
  readonly plannedWindows: number
}

/** What is kept, before each window, of what was learnt about the odds ratio. */
const FORGET = 0.9

/** The evidence that the canary's odds exceed the stable arm's since some window: the odds process mixed over start windows. */
export class ChangingOdds {
  private readonly odds: OddsProcess
  private readonly start: StartMixture

  constructor({ grid, cap, plannedWindows }: ChangingOddsOptions, state?: ChangingOddsState) {
    this.odds = new OddsProcess({ grid, cap, forget: FORGET }, state?.weights)
    this.start = new StartMixture(plannedWindows, undefined, state?.start)
  }

  get state(): ChangingOddsState {
    return { weights: this.odds.state, start: this.start.state }
  }

  observe(window: ArmWindow): void {
    this.start.add(this.odds.next(window))
  }

  get logEvidence(): number {
    return this.start.logEvidence
  }
}
