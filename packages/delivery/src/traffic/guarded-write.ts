import { ApiError, isConflict, NoAnswerError } from '../kubernetes/api-error.ts'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import type { NamedObject, ObjectReference } from '../kubernetes/object.ts'
import type { Cancellable, TrafficTimes } from './router.ts'

const TRIES = 8

/** Whether a write may or may not have happened. */
export const isUnclear = (error: unknown): boolean =>
  error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)

/**
 * Reads an object, computes a patch and writes it over exactly what was read; again from the start where somebody was faster or no clear answer
 * came. `change` gives undefined where nothing needs to be written. Undefined when the object is not there.
 */
export async function patchGuarded<T extends NamedObject>(
  cluster: Cluster,
  reference: ObjectReference,
  change: (object: T) => JsonPatch | undefined,
  times: TrafficTimes,
  { signal }: Cancellable,
  subresource?: 'status',
): Promise<T | undefined> {
  return again(times, signal, async () => {
    const object = await cluster.get<T>(reference)
    const patch = object && change(object)
    if (!patch || patch.length === 0) return object
    const version = object.metadata.resourceVersion!
    const guarded: JsonPatch = [{ op: 'test', path: '/metadata/resourceVersion', value: version }, ...patch]
    return cluster.patch<T>(reference, guarded, subresource === undefined ? {} : { subresource })
  })
}

/** Does work that starts with a look at the cluster, again where its write was refused for a conflict or ended unclear. */
export async function again<T>(times: TrafficTimes, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || tries >= TRIES || !(isConflict(error) || isUnclear(error))) throw error
      await times.sleep(Math.min(50 * 2 ** tries, 1_000), signal)
    }
  }
}
