const $=5577,A=[5577],E={63068:((_,l,i)=>{i.d(l,{V:()=>c});const c=a=>({verdict:"passed",exitStatus:0,headline:a})}),45577:((_,l,i)=>{i.r(l),i.d(l,{initCommand:()=>n});var c=i(73024),a=i(76760),d=i(71403),m=i(49449),f=i(63068);const h=e=>`# yaml-language-server: $schema=https://raw.githubusercontent.com/org/agent-ci/v1/schema/agent-ci.schema.json
version: 1
agent: ${e}
datasets:
  golden: evals/golden.jsonl
gates:
  - accuracy >= 0.85
  - latency_p95_ms <= 5s
`,p=`{"id": "greeting", "input": "hello", "expected": "hello", "tags": ["smalltalk"]}
{"id": "order-status", "input": "Where is order 12345?", "expected": "Where is order 12345?", "tags": ["orders"]}
{"id": "farewell", "input": "Thank you, bye!", "expected": "Thank you, bye!", "tags": ["smalltalk"]}
`,g=`"""The agent as agent-ci calls it: one question in, one answer out."""


def answer(question: str) -> str:
    # Call your agent here. Return {"output": ..., "tool_calls": [{"name": ..., "args": {...}}]} to have its tools judged too.
    return question
`,y=`// The agent as agent-ci calls it: one JSON object a line on stdin, one answer a line on stdout.
import { createInterface } from 'node:readline'

async function answer(question) {
  // Call your agent here. Add tool_calls: [{ name, args }] to the reply below to have its tools judged too.
  return question
}

for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: await answer(input) }))
}
`,w={python:`      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: '3.12'
`,node:`      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with:
          node-version: 24
`},v=e=>`name: Evaluation
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  evaluate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
${w[e]}      - uses: org/agent-ci/eval-gate@v1
`;function N(e){return{"agent-ci.yaml":h(e==="python"?"python:evals.agent:answer":"command:node evals/agent.mjs"),"evals/golden.jsonl":p,...e==="python"?{"evals/agent.py":g}:{"evals/agent.mjs":y},".github/workflows/evaluation.yml":v(e)}}const b=["python","node"],t=["pyproject.toml","requirements.txt","setup.py","setup.cfg","Pipfile","uv.lock"];function o(e){const s=e.input("language");return s!==""?(0,m.HU)(s,{name:"language"},b):t.some(r=>(0,c.existsSync)((0,a.join)(e.cwd,r)))?"python":"node"}const n={summary:"write a configuration, an adapter for your agent, a dataset of three and a workflow",options:{language:"`python` or `node` (default: what the project looks like)"},flags:{},run:async e=>{const s=N(o(e)),r=Object.keys(s).filter(u=>(0,c.existsSync)((0,a.join)(e.cwd,u)));if(r.length>0)throw new d.j1(r.map(u=>({what:`${u} is there already`,why:"init overwrites nothing",mend:"Move it away, or go on with what you have"})));for(const[u,j]of Object.entries(s))(0,c.mkdirSync)((0,a.join)(e.cwd,(0,a.dirname)(u)),{recursive:!0}),(0,c.writeFileSync)((0,a.join)(e.cwd,u),j,{flag:"wx"}),e.info(`wrote ${u}`);return(0,f.V)("Next: agent-ci eval, then let the adapter in evals/ call your agent and put real questions into evals/golden.jsonl")}}}),49449:((_,l,i)=>{i.d(l,{C_:()=>g,E1:()=>v,HU:()=>y,WN:()=>m,sW:()=>N,uK:()=>b,yG:()=>w,yi:()=>h,z2:()=>p});var c=i(71403);function a(t,o,n,e){throw new c.j1({what:`${t.name} is ${JSON.stringify(o)}`,why:`Expected ${n}`,mend:`Write for example ${t.name}: ${e}`,...t.source&&{source:t.source}})}const d=/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;function m(t,o){const n=t.trim(),e=n.endsWith("%"),s=e?n.slice(0,-1).trim():n,r=d.test(s)?Number(e?`${s}e-2`:s):Number.NaN;return r>=0&&r<=1||a(o,t,"a fraction from 0 to 1 or a percentage","0.85"),r}const f={ms:1,s:1e3,m:6e4,h:36e5,d:864e5};function h(t,o,n){const e=t.trim();if(n&&d.test(e)&&Number(e)>=0)return Number(e)*f[n];const s=[...e.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)];return(s.length===0||s.map(r=>r[0]).join("")!==e.replaceAll(/(?<=[a-z])\s+/g,""))&&a(o,t,`a duration such as 500ms, 30s or 5m${n?`, or a number of ${n==="ms"?"milliseconds":"seconds"}`:""}`,"30s"),s.reduce((r,[,u,j])=>r+Number(u)*f[j],0)}function p(t,o,n,e=Number.MAX_SAFE_INTEGER){const s=/^\d+$/.test(t.trim())?Number(t):Number.NaN;if(!(s>=n&&s<=e)){const r=e===Number.MAX_SAFE_INTEGER?`of at least ${n}`:`from ${n} to ${e}`;a(o,t,`a whole number ${r}`,String(Math.max(n,1)))}return s}function g(t,o,n="1.50"){const e=d.test(t.trim())?Number(t):Number.NaN;return e>=0&&Number.isFinite(e)||a(o,t,"a number of at least 0",n),e}function y(t,o,n){const e=n.find(s=>s===t.trim());return e===void 0&&a(o,t,`one of ${n.join(", ")}`,n[0]),e}function w(t,o){const n=t.trim().toLowerCase();return n!=="true"&&n!=="false"&&a(o,t,"true or false","true"),n==="true"}const v=t=>t.split(/[\n,]/).map(o=>o.trim()).filter(o=>o!=="");function N(t,o){return t.trim().endsWith("%")?{share:m(t,o)}:{count:p(t,o,1)}}function b(t,o){const n=/^(\d+)\/(\d+)$/.exec(t.trim()),e=Number(n?.[1]),s=Number(n?.[2]);return(!n||e<1||e>s)&&a(o,t,"a shard as index/count, the index from 1","2/8"),{index:e,of:s}}})};export{$ as id,A as ids,E as modules};
