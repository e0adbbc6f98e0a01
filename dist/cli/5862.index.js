const Q=5862,X=[5862],ee={79080:((V,A,v)=>{v.d(A,{Hn:()=>O,LH:()=>B,iq:()=>H});var P=v(31421),c=v(73024),x=v(76760),o=v(57975),g=v(92350);const z=(0,o.promisify)(P.execFile);function O(_){if((0,c.existsSync)((0,x.join)(_,".git")))return _;const y=(0,x.dirname)(_);return y===_?void 0:O(y)}async function B(_){if(O(_)===void 0)return;const y=async(...R)=>(await z("git",R,{cwd:_,maxBuffer:64<<20})).stdout;try{const[R,L]=await Promise.all([y("rev-parse","HEAD","HEAD^{tree}"),y("diff","HEAD","--no-ext-diff","--no-textconv","--binary")]),[r="",s=""]=R.trim().split(`
`);return{version:L===""?r:`${r}+${(0,g.ol)(L).slice(7,19)}`,tree:s}}catch{return}}const H=async _=>(await B(_))?.version??null}),10580:((V,A,v)=>{v.d(A,{M0:()=>z,RT:()=>H,Y8:()=>g,Zu:()=>o,gf:()=>O,mu:()=>L,r5:()=>R,sc:()=>y,sv:()=>B});var P=v(30064),c=v(39241),x=v(80739);const o=r=>String(Number(r.toFixed(2)));function g(r){const s=10**Math.floor(Math.log10(r));return([1,2,2.5,5].find(e=>e*s>=r*(1-1e-9))??10)*s}function z(r,s){return(0,c.q)`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${s}</title><rect class="track" width="100" height="8"/><rect class="fill" width="${o(100*Math.min(1,Math.max(0,r)))}" height="8"/></svg>`}function O(r,s){const e=r.reduce((a,{count:l})=>a+l,0);let i=0;const d=r.map(({kind:a,count:l})=>{const n=100*i/e;return i+=l,l>0&&(0,c.q)`<rect class="${a}-part" x="${o(n)}" width="${o(100*l/e)}" height="8"/>`});return(0,c.q)`<svg class="bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none"><title>${s}</title>${d}</svg>`}function B(r,s,e,i){const[d,a,l]=[160,28,8],n=Math.min(s[0],r??e,e),m=Math.max(s[1],r??e,e),f=w=>o(m===n?d/2:l+(w-n)/(m-n)*(d-2*l)),b=a/2,p=r!==null&&(0,c.q)`<circle class="value" cx="${f(r)}" cy="${b}" r="4.5"/>`;return(0,c.q)`<svg class="interval" role="img" width="${d}" height="${a}" viewBox="0 0 ${d} ${a}"><title>${i}</title><line class="axis" x1="0" x2="${d}" y1="${b}" y2="${b}"/><line class="${r===null?"possible":"range"}" x1="${f(s[0])}" x2="${f(s[1])}" y1="${b}" y2="${b}"/><line class="limit-line" x1="${f(e)}" x2="${f(e)}" y1="2" y2="${a-2}"/>${p}</svg>`}function H(r,[s,e],i,d){const[a,l,n,m]=[460,96,22,70],f=[0,-i,r,...[s,e].filter(h=>h!==null)],b=Math.max(1,Math.max(...f)-Math.min(...f)),[p,w]=[Math.min(...f)-.14*b,Math.max(...f)+.14*b],k=h=>(h-p)/(w-p)*a,$=h=>o(k(h)),T=g((w-p)/8),M=Math.ceil(p/T),S=Array.from({length:Math.floor(w/T)-M+1},(h,D)=>(M+D)*T).filter(h=>k(h)>16&&k(h)<a-16).map(h=>(0,c.q)`<text class="tick" x="${$(h)}" y="${m+16}" text-anchor="middle">${h===0?"0":(0,x.eD)(h,o)}</text>`),C=(h,D,j)=>j>D&&(0,c.q)`<rect class="${h}-zone" x="${$(D)}" y="${n}" width="${o(k(j)-k(D))}" height="${m-n}"/>`,E=`margin ${(0,x.eD)(-i,o)}`,W=k(-i)<y(E),I=(n+m)/2;return(0,c.q)`<svg class="change" role="img" viewBox="0 0 ${a} ${l}"><title>${d}</title>${C("worse",p,-i)}${C("tolerated",-i,0)}${C("better",0,w)}<text class="tick" x="8" y="${m-6}">worse</text><text class="tick" x="${a-8}" y="${m-6}" text-anchor="end">better</text>${S}<line class="zero-line" x1="${$(0)}" x2="${$(0)}" y1="${n}" y2="${m}"/><text class="label" x="${o(Math.min(k(0)+5,a-y("no change")))}" y="${n-8}">no change</text>${i>0&&(0,c.q)`<line class="limit-line" x1="${$(-i)}" x2="${$(-i)}" y1="${n}" y2="${m}"/><text class="label limit-label" x="${W?4:o(k(-i)-5)}" y="${n-8}" text-anchor="${W?"start":"end"}">${E}</text>`}<line class="range" x1="${$(s??p)}" x2="${$(e??w)}" y1="${I}" y2="${I}"/><circle class="value" cx="${$(r)}" cy="${I}" r="6"/></svg>`}function _(r,s){let[e,i]=[Number.POSITIVE_INFINITY,0];for(let p=0;p<r.length;p++)e=Math.min(e,r[p]),i=Math.max(i,r[p]);const d=Float64Array.from(r).sort(),a=d[Math.ceil(.99*d.length)-1]*1.25,l=Math.max(0,...s.filter(p=>p<=1.5*a)),n=Math.max(i>2*a?a:i,l),m=g(Math.max(n-(e>n/2?e:0),n*.001,.01)/32),f=e>n/2?Math.floor(e/m)*m:0,b=Math.max(1,Math.floor((n-f)/m)+1);return{start:f,step:m,bins:b,open:i>=f+b*m}}const y=r=>r.length*6.6+12;function R(r,s){const e=_(r,s.map(t=>t.at)),i=e.bins+(e.open?1:0),d=new Array(i).fill(0);for(let t=0;t<r.length;t++){const u=Math.min(i-1,Math.floor((r[t]-e.start)/e.step));d[u]=d[u]+1}const[a,l,n,m]=[560,36,8,28],f=e.start+e.bins*e.step,b=s.filter(t=>t.at>=e.start&&t.at<=f).sort((t,u)=>t.at-u.at),p=(a-l-n)/i,w=t=>l+(t-e.start)/e.step*p,k=L(b.map(t=>({at:w(t.at),width:y(t.label)})),a),$=12+18*(Math.max(-1,...k)+1),T=$+190+m,M=T-m,S=Math.max(...d),C=Math.max(1,Math.ceil(g(S/4))),E=t=>M-t/S*(M-$),W=Array.from({length:Math.floor(S/C)+1},(t,u)=>u*C).map(t=>(0,c.q)`<line class="grid" x1="${l}" x2="${a-n}" y1="${o(E(t))}" y2="${o(E(t))}"/><text class="tick" x="${l-8}" y="${o(E(t)+4)}" text-anchor="end">${(0,x.B4)(t)}</text>`),I=`above ${(0,x._V)(f)}`,h=d.map((t,u)=>{if(t===0)return!1;const q=e.open&&u===i-1,U=e.start+u*e.step,K=q?I:`${(0,x._V)(U)} to ${(0,x._V)(U+e.step)}`;return(0,c.q)`<rect class="${q?"column open":"column"}" x="${o(l+u*p+.5)}" y="${o(E(t))}" width="${o(p-1)}" height="${o(M-E(t))}"><title>${(0,x.pq)(t,"trial")}: ${K}</title></rect>`}),D=Math.ceil(e.bins/7),j=a-n-(e.open?y(I)+24:0),N=Array.from({length:Math.floor(e.bins/D)+1},(t,u)=>e.start+u*D*e.step).filter(t=>w(t)<=j).map(t=>(0,c.q)`<text class="tick" x="${o(w(t))}" y="${M+18}" text-anchor="middle">${(0,x._V)(t)}</text>`),Y=e.open&&(0,c.q)`<text class="tick" x="${a-n}" y="${M+18}" text-anchor="end">${I}</text>`,J=b.map(({label:t,at:u,kind:q},U)=>{const K=14+18*k[U],F=w(u)+y(t)>a;return(0,c.q)`<line class="marker ${q}-line" x1="${o(w(u))}" x2="${o(w(u))}" y1="${K-10}" y2="${M}"/><text class="label ${q}-label" x="${o(w(u)+(F?-5:5))}" y="${K}" text-anchor="${F?"end":"start"}">${t}</text>`}),Z=`Latency of ${(0,x.pq)(r.length,"trial")}: ${s.map(({label:t})=>t).join(", ")}`;return{svg:(0,c.q)`<svg class="histogram" role="img" viewBox="0 0 ${a} ${o(T)}"><title>${(0,P.Jj)(Z,400)}</title>${W}${h}<line class="axis" x1="${l}" x2="${a-n}" y1="${M}" y2="${M}"/>${N}${Y}${J}</svg>`,beyond:s.filter(t=>!b.includes(t))}}function L(r,s){const e=[];return r.map(({at:i,width:d})=>{const[a,l]=i+d>s?[i-d,i]:[i,i+d];let n=e.findIndex(m=>m.every(f=>l<=f.from||a>=f.to));return n===-1&&(n=e.push([])-1),e[n].push({from:a,to:l}),n})}}),82414:((V,A,v)=>{v.d(A,{Y:()=>P});const P=`
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
`}),39241:((V,A,v)=>{v.d(A,{q:()=>o});var P=v(30064);class c{text;constructor(z){this.text=z}}function x(g){return g instanceof c?g.text:Array.isArray(g)?g.map(x).join(""):g===!1||g===void 0?"":(0,P.B2)(String(g))}function o(g,...z){return new c(g.map((O,B)=>O+(B<z.length?x(z[B]):"")).join(""))}})};export{Q as id,X as ids,ee as modules};
