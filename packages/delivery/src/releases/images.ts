import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import { warning } from './finding.ts'
import { gather } from './gather.ts'
import { objectAt, withValue } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import { type Container, containersOf, mainContainer, templatePath } from './pod-template.ts'

/** An image that takes the place of the one in a manifest. */
interface Pin {
  readonly deployment: string | undefined
  readonly container: string | undefined
  readonly image: string
}

/** [registry[:port]/]repository[:tag][@digest], as the OCI distribution specification has it. */
const IMAGE =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@sha256:[0-9a-f]{64})?$/

/** The tag of an image, or undefined where it has none. */
export const tagOf = (image: string): string | undefined => IMAGE.exec(image)?.[1]

function parsePin(entry: string): Pin {
  const equals = entry.indexOf('=')
  const target = entry.slice(0, Math.max(0, equals)).trim()
  const image = entry.slice(equals + 1).trim()
  if (!IMAGE.test(image) || (equals >= 0 && !/^[a-z0-9.-]+(?:\/[a-z0-9-]+)?$/.test(target))) {
    throw new ConfigurationError({
      what: `image is ${JSON.stringify(entry)}`,
      why: 'Expected an image, <container>=<image> or <deployment>/<container>=<image>',
      mend: 'Write for example registry.example/agent-service:1.4.2 or agent=agent-service@sha256:<digest>',
    })
  }
  const slash = target.indexOf('/')
  return {
    deployment: slash < 0 ? undefined : target.slice(0, slash),
    container: equals < 0 ? undefined : target.slice(slash + 1),
    image,
  }
}

const listed = (containers: readonly { manifest: Manifest; container: Container }[]): string =>
  containers.map(({ manifest, container }) => `${manifest.name}/${container.name}`).join(', ')

/** The one container that a pin means: of the app's Deployment before any other. */
function targetOf(
  pin: Pin,
  app: Manifest,
  deployments: readonly Manifest[],
): { manifest: Manifest; container: Container } {
  const main = mainContainer(app.object)
  if (pin.container === undefined) {
    const all = containersOf(app.object).filter(({ path }) => path.at(-2) === 'containers')
    const template = templatePath(app.object) ?? []
    const chosen = objectAt(app.object, [...template, 'metadata', 'annotations'])[
      'kubectl.kubernetes.io/default-container'
    ]
    if (main && (all.length === 1 || chosen === main.name)) return { manifest: app, container: main }
    // `${IMAGE}` has put it there.
    const [has, other] = all.filter(({ value }) => value.image === pin.image)
    if (has && !other) return { manifest: app, container: has }
    throw new ConfigurationError({
      what: `image is "${pin.image}", and Deployment ${app.name} has the containers ${all.map(({ name }) => name).join(', ')}`,
      why: 'An image without a container is that of the only one',
      mend: `Write <container>=${pin.image}, or image: \${IMAGE} in the manifest`,
      source: app.sourceOf([...template, 'spec', 'containers']),
    })
  }
  const candidates = deployments
    .filter(({ name }) => pin.deployment === undefined || name === pin.deployment)
    .flatMap((manifest) => containersOf(manifest.object).map((container) => ({ manifest, container })))
  const named = candidates.filter(({ container }) => container.name === pin.container)
  const own = named.filter(({ manifest }) => manifest === app)
  const [target, other] = own.length > 0 ? own : named
  if (target && !other) return target
  const every = deployments.flatMap((manifest) =>
    containersOf(manifest.object).map((container) => ({ manifest, container })),
  )
  throw new ConfigurationError({
    what: `image names the container ${pin.deployment === undefined ? '' : `${pin.deployment}/`}${pin.container}`,
    why: target ? `${listed(named)} have that name` : 'No Deployment has it',
    mend: target ? `Write <deployment>/${pin.container}=<image>` : `The containers are ${listed(every)}`,
  })
}

/**
 * Puts the `image` input's images into the Deployments.
 *
 * @param app the Deployment that an image without a container is for
 * @throws {ConfigurationError} for what is no image, and for a container that cannot be told
 */
export function pinImages(entries: readonly string[], app: Manifest, manifests: readonly Manifest[]): Manifest[] {
  const pinned = new Map<Manifest, Manifest>()
  const taken = new Map<string, string>()
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment')
  gather(entries, (entry) => {
    const pin = parsePin(entry)
    const { manifest, container } = targetOf(pin, app, deployments)
    const key = `${manifest.name}/${container.name}`
    if (taken.has(key)) {
      const why = `It has ${taken.get(key)} already`
      throw new ConfigurationError({ what: `image gives ${key} a second image`, why, mend: 'Remove one of them' })
    }
    taken.set(key, pin.image)
    const before = pinned.get(manifest) ?? manifest
    pinned.set(manifest, { ...before, object: withValue(before.object, [...container.path, 'image'], pin.image) })
  })
  return manifests.map((manifest) => pinned.get(manifest) ?? manifest)
}

/**
 * The images of all pods, by `<deployment>/<container>`; for other workloads with the kind in front.
 *
 * @throws {ConfigurationError} for each container without an image, or with a variable in it that has no value
 */
export function imagesOf(manifests: readonly Manifest[]): { images: Record<string, string>; findings: Annotation[] } {
  const problems: Problem[] = []
  const findings: Annotation[] = []
  const images: Record<string, string> = {}
  for (const { kind, name, object, sourceOf } of manifests) {
    for (const container of containersOf(object)) {
      const source = sourceOf([...container.path, 'image'])
      const named = `container ${container.name} of ${kind} ${name}`
      const { image } = container.value
      const unresolved = typeof image === 'string' ? /\$\{(\w+)\}/.exec(image)?.[1] : undefined
      if (typeof image !== 'string' || image === '') {
        problems.push({
          what: `The ${named} has no image`,
          why: 'No pod could start',
          mend: 'Write for example image: agent-service:1.4.2',
          source,
        })
      } else if (unresolved !== undefined) {
        problems.push({
          what: `The image of ${named} is ${JSON.stringify(image)}`,
          why: `There is no value for ${unresolved}`,
          mend: unresolved === 'VERSION' ? 'Give version, or image' : `Give image, or a value for ${unresolved}`,
          source,
        })
      } else if (!IMAGE.test(image)) {
        const why = 'Expected [registry/]repository[:tag][@sha256:digest]'
        problems.push({
          what: `The image of ${named} is ${JSON.stringify(image)}`,
          why,
          mend: 'Write for example registry.example/agent-service:1.4.2',
          source,
        })
      } else {
        images[`${kind === 'Deployment' ? '' : `${kind.toLowerCase()}/`}${name}/${container.name}`] = image
        const tag = tagOf(image)
        if (!image.includes('@') && (tag === undefined || tag === 'latest')) {
          const has = tag === undefined ? 'no tag' : 'the tag latest'
          const message = `${image} (${named}) has ${has}: what it means changes, so taking this release back may bring another image. Give it a version or a digest`
          findings.push(warning(message, source))
        }
      }
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { images, findings }
}
