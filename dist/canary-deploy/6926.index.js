const R=6926,L=[6926,4113],C={91783:((j,g,s)=>{s.d(g,{PT:()=>m,be:()=>f,dr:()=>M,g3:()=>a});var S=s(31421);const a=2e3,O=500,y=8*1024,w=process.platform!=="win32",u=new Set;function c(i,o){try{w?process.kill(-i.pid,o):i.kill(o)}catch{}}const _=()=>{for(const i of u)c(i,"SIGKILL")};class m{ended;#t;#e=[];#n=0;#r=!1;constructor(o,h){let P=()=>{};this.ended=new Promise(T=>{P=T});try{this.#t=(0,S.spawn)(o[0],o.slice(1),{cwd:h.cwd,env:h.env,detached:w})}catch(T){P({error:T});return}const l=this.#t;l.stdin?.on("error",()=>{}),l.on("error",T=>{l.pid===void 0&&P({error:T})}),l.pid!==void 0&&(l.stdout.on("data",h.onStdout),l.stderr.on("data",T=>this.#s(T)),u.size===0&&process.on("exit",_),u.add(l),l.on("exit",()=>{c(l,"SIGKILL"),u.delete(l),u.size===0&&process.off("exit",_);const T=setTimeout(()=>{l.stdout.destroy(),l.stderr.destroy()},O);l.on("close",(v,$)=>{clearTimeout(T),P({code:v,signal:$})})}))}write(o){this.#t?.stdin?.write(o)}endInput(o=""){this.#t?.stdin?.end(o)}end(){if(this.#r)return;this.#r=!0,this.#o("SIGTERM");const o=setTimeout(()=>this.kill(),a);this.ended.then(()=>clearTimeout(o))}kill(){this.#o("SIGKILL")}stderrTail(){return Buffer.concat(this.#e).subarray(-y).toString("utf8").trim()}#o(o){this.#t&&u.has(this.#t)&&c(this.#t,o)}#s(o){for(this.#e.push(o),this.#n+=o.length;this.#n-this.#e[0].length>=y;)this.#n-=this.#e.shift().length}}function f(i,o){return"error"in i?`could not be started: ${E(i.error,o)}`:i.signal?`was killed by ${i.signal}`:`exited with code ${i.code}`}function E({code:i,message:o},h){return i==="ENOENT"?`the command "${h}" was not found; check its name and the PATH`:i==="EACCES"?`"${h}" is not executable; run chmod +x, or name its interpreter`:o}const M=i=>i===""?"; stderr is empty":`; stderr ends with: ${i.slice(-2e3)}`}),63399:((j,g,s)=>{s.d(g,{Q:()=>a});const S=/^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|(?:GITHUB|GH)_(?:ENTERPRISE_)?TOKEN|LANGSMITH_API_KEY)$/i;function a(O,y){const w={};for(const[u,c]of Object.entries(O))c!==void 0&&!S.test(u)&&(w[u]=c);return{...w,...y,AGENT_CI:"1"}}}),59931:((j,g,s)=>{s.d(g,{V:()=>u,m:()=>w});var S=s(25998),a=s(91783),O=s(63399);const y=2**20;function w(c,_=[]){const m=Object.entries(c).filter(([E])=>!(0,S.e)(E)),f=_.flatMap(E=>c[E]===void 0?[]:[[E,c[E]]]);return(0,O.Q)(Object.fromEntries(m),Object.fromEntries(f))}async function u(c,_,m,f){const E=[];let M=0,i;const o=new a.PT(c,{cwd:_.cwd,env:_.env,onStdout:v=>{M+=v.length,M<=y?E.push(v):h(`wrote more than ${y} bytes to stdout`)}}),h=v=>{i??=v,o.kill()},P=setTimeout(()=>h(`took more than ${_.timeoutMs} ms`),_.timeoutMs),l=()=>h("was stopped");f.addEventListener("abort",l),f.aborted&&l(),o.endInput(m);const T=await o.ended;return clearTimeout(P),f.removeEventListener("abort",l),"error"in T?{problem:(0,a.be)(T,c[0])}:(i===void 0&&T.code!==0&&(i=(0,a.be)(T,c[0])),i!==void 0?{problem:i+(0,a.dr)(o.stderrTail())}:{stdout:Buffer.concat(E).toString("utf8")})}}),43658:((j,g,s)=>{s.d(g,{j:()=>_});var S=s(77598),a=s(59931),O=s(17359);const y=6e4,w=`
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
`;const f=/^(?!\s*$)\s+/m.exec(m)?.[0]??"    ";return`import json

def main(output, context):
${m.split(`
`).map(M=>`${f}${M}`).join(`
`)}
`}async function _(m,f,E,{cwd:M,env:i},o){const h=`${(0,S.randomUUID)()} `,P=m.language==="python",l=P?[i.PROMPTFOO_PYTHON||"python3","-c",u]:[process.execPath,"--disable-warning=ExperimentalWarning","--input-type=module","-e",w],{language:T,...v}=m,$=P&&"code"in v?{...v,code:c(v.code)}:P?{...v,function:"function"in v?v.function??"get_assert":void 0}:v,A={cwd:M,env:(0,a.m)(i),timeoutMs:y},I=await(0,a.V)(l,A,JSON.stringify({mark:h,...$,input:f,context:E}),o);if("problem"in I)throw new O.r0(`The script ${I.problem}`);const n=I.stdout.split(`
`).findLast(r=>r.startsWith(h));if(n===void 0)throw new O.r0("The script ended without a result");const t=JSON.parse(n.slice(h.length));return t.nothing?{thrown:"it returned nothing"}:t}}),24113:((j,g,s)=>{s.r(g),s.d(g,{contextOf:()=>i,scriptChecks:()=>I,scriptFile:()=>E});var S=s(73024),a=s(76760),O=s(92350),y=s(30064),w=s(25525),u=s(17359);function c(n){let t="",r=-1;for(let e=0;e<n.length;e++){const d=n[e];d==="\\"?e++:t!==""?t=d===t?"":t:d==='"'||d==="'"||d==="`"?t=d:d===";"&&(r=e)}return r}function _(n){const t=n.trim().replace(/;+\s*$/,"");if(!/^(?:const|let|var)\s/.test(t))return`return ${t}`;const r=c(t),e=t.slice(r+1).trim();return r<0||e===""?t:`${t.slice(0,r+1)} return ${e}`}var m=s(43658);const f="true or false, a number, or {pass, score, reason}";function E(n,t){const[,r="",,e]=/^file:\/\/(.+?\.(js|cjs|mjs|ts|cts|mts|py))(?::(\w+))?$/.exec(n)??[];if(r==="")return;const d=(0,a.resolve)(t,r);if(!(0,S.existsSync)(d))throw new u.sG(`It names the script ${r}, which does not exist`,"Correct the path");return{language:r.endsWith(".py")?"python":"javascript",file:d,function:e}}function M(n,t,r){const{value:e}=n;if(typeof e!="string"||e.trim()==="")throw new u.sG(`Its value is no ${t}`);const d=E(e,r);if(d)return d;if(e.startsWith("file://"))throw new u.sG(`Its value ${e} is no ${t} file`);const p=e.trimEnd();return t==="python"?{language:t,code:p}:{language:t,code:p.includes(`
`)?p:_(p),first:"output"}}const i=({input:n,vars:t,metadata:r,reply:e,output:d},p)=>({prompt:typeof n=="string"?n:JSON.stringify(n),vars:t,test:{vars:t,metadata:r},metadata:r,providerResponse:{output:d,...e.usage.costUsd!==void 0&&{cost:e.usage.costUsd},latencyMs:e.latencyMs},toolCalls:e.toolCalls,...p&&{config:p}}),o=n=>(0,O.OW)(n)&&Object.values(n).every(t=>typeof t=="number")?n:void 0;function h({inverse:n},t,r){const e=t!==n;return{passed:e,score:r??(e?1:0),reason:e?"The script agrees":`The script returned ${r??t}`}}const P=(n,t)=>h(n,n.threshold===void 0?t>0:t>=n.threshold,t);function l(n,t){const{pass:r,score:e,reason:d,namedScores:p,namedScoreWeights:x}=t;if(typeof r!="boolean"||typeof e!="number"||typeof d!="string")return;const b=o(p),D=o(x);return{passed:r!==n.inverse,score:e,reason:(0,y.Jj)(d,500)||`The script returned ${r}`,...b&&{named:b},...D&&{namedWeights:D}}}function T(n,t){return typeof t=="boolean"?h(n,t,void 0):typeof t=="number"?P(n,t):(0,O.OW)(t)?l(n,t):void 0}const v={pass_:"pass",named_scores:"namedScores"};function $(n,t){let r=t;if(typeof r=="string"){const p=r.toLowerCase();if(p==="true"||p==="false")return h(n,p==="true",void 0);if(r.startsWith("{"))try{r=JSON.parse(r)}catch{return}}if(typeof r=="boolean")return h(n,r,void 0);if(!(0,O.OW)(r)){const p=Number.parseFloat(String(r));return Number.isNaN(p)?void 0:P(n,p)}const e={...r};for(const[p,x]of Object.entries(v))p in e&&(e[x]??=e[p]);const{threshold:d}=n;return d!==void 0&&typeof e.score=="number"&&e.score<d&&(e.pass=typeof e.pass=="boolean"?!1:e.pass,e.reason=`The score ${e.score} is below the threshold ${d}: ${String(e.reason??"")}`),l(n,e)}const A=n=>(t,r)=>{const e=M(t,n,r.directory),d={cwd:r.directory,env:r.env};return async(p,x)=>{const b=await(0,m.j)(e,p.output,i(p,t.config),d,x);return"thrown"in b?{passed:!1,score:0,reason:`The script failed: ${(0,y.Jj)(b.thrown,300)}`}:(n==="python"?$:T)(t,b.value)??{passed:!1,score:0,reason:`The script returned ${(0,w.fp)(b.value)}, expected ${f}`}}},I={javascript:A("javascript"),python:A("python")}}),76926:((j,g,s)=>{s.r(g),s.d(g,{makeTransform:()=>u,transformScript:()=>w});var S=s(30064),a=s(17359),O=s(24113),y=s(43658);function w(c,_,m){const f=(0,O.scriptFile)(c,_);if(f&&"file"in f)return f.language==="python"?{...f,function:f.function??"get_transform"}:f;if(c.startsWith("file://"))throw new a.sG(`The transform ${c} is no file of JavaScript or Python`);return{language:"javascript",code:c.includes(`
`)?c:`return ${c}`,first:m}}function u(c,{directory:_,env:m}){const f=w(c,_,"output");return async(E,M,i)=>{const o=await(0,y.j)(f,E,M,{cwd:_,env:m},i);if("thrown"in o)throw new a.r0(`The transform failed: ${(0,S.Jj)(o.thrown,300)}`);if(o.value===null)throw new a.r0("The transform returned nothing");return o.value}}}),25525:((j,g,s)=>{s.d(g,{fp:()=>y,hD:()=>O,lV:()=>w});var S=s(30064);const a=200,O=u=>`"${(0,S.Jj)(u,a)}"`;function y(u){try{return(0,S.Jj)(JSON.stringify(u),a)}catch(c){if(c instanceof RangeError)return"a deeply nested value";throw c}}const w=u=>(0,S.Jj)(u.map(y).join(" or "),a)})};export{R as id,L as ids,C as modules};
