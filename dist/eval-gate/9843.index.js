const A=9843,L=[9843],f={72224:((j,i,t)=>{t.r(i),t.d(i,{renderExposition:()=>p});var c=t(30064);const u=200,$=e=>(0,c.RK)((0,c.Jj)(e,u)).replaceAll("\\","\\\\").replaceAll(`
`,"\\n").replaceAll('"','\\"');function d(e){const n=Object.entries(e).filter(l=>l[1]!==null);return n.length===0?"":`{${n.map(([l,o])=>`${l}="${$(o)}"`).join(",")}}`}function p(e){return e.map(({name:n,type:l,help:o,samples:E})=>{const s=E.filter(({value:r})=>r!==null).map(({suffix:r="",labels:a={},value:_})=>`${n}${r}${d(a)} ${_}
`);return s.length===0?"":`# HELP ${n} ${o}
# TYPE ${n} ${l}
${s.join("")}`}).join("")}})};export{A as id,L as ids,f as modules};
