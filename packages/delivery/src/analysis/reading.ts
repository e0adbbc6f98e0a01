import type { Buckets } from './histogram.ts'
import type { FailureKind } from './prometheus/failure.ts'
import type { ArmName } from './prometheus/selector.ts'

export interface Counts {
  readonly bad: number
  readonly total: number
}

/** What one check found of a metric. Numbers of counts and buckets are increments since the check before. */
export type Reading =
  | { readonly kind: 'counts'; readonly atMs: number; readonly arms: PerArm<Counts> }
  | { readonly kind: 'buckets'; readonly atMs: number; readonly arms: PerArm<Buckets> }
  | {
      readonly kind: 'value'
      readonly atMs: number
      /** `undefined`: no data. Null: stable was not asked. */
      readonly canary: number | undefined
      readonly stable: number | undefined | null
      readonly samples: Partial<Readonly<Record<ArmName, number>>>
    }
  | {
      readonly kind: 'empty'
      readonly atMs: number
      /** The labels of each series found, in a sentence's form. */
      readonly found: readonly string[]
      readonly evidence: boolean
    }
  | {
      readonly kind: 'points'
      readonly atMs: number
      /** Of each series, in its order: what both arms had at the same times. */
      readonly series: readonly PerArm<readonly number[]>[]
    }
  | { readonly kind: 'error'; readonly atMs: number; readonly failure: FailureKind; readonly message: string }

export type PerArm<T> = Readonly<Record<ArmName, T>>
