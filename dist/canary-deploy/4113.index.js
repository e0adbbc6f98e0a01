const R=4113,L=[4113],C={91783:(($,b,i)=>{i.d(b,{PT:()=>E,be:()=>S,dr:()=>P,g3:()=>p});var w=i(31421);const p=2e3,T=500,y=8*1024,O=process.platform!=="win32",d=new Set;function f(s,r){try{O?process.kill(-s.pid,r):s.kill(r)}catch{}}const v=()=>{for(const s of d)f(s,"SIGKILL")};class E{ended;#e;#t=[];#n=0;#o=!1;constructor(r,l){let g=()=>{};this.ended=new Promise(m=>{g=m});try{this.#e=(0,w.spawn)(r[0],r.slice(1),{cwd:l.cwd,env:l.env,detached:O})}catch(m){g({error:m});return}const u=this.#e;u.stdin?.on("error",()=>{}),u.on("error",m=>{u.pid===void 0&&g({error:m})}),u.pid!==void 0&&(u.stdout.on("data",l.onStdout),u.stderr.on("data",m=>this.#s(m)),d.size===0&&process.on("exit",v),d.add(u),u.on("exit",()=>{f(u,"SIGKILL"),d.delete(u),d.size===0&&process.off("exit",v);const m=setTimeout(()=>{u.stdout.destroy(),u.stderr.destroy()},T);u.on("close",(_,x)=>{clearTimeout(m),g({code:_,signal:x})})}))}write(r){this.#e?.stdin?.write(r)}endInput(r=""){this.#e?.stdin?.end(r)}end(){if(this.#o)return;this.#o=!0,this.#r("SIGTERM");const r=setTimeout(()=>this.kill(),p);this.ended.then(()=>clearTimeout(r))}kill(){this.#r("SIGKILL")}stderrTail(){return Buffer.concat(this.#t).subarray(-y).toString("utf8").trim()}#r(r){this.#e&&d.has(this.#e)&&f(this.#e,r)}#s(r){for(this.#t.push(r),this.#n+=r.length;this.#n-this.#t[0].length>=y;)this.#n-=this.#t.shift().length}}function S(s,r){return"error"in s?`could not be started: ${h(s.error,r)}`:s.signal?`was killed by ${s.signal}`:`exited with code ${s.code}`}function h({code:s,message:r},l){return s==="ENOENT"?`the command "${l}" was not found; check its name and the PATH`:s==="EACCES"?`"${l}" is not executable; run chmod +x, or name its interpreter`:r}const P=s=>s===""?"; stderr is empty":`; stderr ends with: ${s.slice(-2e3)}`}),63399:(($,b,i)=>{i.d(b,{Q:()=>p});const w=/^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|(?:GITHUB|GH)_(?:ENTERPRISE_)?TOKEN|LANGSMITH_API_KEY)$/i;function p(T,y){const O={};for(const[d,f]of Object.entries(T))f!==void 0&&!w.test(d)&&(O[d]=f);return{...O,...y,AGENT_CI:"1"}}}),59931:(($,b,i)=>{i.d(b,{V:()=>d,m:()=>O});var w=i(25998),p=i(91783),T=i(63399);const y=2**20;function O(f,v=[]){const E=Object.entries(f).filter(([h])=>!(0,w.e)(h)),S=v.flatMap(h=>f[h]===void 0?[]:[[h,f[h]]]);return(0,T.Q)(Object.fromEntries(E),Object.fromEntries(S))}async function d(f,v,E,S){const h=[];let P=0,s;const r=new p.PT(f,{cwd:v.cwd,env:v.env,onStdout:_=>{P+=_.length,P<=y?h.push(_):l(`wrote more than ${y} bytes to stdout`)}}),l=_=>{s??=_,r.kill()},g=setTimeout(()=>l(`took more than ${v.timeoutMs} ms`),v.timeoutMs),u=()=>l("was stopped");S.addEventListener("abort",u),S.aborted&&u(),r.endInput(E);const m=await r.ended;return clearTimeout(g),S.removeEventListener("abort",u),"error"in m?{problem:(0,p.be)(m,f[0])}:(s===void 0&&m.code!==0&&(s=(0,p.be)(m,f[0])),s!==void 0?{problem:s+(0,p.dr)(r.stderrTail())}:{stdout:Buffer.concat(h).toString("utf8")})}}),43658:(($,b,i)=>{i.d(b,{j:()=>v});var w=i(77598),p=i(59931),T=i(17359);const y=6e4,O=`
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
`,d=`
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
`;function f(E){if(!E.includes(`
`))return`import json

def main(output, context):
    return ${E}
`;const S=/^(?!\s*$)\s+/m.exec(E)?.[0]??"    ";return`import json

def main(output, context):
${E.split(`
`).map(P=>`${S}${P}`).join(`
`)}
`}async function v(E,S,h,{cwd:P,env:s},r){const l=`${(0,w.randomUUID)()} `,g=E.language==="python",u=g?[s.PROMPTFOO_PYTHON||"python3","-c",d]:[process.execPath,"--disable-warning=ExperimentalWarning","--input-type=module","-e",O],{language:m,..._}=E,x=g&&"code"in _?{..._,code:f(_.code)}:g?{..._,function:"function"in _?_.function??"get_assert":void 0}:_,A={cwd:P,env:(0,p.m)(s),timeoutMs:y},j=await(0,p.V)(u,A,JSON.stringify({mark:l,...x,input:S,context:h}),r);if("problem"in j)throw new T.r0(`The script ${j.problem}`);const n=j.stdout.split(`
`).findLast(o=>o.startsWith(l));if(n===void 0)throw new T.r0("The script ended without a result");const e=JSON.parse(n.slice(l.length));return e.nothing?{thrown:"it returned nothing"}:e}}),24113:(($,b,i)=>{i.r(b),i.d(b,{contextOf:()=>s,scriptChecks:()=>j,scriptFile:()=>h});var w=i(73024),p=i(76760),T=i(92350),y=i(30064),O=i(25525),d=i(17359);function f(n){let e="",o=-1;for(let t=0;t<n.length;t++){const c=n[t];c==="\\"?t++:e!==""?e=c===e?"":e:c==='"'||c==="'"||c==="`"?e=c:c===";"&&(o=t)}return o}function v(n){const e=n.trim().replace(/;+\s*$/,"");if(!/^(?:const|let|var)\s/.test(e))return`return ${e}`;const o=f(e),t=e.slice(o+1).trim();return o<0||t===""?e:`${e.slice(0,o+1)} return ${t}`}var E=i(43658);const S="true or false, a number, or {pass, score, reason}";function h(n,e){const[,o="",,t]=/^file:\/\/(.+?\.(js|cjs|mjs|ts|cts|mts|py))(?::(\w+))?$/.exec(n)??[];if(o==="")return;const c=(0,p.resolve)(e,o);if(!(0,w.existsSync)(c))throw new d.sG(`It names the script ${o}, which does not exist`,"Correct the path");return{language:o.endsWith(".py")?"python":"javascript",file:c,function:t}}function P(n,e,o){const{value:t}=n;if(typeof t!="string"||t.trim()==="")throw new d.sG(`Its value is no ${e}`);const c=h(t,o);if(c)return c;if(t.startsWith("file://"))throw new d.sG(`Its value ${t} is no ${e} file`);const a=t.trimEnd();return e==="python"?{language:e,code:a}:{language:e,code:a.includes(`
`)?a:v(a),first:"output"}}const s=({input:n,vars:e,metadata:o,reply:t,output:c},a)=>({prompt:typeof n=="string"?n:JSON.stringify(n),vars:e,test:{vars:e,metadata:o},metadata:o,providerResponse:{output:c,...t.usage.costUsd!==void 0&&{cost:t.usage.costUsd},latencyMs:t.latencyMs},toolCalls:t.toolCalls,...a&&{config:a}}),r=n=>(0,T.OW)(n)&&Object.values(n).every(e=>typeof e=="number")?n:void 0;function l({inverse:n},e,o){const t=e!==n;return{passed:t,score:o??(t?1:0),reason:t?"The script agrees":`The script returned ${o??e}`}}const g=(n,e)=>l(n,n.threshold===void 0?e>0:e>=n.threshold,e);function u(n,e){const{pass:o,score:t,reason:c,namedScores:a,namedScoreWeights:I}=e;if(typeof o!="boolean"||typeof t!="number"||typeof c!="string")return;const M=r(a),N=r(I);return{passed:o!==n.inverse,score:t,reason:(0,y.Jj)(c,500)||`The script returned ${o}`,...M&&{named:M},...N&&{namedWeights:N}}}function m(n,e){return typeof e=="boolean"?l(n,e,void 0):typeof e=="number"?g(n,e):(0,T.OW)(e)?u(n,e):void 0}const _={pass_:"pass",named_scores:"namedScores"};function x(n,e){let o=e;if(typeof o=="string"){const a=o.toLowerCase();if(a==="true"||a==="false")return l(n,a==="true",void 0);if(o.startsWith("{"))try{o=JSON.parse(o)}catch{return}}if(typeof o=="boolean")return l(n,o,void 0);if(!(0,T.OW)(o)){const a=Number.parseFloat(String(o));return Number.isNaN(a)?void 0:g(n,a)}const t={...o};for(const[a,I]of Object.entries(_))a in t&&(t[I]??=t[a]);const{threshold:c}=n;return c!==void 0&&typeof t.score=="number"&&t.score<c&&(t.pass=typeof t.pass=="boolean"?!1:t.pass,t.reason=`The score ${t.score} is below the threshold ${c}: ${String(t.reason??"")}`),u(n,t)}const A=n=>(e,o)=>{const t=P(e,n,o.directory),c={cwd:o.directory,env:o.env};return async(a,I)=>{const M=await(0,E.j)(t,a.output,s(a,e.config),c,I);return"thrown"in M?{passed:!1,score:0,reason:`The script failed: ${(0,y.Jj)(M.thrown,300)}`}:(n==="python"?x:m)(e,M.value)??{passed:!1,score:0,reason:`The script returned ${(0,O.fp)(M.value)}, expected ${S}`}}},j={javascript:A("javascript"),python:A("python")}}),25525:(($,b,i)=>{i.d(b,{fp:()=>y,hD:()=>T,lV:()=>O});var w=i(30064);const p=200,T=d=>`"${(0,w.Jj)(d,p)}"`;function y(d){try{return(0,w.Jj)(JSON.stringify(d),p)}catch(f){if(f instanceof RangeError)return"a deeply nested value";throw f}}const O=d=>(0,w.Jj)(d.map(y).join(" or "),p)})};export{R as id,L as ids,C as modules};
