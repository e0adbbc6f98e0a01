import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { ApiClient } from './api-client.ts'

/** The objects of one resource in a namespace as they are now, by name. */
export class LiveObjects<T extends KubernetesObject> {
  readonly byName: ReadonlyMap<string, T>
  readonly #watching: Promise<void>
  readonly #stopped = new AbortController()

  private constructor(api: ApiClient, path: string, objects: Map<string, T>, version: string, onChange: () => void) {
    this.byName = objects
    this.#watching = api.watch(
      path,
      version,
      ({ type, object }) => {
        if (type === 'DELETED') objects.delete(object.metadata.name)
        else objects.set(object.metadata.name, object as T)
        onChange()
      },
      this.#stopped.signal,
    )
    // Reported by `stop`.
    this.#watching.catch(() => {})
  }

  static async of<T extends KubernetesObject>(
    api: ApiClient,
    path: string,
    onChange = () => {},
  ): Promise<LiveObjects<T>> {
    const { items, metadata } = await api.get<{ items: T[]; metadata: { resourceVersion: string } }>(path)
    const objects = new Map(items.map((item) => [item.metadata.name, item]))
    return new LiveObjects<T>(api, path, objects, metadata.resourceVersion, onChange)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#watching
  }
}
