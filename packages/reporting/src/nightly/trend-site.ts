import type { NightlyLinks } from './summary.ts'
import type { Trend } from './trend.ts'
import { renderTrendPage } from './trend-page.ts'

/** A file of a site, by its path below the site's root. */
export interface SiteFile {
  readonly path: string
  readonly text: AsyncIterable<string>
}

async function* nothing(): AsyncGenerator<string> {}

/**
 * The trend page as a site for GitHub Pages. One page holds all nights and links to their runs: it needs no other file, so it works
 * from a disk and an artifact too, and a night's own page would have to be written anew with every publication.
 */
export const renderTrendSite = (trend: Trend, links: NightlyLinks = {}): SiteFile[] => [
  { path: 'index.html', text: renderTrendPage(trend, links) },
  // Pages would run its site generator over the page otherwise.
  { path: '.nojekyll', text: nothing() },
]
