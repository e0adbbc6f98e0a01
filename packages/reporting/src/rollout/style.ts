import { STYLE } from '../html/style.ts'

/** The style of a rollout's page. Canary and stable differ in hue, lightness and dash, so that no colour has to be seen to tell them apart. */
export const ROLLOUT_STYLE = `${STYLE}
:root { --canary: #b84a00; --stable: #1668b5; --asked: #6b7684; }
@media (prefers-color-scheme: dark) { :root { --canary: #ffa057; --stable: #6db5ff; --asked: #8b97a5; } }
.plots { min-width: 46rem; touch-action: pan-x pan-y; }
svg.timeplot { width: 100%; height: auto; overflow: visible; }
.plot-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 1.5rem; margin: 0.9rem 0 0.1rem; }
.plot-head h3 { margin: 0; font-size: 0.88rem; color: var(--ink); }
ul.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; margin: 0; padding: 0; list-style: none; font-size: 0.8rem; color: var(--soft); }
ul.legend li { display: flex; align-items: center; gap: 0.4rem; }
svg path { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg path.canary, svg path.canary-low { stroke: var(--canary); stroke-width: 2.4; }
svg path.stable, svg path.stable-low { stroke: var(--stable); }
svg path.stable { stroke-dasharray: 7 3; } svg path.canary-low { stroke-width: 1.4; } svg path.stable-low { stroke-width: 1.4; stroke-dasharray: 2 3; }
svg path.asked { stroke: var(--asked); stroke-width: 5; opacity: 0.45; } svg path.route { stroke: var(--stable); stroke-dasharray: 5 3; }
svg circle.canary, svg circle.canary-low { fill: var(--canary); } svg circle.stable, svg circle.stable-low { fill: var(--stable); }
svg .time { stroke: var(--soft); } svg .nothing { fill: var(--soft); font-size: 14px; }
svg .step-mark { stroke: var(--soft); stroke-width: 1; opacity: 0.55; }
svg .decision-mark { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 2 3; }
svg.timeplot .limit-label { paint-order: stroke; stroke: var(--sheet); stroke-width: 4px; stroke-linejoin: round; }
svg .decision-label { fill: var(--ink); } svg .step-label { fill: var(--soft); }
svg .cursor { stroke: var(--accent); stroke-width: 1.5; pointer-events: none; }
dl.readout { position: sticky; top: 0; z-index: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: 0.15rem 0.4rem; margin: 0 0 0.6rem; padding: 0.45rem 0.7rem; background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; font-size: 0.8rem; }
dl.readout div { min-width: 0; } dl.readout div:nth-child(8) { grid-column: span 2; } dl.readout dt { color: var(--soft); font-size: 0.7rem; white-space: nowrap; } dl.readout dd { margin: 0; white-space: nowrap; font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
table.checks { font-size: 0.84rem; } table.checks th, table.checks td { padding: 0.25rem 0.8rem 0.25rem 0; white-space: nowrap; } table.checks tbody th { min-width: 0; font-weight: 400; }
td.name { max-width: 18rem; overflow: hidden; text-overflow: ellipsis; } table.metrics th[scope="row"] { overflow-wrap: anywhere; }
ul.changes, ol.events { margin: 0; padding: 0; list-style: none; display: grid; gap: 0.3rem; overflow-wrap: anywhere; font-size: 0.92rem; }
ol.events li { display: grid; grid-template-columns: 5rem 6.5rem minmax(0, 1fr); gap: 0.75rem; }
ol.events .kind { color: var(--soft); } ol.events .problem { color: var(--failed); font-weight: 600; } ol.events .warning { color: var(--inconclusive); font-weight: 600; } ol.events .decision { color: var(--ink); font-weight: 600; }
@media (max-width: 46rem) { ol.events li { grid-template-columns: auto 1fr; gap: 0 0.75rem; } ol.events li > :last-child { grid-column: 1 / -1; } dl.readout { position: static; } }
`
