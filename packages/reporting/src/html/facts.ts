import { html, type Markup } from '../markup.ts'

/** Short facts with their names, in a row as long as there is room. */
export const facts = (entries: readonly (readonly [string, string | Markup] | false)[], name: string): Markup =>
  html`<dl class="${name}">${entries.map((entry) => entry && html`<div><dt>${entry[0]}</dt><dd>${entry[1]}</dd></div>`)}</dl>`
