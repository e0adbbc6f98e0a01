import { STYLE } from '../html/style.ts'

/** The style of the trend page. Every mark in a plot has a shape of its own, so that no colour has to be seen to tell them apart. */
export const TREND_STYLE = `${STYLE}
:root { --week: #123a86; }
@media (prefers-color-scheme: dark) { :root { --week: #c3d7ff; } }
.page { max-width: 92rem; }
.status.regressed { color: var(--failed); background: var(--failed-tint); } .status.regressed::before { content: "✗"; }
.status.suspect { color: var(--inconclusive); background: var(--inconclusive-tint); } .status.suspect::before { content: "?"; }
.status.unmeasured { color: var(--errored); background: var(--errored-tint); } .status.unmeasured::before { content: "!"; }
.status.stale, .status.warming-up { color: var(--idle); background: var(--idle-tint); } .status.stale::before { content: "≠"; } .status.warming-up::before { content: "…"; }
.status.improved, .status.steady { color: var(--passed); background: var(--passed-tint); } .status.improved::before { content: "↑"; }
.filters { position: sticky; top: 0; z-index: 2; background: var(--sheet); padding: 0.6rem 0; margin: -0.6rem 0 0.4rem; }
.ranges { display: inline-flex; } .ranges button { border-radius: 0; margin-left: -1px; } .ranges button:first-child { border-radius: 8px 0 0 8px; margin-left: 0; } .ranges button:last-child { border-radius: 0 8px 8px 0; }
ul.remarks { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
ul.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1.3rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: 0.8rem; color: var(--soft); }
ul.key li { display: flex; align-items: center; gap: 0.45rem; } ul.key svg { flex: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 0.9rem; align-items: start; grid-auto-flow: dense; }
.card { min-width: 0; border: 1px solid var(--line); border-radius: 10px; padding: 0.85rem 0.95rem 0.6rem; content-visibility: auto; contain-intrinsic-size: auto 20rem; scroll-margin-top: 7rem; }
.card:target { outline: 2px solid var(--accent); outline-offset: -1px; }
.card.open { grid-column: 1 / -1; }
.card-head { display: flex; gap: 0.6rem; align-items: baseline; justify-content: space-between; }
.card h3 { margin: 0; font-size: 0.98rem; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext; }
.card .status { flex: none; }
.card .of { margin: 0; font-size: 0.82rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext; }
.card.open h3, .card.open .of { white-space: normal; overflow-wrap: anywhere; }
.card .figures { display: flex; flex-wrap: wrap; gap: 0 0.6rem; align-items: baseline; margin: 0.3rem 0 0.35rem; font-size: 0.86rem; color: var(--soft); }
.card .figures b { font-size: 1.25rem; line-height: 1.4; font-weight: 650; letter-spacing: -0.01em; color: var(--ink); } .card .figures b.unknown { font-size: 0.95rem; font-weight: 500; color: var(--soft); }
.card.regressed .figures .change { color: var(--failed); font-weight: 600; } .card.suspect .figures .change { color: var(--inconclusive); font-weight: 600; }
.plot { position: relative; height: 9.5rem; touch-action: pan-y; } .card.open .plot { height: 18rem; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.plot text { fill: var(--soft); font-size: 11px; } .plot text.mark { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--sheet); stroke-width: 3px; stroke-linejoin: round; }
.plot .grid { stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 4; }
svg .band { fill: var(--passed-tint); } svg .pinned { fill: none; stroke: var(--passed); stroke-width: 1; opacity: 0.55; } svg .mean { stroke: var(--passed); stroke-width: 1.25; stroke-dasharray: 5 4; fill: none; }
.card.stale .band { fill: var(--idle-tint); } .card.stale .pinned, .card.stale .mean { stroke: var(--idle); }
svg .sure { fill: var(--fill); opacity: 0.2; } svg .whisker { stroke: var(--fill); stroke-width: 1.5; opacity: 0.5; fill: none; }
svg .values { fill: none; stroke: var(--fill); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; } svg .values.thin { stroke-width: 1; opacity: 0.5; } svg .week { fill: none; stroke: var(--week); stroke-width: 2; stroke-linejoin: round; }
svg .dot { fill: var(--fill); }
svg .broken { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1 3; }
svg .release { stroke: var(--accent); fill: var(--accent); } svg line.release, svg line.blessing { stroke-width: 1; opacity: 0.35; } svg .blessing { stroke: var(--passed); fill: var(--passed); }
svg .incident { fill: none; stroke: var(--failed); stroke-width: 2; stroke-linecap: square; }
svg .found { stroke: var(--sheet); stroke-width: 1.5; } svg .found.regressed { fill: var(--failed); } svg .found.improved { fill: var(--passed); } svg .found.suspect { fill: var(--sheet); stroke: var(--inconclusive); stroke-width: 2; }
svg .cursor { stroke: var(--ink); stroke-width: 1; opacity: 0.55; } svg .cursor-dot { fill: var(--ink); stroke: var(--sheet); stroke-width: 1.5; }
.readout { margin: 0.15rem 0 0; min-height: 1.3rem; font-size: 0.78rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .card.open .readout { white-space: normal; }
.card details { margin-top: 0.2rem; } .card summary { cursor: pointer; font-size: 0.82rem; color: var(--soft); }
.card dl.amounts { margin: 0.6rem 0 0.9rem; font-size: 0.86rem; }
.nights { max-height: 24rem; overflow: auto; border: 1px solid var(--line); border-radius: 8px; } .nights table { font-size: 0.84rem; } .nights th, .nights td { padding: 0.28rem 0.9rem; white-space: nowrap; } .nights thead th { position: sticky; top: 0; background: var(--sunk); padding: 0.4rem 0.9rem; } .nights tbody th { min-width: 0; font-weight: 400; } .nights td:last-child { width: 99%; }
table.marks td, table.quarantine th { overflow-wrap: anywhere; } table.marks tbody th, table.marks td:nth-child(2) { width: 1%; white-space: nowrap; padding-right: 2rem; }
table.legs { font-size: 0.88rem; } main td.number, main th.number { padding-right: 1.6rem; } section > .scroll { margin-top: 0.75rem; }
.empty { padding: 2.5rem 1rem; text-align: center; color: var(--soft); } .empty b { display: block; color: var(--ink); font-size: 1.05rem; margin-bottom: 0.3rem; }
@media (max-width: 46rem) { .filters { position: static; } .card.open .plot { height: 13rem; } }
@media print { .card { content-visibility: visible; break-inside: avoid; } }
`
