import type { Release } from '@agent-ci/core/release'
import { releaseDifference } from '@agent-ci/core/release-difference'

const tagOf = (image: string | null): string => image?.replace(/^.*\/(?=[^/]+$)/, '') ?? 'none'

/** What one release changed in another, a phrase each: `image agent:1.4.1 → agent:1.4.2`. Texts of the user's files are in it. */
export function changesBetween(before: Release | undefined, after: Release): string[] {
  if (!before) return []
  if (before.digest === after.digest) return ['nothing']
  const difference = releaseDifference(before, after)
  const several = new Set(Object.keys(after.images)).size > 1
  return [
    ...difference.images.map(
      ({ name, from, to }) => `image ${several ? `${name}: ` : ''}${tagOf(from)} → ${tagOf(to)}`,
    ),
    ...difference.model.map(
      ({ name, from, to }) => `model ${name === 'primary' ? '' : `${name} `}${from ?? 'none'} → ${to ?? 'none'}`,
    ),
    ...(difference.promptVersion
      ? [`prompts ${difference.promptVersion.from ?? 'none'} → ${difference.promptVersion.to ?? 'none'}`]
      : []),
    ...difference.prompts.map(
      ({ name, from, to }) => `prompt ${name} ${from?.version ?? 'none'} → ${to?.version ?? 'none'}`,
    ),
    ...difference.settings.map(({ name, from, to }) => `${name} ${JSON.stringify(from)} → ${JSON.stringify(to)}`),
    ...difference.configKeys.map(({ configMap, key, change }) => `config ${configMap}/${key} ${change}`),
    ...difference.workloads.map(({ name }) => `pod template of ${name}`),
  ]
}
