import { forHtml } from '@agent-ci/core/untrusted'

/** HTML that may go into a page as it is. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Markup | string | number | false | undefined | readonly Part[]

function render(part: Part): string {
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return part === false || part === undefined ? '' : forHtml(String(part))
}

/** A template of HTML: what is put into it is escaped, unless it is markup itself; false and undefined leave nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, at) => text + (at < parts.length ? render(parts[at]) : '')).join(''))
}
