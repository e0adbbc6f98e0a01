import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { NamedObject } from '../kubernetes/object.ts'

interface Event extends NamedObject {
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string | null
}

/** What the cluster remembers of failures to pull some images: an event lives for about an hour. */
export async function pullFailures(cluster: Cluster, images: ReadonlySet<string>): Promise<string[]> {
  const events = await cluster.list<Event>('v1', 'Event', { fields: 'reason=Failed' })
  const told = new Set<string>()
  for (const { message = '' } of events)
    for (const image of images)
      if (message.includes(`"${image}"`) && /pull|not found|manifest/i.test(message)) told.add(image)
  return [...told].map(
    (image) =>
      `the cluster failed to pull ${forLog(image)} within the last hour: see whether its tag is still in the registry`,
  )
}
