const Z=5015,Q=[5015],ee={79080:((j,O,g)=>{g.d(O,{Hn:()=>D,LH:()=>P,iq:()=>U});var A=g(31421),l=g(73024),u=g(76760),a=g(57975),f=g(92350);const M=(0,a.promisify)(A.execFile);function D(_){if((0,l.existsSync)((0,u.join)(_,".git")))return _;const v=(0,u.dirname)(_);return v===_?void 0:D(v)}async function P(_){if(D(_)===void 0)return;const v=async(...w)=>(await M("git",w,{cwd:_,maxBuffer:64<<20})).stdout;try{const[w,B]=await Promise.all([v("rev-parse","HEAD","HEAD^{tree}"),v("diff","HEAD","--no-ext-diff","--no-textconv","--binary")]),[r="",s=""]=w.trim().split(`
`);return{version:B===""?r:`${r}+${(0,f.ol)(B).slice(7,19)}`,tree:s}}catch{return}}const U=async _=>(await P(_))?.version??null}),10580:((j,O,g)=>{g.d(O,{M0:()=>M,RT:()=>U,Y8:()=>f,Zu:()=>a,gf:()=>D,mu:()=>B,r5:()=>w,sc:()=>v,sv:()=>P});var A=g(30064),l=g(39241),u=g(80739);const a=r=>String(Number(r.toFixed(2)));function f(r){const s=10**Math.floor(Math.log10(r));return([1,2,2.5,5].find(e=>e*s>=r*(1-1e-9))??10)*s}function M(r,s){return(0,l.q)`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${s}</title><rect class="track" width="100" height="8"/><rect class="fill" width="${a(100*Math.min(1,Math.max(0,r)))}" height="8"/></svg>`}function D(r,s){const e=r.reduce((n,{count:d})=>n+d,0);let i=0;const c=r.map(({kind:n,count:d})=>{const o=100*i/e;return i+=d,d>0&&(0,l.q)`<rect class="${n}-part" x="${a(o)}" width="${a(100*d/e)}" height="8"/>`});return(0,l.q)`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${s}</title>${c}</svg>`}function P(r,s,e,i){const[c,n,d]=[160,28,8],o=Math.min(s[0],r??e,e),m=Math.max(s[1],r??e,e),p=$=>a(m===o?c/2:d+($-o)/(m-o)*(c-2*d)),y=n/2,h=r!==null&&(0,l.q)`<circle class="value" cx="${p(r)}" cy="${y}" r="4.5"/>`;return(0,l.q)`<svg class="interval" role="img" width="${c}" height="${n}" viewBox="0 0 ${c} ${n}"><title>${i}</title><line class="axis" x1="0" x2="${c}" y1="${y}" y2="${y}"/><line class="${r===null?"possible":"range"}" x1="${p(s[0])}" x2="${p(s[1])}" y1="${y}" y2="${y}"/><line class="limit-line" x1="${p(e)}" x2="${p(e)}" y1="2" y2="${n-2}"/>${h}</svg>`}function U(r,[s,e],i,c){const[n,d,o,m]=[460,96,22,70],p=[0,-i,r,...[s,e].filter(x=>x!==null)],y=Math.max(1,Math.max(...p)-Math.min(...p)),[h,$]=[Math.min(...p)-.14*y,Math.max(...p)+.14*y],E=x=>(x-h)/($-h)*n,k=x=>a(E(x)),L=f(($-h)/8),z=Math.ceil(h/L),S=Array.from({length:Math.floor($/L)-z+1},(x,I)=>(z+I)*L).filter(x=>E(x)>16&&E(x)<n-16).map(x=>(0,l.q)`<text class="tick" x="${k(x)}" y="${m+16}" text-anchor="middle">${x===0?"0":(0,u.eD)(x,a)}</text>`),T=(x,I,K)=>K>I&&(0,l.q)`<rect class="${x}-zone" x="${k(I)}" y="${o}" width="${a(E(K)-E(I))}" height="${m-o}"/>`,R=`margin ${(0,u.eD)(-i,a)}`,q=E(-i)<v(R),C=(o+m)/2;return(0,l.q)`<svg class="change" role="img" viewBox="0 0 ${n} ${d}"><title>${c}</title>${T("worse",h,-i)}${T("tolerated",-i,0)}${T("better",0,$)}<text class="tick" x="8" y="${m-6}">worse</text><text class="tick" x="${n-8}" y="${m-6}" text-anchor="end">better</text>${S}<line class="zero-line" x1="${k(0)}" x2="${k(0)}" y1="${o}" y2="${m}"/><text class="label" x="${a(Math.min(E(0)+5,n-v("no change")))}" y="${o-8}">no change</text>${i>0&&(0,l.q)`<line class="limit-line" x1="${k(-i)}" x2="${k(-i)}" y1="${o}" y2="${m}"/><text class="label limit-label" x="${q?4:a(E(-i)-5)}" y="${o-8}" text-anchor="${q?"start":"end"}">${R}</text>`}<line class="range" x1="${k(s??h)}" x2="${k(e??$)}" y1="${C}" y2="${C}"/><circle class="value" cx="${k(r)}" cy="${C}" r="6"/></svg>`}function _(r,s){let[e,i]=[Number.POSITIVE_INFINITY,0];for(let h=0;h<r.length;h++)e=Math.min(e,r[h]),i=Math.max(i,r[h]);const c=Float64Array.from(r).sort(),n=c[Math.ceil(.99*c.length)-1]*1.25,d=Math.max(0,...s.filter(h=>h<=1.5*n)),o=Math.max(i>2*n?n:i,d),m=f(Math.max(o-(e>o/2?e:0),o*.001,.01)/32),p=e>o/2?Math.floor(e/m)*m:0,y=Math.max(1,Math.floor((o-p)/m)+1);return{start:p,step:m,bins:y,open:i>=p+y*m}}const v=r=>r.length*6.6+12;function w(r,s){const e=_(r,s.map(t=>t.at)),i=e.bins+(e.open?1:0),c=new Array(i).fill(0);for(let t=0;t<r.length;t++){const b=Math.min(i-1,Math.floor((r[t]-e.start)/e.step));c[b]=c[b]+1}const[n,d,o,m]=[560,36,8,28],p=e.start+e.bins*e.step,y=s.filter(t=>t.at>=e.start&&t.at<=p).sort((t,b)=>t.at-b.at),h=(n-d-o)/i,$=t=>d+(t-e.start)/e.step*h,E=B(y.map(t=>({at:$(t.at),width:v(t.label)})),n),k=12+18*(Math.max(-1,...E)+1),L=k+190+m,z=L-m,S=Math.max(...c),T=Math.max(1,Math.ceil(f(S/4))),R=t=>z-t/S*(z-k),q=Array.from({length:Math.floor(S/T)+1},(t,b)=>b*T).map(t=>(0,l.q)`<line class="grid" x1="${d}" x2="${n-o}" y1="${a(R(t))}" y2="${a(R(t))}"/><text class="tick" x="${d-8}" y="${a(R(t)+4)}" text-anchor="end">${(0,u.B4)(t)}</text>`),C=`above ${(0,u._V)(p)}`,x=c.map((t,b)=>{if(t===0)return!1;const W=e.open&&b===i-1,V=e.start+b*e.step,H=W?C:`${(0,u._V)(V)} to ${(0,u._V)(V+e.step)}`;return(0,l.q)`<rect class="${W?"column open":"column"}" x="${a(d+b*h+.5)}" y="${a(R(t))}" width="${a(h-1)}" height="${a(z-R(t))}"><title>${(0,u.pq)(t,"trial")}: ${H}</title></rect>`}),I=Math.ceil(e.bins/7),K=n-o-(e.open?v(C)+24:0),N=Array.from({length:Math.floor(e.bins/I)+1},(t,b)=>e.start+b*I*e.step).filter(t=>$(t)<=K).map(t=>(0,l.q)`<text class="tick" x="${a($(t))}" y="${z+18}" text-anchor="middle">${(0,u._V)(t)}</text>`),F=e.open&&(0,l.q)`<text class="tick" x="${n-o}" y="${z+18}" text-anchor="end">${C}</text>`,G=y.map(({label:t,at:b,kind:W},V)=>{const H=14+18*E[V],Y=$(b)+v(t)>n;return(0,l.q)`<line class="marker ${W}-line" x1="${a($(b))}" x2="${a($(b))}" y1="${H-10}" y2="${z}"/><text class="label ${W}-label" x="${a($(b)+(Y?-5:5))}" y="${H}" text-anchor="${Y?"end":"start"}">${t}</text>`}),J=`Latency of ${(0,u.pq)(r.length,"trial")}: ${s.map(({label:t})=>t).join(", ")}`;return{svg:(0,l.q)`<svg class="histogram" role="img" viewBox="0 0 ${n} ${a(L)}"><title>${(0,A.Jj)(J,400)}</title>${q}${x}<line class="axis" x1="${d}" x2="${n-o}" y1="${z}" y2="${z}"/>${N}${F}${G}</svg>`,beyond:s.filter(t=>!y.includes(t))}}function B(r,s){const e=[];return r.map(({at:i,width:c})=>{const[n,d]=i+c>s?[i-c,i]:[i,i+c];let o=e.findIndex(m=>m.every(p=>d<=p.from||n>=p.to));return o===-1&&(o=e.push([])-1),e[o].push({from:n,to:d}),o})}}),82414:((j,O,g)=>{g.d(O,{Y:()=>A});const A=`
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --sheet: #ffffff; --sunk: #f1f3f6; --line: #dfe3e9; --ink: #1b2430; --soft: #56616f;
  --accent: #2457c5; --passed: #14713c; --failed: #b3261e; --errored: #8b3dab; --inconclusive: #8a5a00; --idle: #56616f;
  --passed-tint: #e4f4ea; --failed-tint: #fdebe9; --errored-tint: #f6eafb; --inconclusive-tint: #fdf1dc; --idle-tint: #eceff3;
  --column: #7c9fe6; --fill: #3f74dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141a; --sheet: #171d25; --sunk: #10161d; --line: #2a333e; --ink: #e4e9ef; --soft: #9aa7b6;
    --accent: #8ab0ff; --passed: #62d18f; --failed: #ff8f86; --errored: #d7a0f0; --inconclusive: #eebc5c; --idle: #9aa7b6;
    --passed-tint: #12301f; --failed-tint: #3a1a19; --errored-tint: #2f1c39; --inconclusive-tint: #33270f; --idle-tint: #222a33;
    --column: #44689f; --fill: #6f9bf0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
.page { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 0.75rem; font-weight: 650; }
h3 { font-size: 0.75rem; margin: 0 0 0.35rem; font-weight: 600; color: var(--soft); }
p { margin: 0.35rem 0 0; }
.soft { color: var(--soft); }
.vh, summary i { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.86em; }
code { overflow-wrap: anywhere; }
section, header.verdict { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem; margin-top: 1rem; }
header.verdict { display: flex; gap: 1.1rem; align-items: flex-start; border-left-width: 6px; margin-top: 0; }
header.verdict .mark { flex: none; display: grid; place-items: center; width: 2.9rem; height: 2.9rem; border-radius: 50%; font-size: 1.5rem; font-weight: 700; }
header.passed { border-left-color: var(--passed); } header.failed { border-left-color: var(--failed); }
header.errored { border-left-color: var(--errored); } header.inconclusive { border-left-color: var(--inconclusive); }
.passed > .mark, .status.passed { color: var(--passed); background: var(--passed-tint); }
.failed > .mark, .status.failed { color: var(--failed); background: var(--failed-tint); }
.errored > .mark, .status.errored { color: var(--errored); background: var(--errored-tint); }
.inconclusive > .mark, .status.inconclusive, .status.flaky { color: var(--inconclusive); background: var(--inconclusive-tint); }
.status.not-run { color: var(--idle); background: var(--idle-tint); }
.status { display: inline-block; padding: 0.05rem 0.55rem; border-radius: 99px; font-size: 0.8rem; font-weight: 600; white-space: nowrap; }
.status::before { content: "✓"; margin-right: 0.35em; }
.status.failed::before { content: "✗"; } .status.errored::before { content: "!"; } .status.inconclusive::before { content: "?"; }
.status.not-run::before { content: "–"; } .status.flaky::before { content: "~"; }
.meta { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.75rem 0 0; font-size: 0.86rem; }
.meta div { display: flex; gap: 0.4rem; min-width: 0; }
.meta dt, dl.facts dt { color: var(--soft); }
.meta dd, dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: 0.75rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.tiles li { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: 0.8rem 1rem; }
.tiles b { display: block; font-size: 1.4rem; line-height: 1.35; font-weight: 650; letter-spacing: -0.01em; }
.tiles .name, .tiles .base { display: block; font-size: 0.8rem; color: var(--soft); }
.tiles b.wide { font-size: 0.95rem; line-height: 1.99; white-space: nowrap; }
.tiles b.unknown { font-size: 0.95rem; line-height: 1.99; font-weight: 500; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.5rem 0.9rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
thead th { font-size: 0.78rem; font-weight: 600; color: var(--soft); padding-top: 0; }
tbody th { font-weight: 600; min-width: 7.6rem; }
tbody tr:last-child > * { border-bottom: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.wide { width: 40%; }
td.reason { color: var(--soft); overflow-wrap: anywhere; min-width: 14rem; }
table.narrow { width: auto; min-width: 18rem; margin-top: 0.9rem; }
table.tags th[scope="row"] { max-width: 11rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; align-items: start; }
.pair > * { min-width: 0; }
svg { display: block; }
svg.bar { width: 100%; height: 9px; min-width: 3rem; border-radius: 5px; }
svg .track { fill: var(--idle-tint); } svg .fill { fill: var(--fill); }
svg.interval { max-width: none; }
svg .axis { stroke: var(--line); } svg .grid { stroke: var(--line); stroke-dasharray: 2 4; }
svg .range { stroke: var(--column); stroke-width: 8; stroke-linecap: round; }
svg .limit-line { stroke: var(--failed); stroke-width: 2; stroke-dasharray: 4 3; } svg circle.value { fill: var(--ink); stroke: var(--sheet); stroke-width: 2; }
svg .possible { stroke: var(--column); stroke-width: 8; opacity: 0.6; }
svg .regressed-part { fill: var(--failed); } svg .unchanged-part { fill: var(--idle-tint); } svg .improved-part { fill: var(--passed); }
svg.change { width: 100%; max-width: 44rem; height: auto; }
svg .worse-zone { fill: var(--failed-tint); } svg .tolerated-zone { fill: var(--idle-tint); } svg .better-zone { fill: var(--passed-tint); }
svg .zero-line { stroke: var(--ink); stroke-width: 1.5; }
svg.histogram { width: 100%; max-width: 44rem; height: auto; }
svg .column { fill: var(--column); } svg .column.open { fill: var(--idle); }
svg .tick { fill: var(--soft); font-size: 11.5px; } svg .label { font-size: 11.5px; font-weight: 600; fill: var(--ink); }
svg .limit-label { fill: var(--failed); } svg .quantile-line { stroke: var(--ink); stroke-width: 1.25; }
p.finding { margin: 0.9rem 0 1rem; overflow-wrap: anywhere; }
p.figure { margin: 0 0 0.5rem; } p.figure b { font-size: 1.4rem; font-weight: 650; letter-spacing: -0.01em; margin-right: 0.4rem; }
ul.split { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0 0 0.5rem; padding: 0; list-style: none; }
ul.split b { font-size: 1.4rem; font-weight: 650; letter-spacing: -0.01em; } ul.split span { color: var(--soft); }
ul.split .regressed b { color: var(--failed); } ul.split .improved b { color: var(--passed); }
dl.amounts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1rem; margin: 1rem 0 0; font-size: 0.92rem; }
dl.amounts dt, dl.ids dt { color: var(--soft); } dl.amounts dd, dl.ids dd { margin: 0; overflow-wrap: anywhere; }
dl.ids { margin: 0.6rem 0 0; font-size: 0.92rem; } dl.ids dd { margin: 0.15rem 0 0.7rem; }
h3.rows { margin: 1.25rem 0 0.5rem; }
td.reason .advice { color: var(--ink); }
details.fold { margin-top: 0.75rem; } details.fold > summary { cursor: pointer; font-size: 0.92rem; }
h2 .status { vertical-align: middle; margin-left: 0.35rem; }
.filters { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin: 0 0 0.75rem; }
.filters[hidden], [hidden] { display: none !important; }
button, select, input { font: inherit; font-size: 0.88rem; color: inherit; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 0.32rem 0.7rem; }
button { cursor: pointer; } button:hover { border-color: var(--soft); }
button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--sheet); }
button .n { opacity: 0.75; margin-left: 0.3rem; }
input[type="search"] { flex: 1 1 12rem; min-width: 9rem; }
select { max-width: 14rem; }
.example { border-top: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 2.9rem; }
.example > summary, .columns { display: grid; grid-template-columns: 1.1rem 9.3rem minmax(7rem, 1.1fr) minmax(0, 2fr) minmax(0, 2fr) 5rem; gap: 0.75rem; align-items: center; padding: 0.55rem 0.25rem; }
.example > summary { cursor: pointer; list-style: none; }
.example > summary::-webkit-details-marker { display: none; }
.example > summary::before { content: "›"; color: var(--soft); font-size: 1.15rem; line-height: 1; text-align: center; transition: transform 0.12s; }
.example[open] > summary::before { transform: rotate(90deg); }
.example > summary:hover { background: var(--sunk); }
pre, .example > summary > *, td.reason, ul.scores span { unicode-bidi: plaintext; text-align: start; }
.example > summary > * { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.columns { padding-top: 0; font-size: 0.78rem; font-weight: 600; color: var(--soft); }
.columns span:last-child, .example > summary > :last-child { text-align: right; }
.body:target { outline: 2px solid var(--accent); outline-offset: -2px; }
.body { scroll-margin-top: 4rem; background: var(--sunk); border-radius: 10px; padding: 1rem; margin: 0.15rem 0 0.9rem; display: grid; gap: 1rem; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
.sides > *, .body > * { min-width: 0; }
pre { margin: 0; padding: 0.7rem 0.85rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow: auto; }
.said { margin: 0 0 0.4rem; } .said:last-child { margin: 0; }
.said .role { font-size: 0.78rem; font-weight: 600; color: var(--soft); }
ul.tools { margin: 0; padding: 0; list-style: none; display: grid; gap: 0.3rem; }
ul.scores { margin: 0; padding: 0; list-style: none; display: grid; grid-template-columns: max-content max-content max-content minmax(0, 1fr); gap: 0.4rem 0.9rem; align-items: baseline; }
ul.scores li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: baseline; }
ul.scores .status { justify-self: start; }
ul.scores b, ul.scores span { overflow-wrap: anywhere; } ul.scores span:last-child { color: var(--soft); }
ul.tools li { overflow-wrap: anywhere; }
p.facts b { color: var(--ink); font-weight: 400; } p.facts { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0; font-size: 0.86rem; overflow-wrap: anywhere; }
dl.facts div { display: flex; gap: 0.4rem; min-width: 0; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 6px; padding: 0 0.4rem; margin-right: 0.3rem; font-size: 0.82rem; }
footer { margin-top: 1.5rem; text-align: center; font-size: 0.86rem; }
.note { margin-top: 0.75rem; font-size: 0.86rem; color: var(--soft); }
@media (max-width: 46rem) {
  .columns { display: none; }
  .example > summary { grid-template-columns: 1.1rem minmax(0, 1fr) auto; }
  .example > summary > :nth-child(n + 3):nth-child(-n + 4) { display: none; }
  .example > summary > b { grid-column: 2; grid-row: 2; }
  header.verdict { flex-direction: column; }
  th, td { padding-right: 0.55rem; }
  td.wide { min-width: 4rem; }
  table.gates thead { display: none; }
  table.gates tr { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 0.3rem 0.8rem; align-items: center; padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
  table.gates tr:last-child { border-bottom: 0; } table.gates tr > * { border: 0; padding: 0; }
  table.gates td.number { white-space: normal; overflow-wrap: anywhere; } table.gates td.reason { grid-column: 1 / -1; min-width: 0; }
  .page { padding: 0.9rem 0.7rem 3rem; } section, header.verdict { padding: 1rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { body { background: #fff; } .filters { display: none; } section, header.verdict { break-inside: avoid; } .example { content-visibility: visible; } }
`}),39241:((j,O,g)=>{g.d(O,{q:()=>a});var A=g(30064);class l{text;constructor(M){this.text=M}}function u(f){return f instanceof l?f.text:Array.isArray(f)?f.map(u).join(""):f===!1||f===void 0?"":(0,A.B2)(String(f))}function a(f,...M){return new l(f.map((D,P)=>D+(P<M.length?u(M[P]):"")).join(""))}}),31956:((j,O,g)=>{g.d(O,{AV:()=>f,UH:()=>a,XR:()=>U,Y:()=>l,pc:()=>M,q1:()=>D,xU:()=>u});var A=g(8189);const[l,u,a,f,M,D]=[1,2,31,32,33,36],P={passed:f,inconclusive:D,failed:a,errored:M};function U(_){const v=(w,B)=>_?`\x1B[${w}m${B}\x1B[0m`:B;return{paint:v,bold:w=>v(l,w),dim:w=>v(u,w),paintVerdict:w=>v(P[w],`${A.j7[w]} ${w}`)}}})};export{Z as id,Q as ids,ee as modules};
