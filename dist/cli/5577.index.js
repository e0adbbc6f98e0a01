const E=5577,A=[5577],T={63068:((_,c,r)=>{r.d(c,{V:()=>u});const u=a=>({verdict:"passed",exitStatus:0,headline:a})}),45577:((_,c,r)=>{r.r(c),r.d(c,{initCommand:()=>t});var u=r(73024),a=r(76760),l=r(71403),d=r(49449),m=r(63068);const f=e=>`# yaml-language-server: $schema=https://raw.githubusercontent.com/org/agent-ci/v1/schema/agent-ci.schema.json
version: 1
agent: ${e}
datasets:
  golden: evals/golden.jsonl
gates:
  - accuracy >= 0.85
  - latency_p95_ms <= 5s
`,h=`{"id": "greeting", "input": "hello", "expected": "hello", "tags": ["smalltalk"]}
{"id": "order-status", "input": "Where is order 12345?", "expected": "Where is order 12345?", "tags": ["orders"]}
{"id": "farewell", "input": "Thank you, bye!", "expected": "Thank you, bye!", "tags": ["smalltalk"]}
`,g=`"""The agent as agent-ci calls it: one question in, one answer out."""


def answer(question: str) -> str:
    # Call your agent here. Return {"output": ..., "tool_calls": [{"name": ..., "args": {...}}]} to have its tools judged too.
    return question
`,p=`// The agent as agent-ci calls it: one JSON object a line on stdin, one answer a line on stdout.
import { createInterface } from 'node:readline'

async function answer(question) {
  // Call your agent here. Add tool_calls: [{ name, args }] to the reply below to have its tools judged too.
  return question
}

for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: await answer(input) }))
}
`,y={python:`      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
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
${y[e]}      - uses: org/agent-ci/eval-gate@v1
`;function w(e){return{"agent-ci.yaml":f(e==="python"?"python:evals.agent:answer":"command:node evals/agent.mjs"),"evals/golden.jsonl":h,...e==="python"?{"evals/agent.py":g}:{"evals/agent.mjs":p},".github/workflows/evaluation.yml":v(e)}}const N=["python","node"],b=["pyproject.toml","requirements.txt","setup.py","setup.cfg","Pipfile","uv.lock"];function j(e){const n=e.input("language");if(n!=="")return(0,d.HU)(n,{name:"language"},N);const s=(0,u.readdirSync)(e.cwd);return b.some(o=>s.includes(o))||s.some(o=>o.endsWith(".py"))&&!s.includes("package.json")?"python":"node"}const t={options:{language:"What the agent is written in, `python` or `node` (default: what the project looks like)"},flags:{},run:async e=>{const n=w(j(e)),s=Object.keys(n).filter(o=>(0,u.existsSync)((0,a.join)(e.cwd,o)));if(s.length>0)throw new l.j1(s.map(o=>({what:`${o} is there already`,why:"init overwrites nothing",mend:"Move it away, or go on with what you have"})));for(const[o,i]of Object.entries(n))(0,u.mkdirSync)((0,a.join)(e.cwd,(0,a.dirname)(o)),{recursive:!0}),(0,u.writeFileSync)((0,a.join)(e.cwd,o),i,{flag:"wx"}),e.info(`wrote ${o}`);return(0,m.V)("Next: agent-ci eval, then let the adapter in evals/ call your agent and put real questions into evals/golden.jsonl")}}}),49449:((_,c,r)=>{r.d(c,{C_:()=>y,E1:()=>N,HU:()=>v,WN:()=>d,jR:()=>g,sW:()=>b,uK:()=>j,yG:()=>w,yi:()=>f,z2:()=>p});var u=r(71403);function a(t,e,n,s){throw new u.j1({what:`${t.name} is ${JSON.stringify(e)}`,why:`Expected ${n}`,mend:`Write for example ${t.name}: ${s}`,...t.source&&{source:t.source}})}const l=/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;function d(t,e){const n=t.trim(),s=n.endsWith("%"),o=s?n.slice(0,-1).trim():n,i=l.test(o)?Number(s?`${o}e-2`:o):Number.NaN;return i>=0&&i<=1||a(e,t,"a fraction from 0 to 1 or a percentage","0.85"),i}const m={ms:1,s:1e3,m:6e4,h:36e5,d:864e5};function f(t,e,n){const s=t.trim();if(n&&l.test(s)&&Number(s)>=0)return Number(s)*m[n];const o=[...s.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)];return(o.length===0||o.map(i=>i[0]).join("")!==s.replaceAll(/(?<=[a-z])\s+/g,""))&&a(e,t,`a duration such as 500ms, 30s or 5m${n?`, or a number of ${n==="ms"?"milliseconds":"seconds"}`:""}`,"30s"),o.reduce((i,[,$,S])=>i+Number($)*m[S],0)}const h=2**31-1;function g(t,e,n){const s=f(t,e,n);return s>0&&s<=h||a(e,t,"a time of more than 0 and at most 24 days","60s"),s}function p(t,e,n,s=Number.MAX_SAFE_INTEGER){const o=/^\d+$/.test(t.trim())?Number(t):Number.NaN;if(!(o>=n&&o<=s)){const i=s===Number.MAX_SAFE_INTEGER?`of at least ${n}`:`from ${n} to ${s}`;a(e,t,`a whole number ${i}`,String(Math.max(n,1)))}return o}function y(t,e,n="1.50"){const s=l.test(t.trim())?Number(t):Number.NaN;return s>=0&&Number.isFinite(s)||a(e,t,"a number of at least 0",n),s}function v(t,e,n){const s=n.find(o=>o===t.trim());return s===void 0&&a(e,t,`one of ${n.join(", ")}`,n[0]),s}function w(t,e){const n=t.trim().toLowerCase();return n!=="true"&&n!=="false"&&a(e,t,"true or false","true"),n==="true"}const N=t=>t.split(/[\n,]/).map(e=>e.trim()).filter(e=>e!=="");function b(t,e){return t.trim().endsWith("%")?{share:d(t,e)}:{count:p(t,e,1)}}function j(t,e){const n=/^(\d+)\/(\d+)$/.exec(t.trim()),s=Number(n?.[1]),o=Number(n?.[2]);return(!n||s<1||s>o)&&a(e,t,"a shard as index/count, the index from 1","2/8"),{index:s,of:o}}})};export{E as id,A as ids,T as modules};
