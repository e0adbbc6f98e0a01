const D=6926,C=[6926,4113],L={91783:((j,g,s)=>{s.d(g,{PT:()=>m,be:()=>a,dr:()=>M,g3:()=>p});var _=s(31421);const p=2e3,w=500,T=8*1024,v=process.platform!=="win32",u=new Set;function c(i,o){try{v?process.kill(-i.pid,o):i.kill(o)}catch{}}const E=()=>{for(const i of u)c(i,"SIGKILL")};class m{ended;#t;#e=[];#n=0;#r=!1;constructor(o,h){let P=()=>{};this.ended=new Promise(O=>{P=O});try{this.#t=(0,_.spawn)(o[0],o.slice(1),{cwd:h.cwd,env:h.env,detached:v})}catch(O){P({error:O});return}const f=this.#t;f.stdin?.on("error",()=>{}),f.on("error",O=>{f.pid===void 0&&P({error:O})}),f.pid!==void 0&&(f.stdout.on("data",h.onStdout),f.stderr.on("data",O=>this.#s(O)),u.size===0&&process.on("exit",E),u.add(f),f.on("exit",()=>{c(f,"SIGKILL"),u.delete(f),u.size===0&&process.off("exit",E);const O=setTimeout(()=>{f.stdout.destroy(),f.stderr.destroy()},w);f.on("close",(S,$)=>{clearTimeout(O),P({code:S,signal:$})})}))}write(o){this.#t?.stdin?.write(o)}endInput(o=""){this.#t?.stdin?.end(o)}end(){if(this.#r)return;this.#r=!0,this.#o("SIGTERM");const o=setTimeout(()=>this.kill(),p);this.ended.then(()=>clearTimeout(o))}kill(){this.#o("SIGKILL")}stderrTail(){return Buffer.concat(this.#e).subarray(-T).toString("utf8").trim()}#o(o){this.#t&&u.has(this.#t)&&c(this.#t,o)}#s(o){for(this.#e.push(o),this.#n+=o.length;this.#n-this.#e[0].length>=T;)this.#n-=this.#e.shift().length}}function a(i,o){return"error"in i?`could not be started: ${y(i.error,o)}`:i.signal?`was killed by ${i.signal}`:`exited with code ${i.code}`}function y({code:i,message:o},h){return i==="ENOENT"?`the command "${h}" was not found; check its name and the PATH`:i==="EACCES"?`"${h}" is not executable; run chmod +x, or name its interpreter`:o}const M=i=>i===""?"; stderr is empty":`; stderr ends with: ${i.slice(-2e3)}`}),63399:((j,g,s)=>{s.d(g,{Q:()=>p});const _=/^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|(?:GITHUB|GH)_(?:ENTERPRISE_)?TOKEN|LANGSMITH_API_KEY)$/i;function p(w,T){const v={};for(const[u,c]of Object.entries(w))c!==void 0&&!_.test(u)&&(v[u]=c);return{...v,...T,AGENT_CI:"1"}}}),59931:((j,g,s)=>{s.d(g,{V:()=>u,m:()=>v});var _=s(91783),p=s(63399);const w=/(?:API_KEY|TOKEN|SECRET|PASSWORD)$/i,T=2**20;function v(c,E=[]){const m=Object.entries(c).filter(([y])=>!w.test(y)),a=E.flatMap(y=>c[y]===void 0?[]:[[y,c[y]]]);return(0,p.Q)(Object.fromEntries(m),Object.fromEntries(a))}async function u(c,E,m,a){const y=[];let M=0,i;const o=new _.PT(c,{cwd:E.cwd,env:E.env,onStdout:S=>{M+=S.length,M<=T?y.push(S):h(`wrote more than ${T} bytes to stdout`)}}),h=S=>{i??=S,o.kill()},P=setTimeout(()=>h(`took more than ${E.timeoutMs} ms`),E.timeoutMs),f=()=>h("was stopped");a.addEventListener("abort",f),a.aborted&&f(),o.endInput(m);const O=await o.ended;return clearTimeout(P),a.removeEventListener("abort",f),"error"in O?{problem:(0,_.be)(O,c[0])}:(i===void 0&&O.code!==0&&(i=(0,_.be)(O,c[0])),i!==void 0?{problem:i+(0,_.dr)(o.stderrTail())}:{stdout:Buffer.concat(y).toString("utf8")})}}),43658:((j,g,s)=>{s.d(g,{j:()=>E});var _=s(77598),p=s(59931),w=s(17359);const T=6e4,v=`
import { pathToFileURL } from 'node:url'
import { text } from 'node:stream/consumers'
const { mark, code, first, file, function: name, input, context } = JSON.parse(await text(process.stdin))
const say = (outcome) => process.stdout.write('\\n' + mark + JSON.stringify(outcome) + '\\n')
try {
  let run
  if (file === undefined) run = new Function(first, 'context', 'process', code)
  else {
    const loaded = await import(pathToFileURL(file).href)
    const named = (from) => (name === undefined ? from : from?.[name])
    run = [named(loaded), named(loaded.default), loaded.default?.default].find((found) => typeof found === 'function')
    if (run === undefined) throw new Error('the file exports no function' + (name === undefined ? ' as its default' : ' ' + name))
  }
  const value = await run(input, context, process)
  say({ value: value === undefined ? null : value, nothing: value === undefined })
} catch (error) {
  say({ thrown: error instanceof Error ? error.message : String(error) })
}
`,u=`
import asyncio, importlib.util, inspect, json, os, sys
request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
def say(outcome):
    sys.stdout.write("\\n" + request["mark"] + json.dumps(outcome) + "\\n")
    sys.stdout.flush()
try:
    if "code" in request:
        scope = {}
        exec(request["code"], scope)
        run = scope["main"]
    else:
        path = request["file"]
        sys.path.insert(0, os.path.dirname(path))
        spec = importlib.util.spec_from_file_location("promptfoo_script", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        run = getattr(module, request["function"])
    value = run(request["input"], request["context"])
    if inspect.isawaitable(value):
        value = asyncio.run(value)
    say({"value": value, "nothing": value is None})
except BaseException as error:
    say({"thrown": f"{type(error).__name__}: {error}"})
`;function c(m){if(!m.includes(`
`))return`import json

def main(output, context):
    return ${m}
`;const a=/^(?!\s*$)\s+/m.exec(m)?.[0]??"    ";return`import json

def main(output, context):
${m.split(`
`).map(M=>`${a}${M}`).join(`
`)}
`}async function E(m,a,y,{cwd:M,env:i},o){const h=`${(0,_.randomUUID)()} `,P=m.language==="python",f=P?[i.PROMPTFOO_PYTHON||"python3","-c",u]:[process.execPath,"--disable-warning=ExperimentalWarning","--input-type=module","-e",v],{language:O,...S}=m,$=P&&"code"in S?{...S,code:c(S.code)}:P?{...S,function:"function"in S?S.function??"get_assert":void 0}:S,A={cwd:M,env:(0,p.m)(i),timeoutMs:T},I=await(0,p.V)(f,A,JSON.stringify({mark:h,...$,input:a,context:y}),o);if("problem"in I)throw new w.r0(`The script ${I.problem}`);const n=I.stdout.split(`
`).findLast(r=>r.startsWith(h));if(n===void 0)throw new w.r0("The script ended without a result");const t=JSON.parse(n.slice(h.length));return t.nothing?{thrown:"it returned nothing"}:t}}),24113:((j,g,s)=>{s.r(g),s.d(g,{contextOf:()=>i,scriptChecks:()=>I,scriptFile:()=>y});var _=s(73024),p=s(76760),w=s(92350),T=s(30064),v=s(25525),u=s(17359);function c(n){let t="",r=-1;for(let e=0;e<n.length;e++){const d=n[e];d==="\\"?e++:t!==""?t=d===t?"":t:d==='"'||d==="'"||d==="`"?t=d:d===";"&&(r=e)}return r}function E(n){const t=n.trim().replace(/;+\s*$/,"");if(!/^(?:const|let|var)\s/.test(t))return`return ${t}`;const r=c(t),e=t.slice(r+1).trim();return r<0||e===""?t:`${t.slice(0,r+1)} return ${e}`}var m=s(43658);const a="true or false, a number, or {pass, score, reason}";function y(n,t){const[,r="",,e]=/^file:\/\/(.+?\.(js|cjs|mjs|ts|cts|mts|py))(?::(\w+))?$/.exec(n)??[];if(r==="")return;const d=(0,p.resolve)(t,r);if(!(0,_.existsSync)(d))throw new u.sG(`It names the script ${r}, which does not exist`,"Correct the path");return{language:r.endsWith(".py")?"python":"javascript",file:d,function:e}}function M(n,t,r){const{value:e}=n;if(typeof e!="string"||e.trim()==="")throw new u.sG(`Its value is no ${t}`);const d=y(e,r);if(d)return d;if(e.startsWith("file://"))throw new u.sG(`Its value ${e} is no ${t} file`);const l=e.trimEnd();return t==="python"?{language:t,code:l}:{language:t,code:l.includes(`
`)?l:E(l),first:"output"}}const i=({input:n,vars:t,metadata:r,reply:e,output:d},l)=>({prompt:typeof n=="string"?n:JSON.stringify(n),vars:t,test:{vars:t,metadata:r},metadata:r,providerResponse:{output:d,...e.usage.costUsd!==void 0&&{cost:e.usage.costUsd},latencyMs:e.latencyMs},toolCalls:e.toolCalls,...l&&{config:l}}),o=n=>(0,w.OW)(n)&&Object.values(n).every(t=>typeof t=="number")?n:void 0;function h({inverse:n},t,r){const e=t!==n;return{passed:e,score:r??(e?1:0),reason:e?"The script agrees":`The script returned ${r??t}`}}const P=(n,t)=>h(n,n.threshold===void 0?t>0:t>=n.threshold,t);function f(n,t){const{pass:r,score:e,reason:d,namedScores:l,namedScoreWeights:x}=t;if(typeof r!="boolean"||typeof e!="number"||typeof d!="string")return;const b=o(l),R=o(x);return{passed:r!==n.inverse,score:e,reason:(0,T.Jj)(d,500)||`The script returned ${r}`,...b&&{named:b},...R&&{namedWeights:R}}}function O(n,t){return typeof t=="boolean"?h(n,t,void 0):typeof t=="number"?P(n,t):(0,w.OW)(t)?f(n,t):void 0}const S={pass_:"pass",named_scores:"namedScores"};function $(n,t){let r=t;if(typeof r=="string"){const l=r.toLowerCase();if(l==="true"||l==="false")return h(n,l==="true",void 0);if(r.startsWith("{"))try{r=JSON.parse(r)}catch{return}}if(typeof r=="boolean")return h(n,r,void 0);if(!(0,w.OW)(r)){const l=Number.parseFloat(String(r));return Number.isNaN(l)?void 0:P(n,l)}const e={...r};for(const[l,x]of Object.entries(S))l in e&&(e[x]??=e[l]);const{threshold:d}=n;return d!==void 0&&typeof e.score=="number"&&e.score<d&&(e.pass=typeof e.pass=="boolean"?!1:e.pass,e.reason=`The score ${e.score} is below the threshold ${d}: ${String(e.reason??"")}`),f(n,e)}const A=n=>(t,r)=>{const e=M(t,n,r.directory),d={cwd:r.directory,env:r.env};return async(l,x)=>{const b=await(0,m.j)(e,l.output,i(l,t.config),d,x);return"thrown"in b?{passed:!1,score:0,reason:`The script failed: ${(0,T.Jj)(b.thrown,300)}`}:(n==="python"?$:O)(t,b.value)??{passed:!1,score:0,reason:`The script returned ${(0,v.fp)(b.value)}, expected ${a}`}}},I={javascript:A("javascript"),python:A("python")}}),76926:((j,g,s)=>{s.r(g),s.d(g,{makeTransform:()=>u,transformScript:()=>v});var _=s(30064),p=s(17359),w=s(24113),T=s(43658);function v(c,E,m){const a=(0,w.scriptFile)(c,E);if(a&&"file"in a)return a.language==="python"?{...a,function:a.function??"get_transform"}:a;if(c.startsWith("file://"))throw new p.sG(`The transform ${c} is no file of JavaScript or Python`);return{language:"javascript",code:c.includes(`
`)?c:`return ${c}`,first:m}}function u(c,{directory:E,env:m}){const a=v(c,E,"output");return async(y,M,i)=>{const o=await(0,T.j)(a,y,M,{cwd:E,env:m},i);if("thrown"in o)throw new p.r0(`The transform failed: ${(0,_.Jj)(o.thrown,300)}`);if(o.value===null)throw new p.r0("The transform returned nothing");return o.value}}}),25525:((j,g,s)=>{s.d(g,{fp:()=>T,hD:()=>w,lV:()=>v});var _=s(30064);const p=200,w=u=>`"${(0,_.Jj)(u,p)}"`;function T(u){try{return(0,_.Jj)(JSON.stringify(u),p)}catch(c){if(c instanceof RangeError)return"a deeply nested value";throw c}}const v=u=>(0,_.Jj)(u.map(T).join(" or "),p)})};export{D as id,C as ids,L as modules};
