const R=4113,C=[4113],L={91783:((x,g,i)=>{i.d(g,{PT:()=>T,be:()=>v,dr:()=>P,g3:()=>y});var m=i(31421);const y=2e3,w=500,E=8*1024,O=process.platform!=="win32",d=new Set;function f(r,s){try{O?process.kill(-r.pid,s):r.kill(s)}catch{}}const S=()=>{for(const r of d)f(r,"SIGKILL")};class T{ended;#e;#t=[];#n=0;#o=!1;constructor(s,l){let b=()=>{};this.ended=new Promise(p=>{b=p});try{this.#e=(0,m.spawn)(s[0],s.slice(1),{cwd:l.cwd,env:l.env,detached:O})}catch(p){b({error:p});return}const u=this.#e;u.stdin?.on("error",()=>{}),u.on("error",p=>{u.pid===void 0&&b({error:p})}),u.pid!==void 0&&(u.stdout.on("data",l.onStdout),u.stderr.on("data",p=>this.#r(p)),d.size===0&&process.on("exit",S),d.add(u),u.on("exit",()=>{f(u,"SIGKILL"),d.delete(u),d.size===0&&process.off("exit",S);const p=setTimeout(()=>{u.stdout.destroy(),u.stderr.destroy()},w);u.on("close",(_,M)=>{clearTimeout(p),b({code:_,signal:M})})}))}write(s){this.#e?.stdin?.write(s)}endInput(s=""){this.#e?.stdin?.end(s)}end(){if(this.#o)return;this.#o=!0,this.#s("SIGTERM");const s=setTimeout(()=>this.kill(),y);this.ended.then(()=>clearTimeout(s))}kill(){this.#s("SIGKILL")}stderrTail(){return Buffer.concat(this.#t).subarray(-E).toString("utf8").trim()}#s(s){this.#e&&d.has(this.#e)&&f(this.#e,s)}#r(s){for(this.#t.push(s),this.#n+=s.length;this.#n-this.#t[0].length>=E;)this.#n-=this.#t.shift().length}}function v(r,s){return"error"in r?`could not be started: ${h(r.error,s)}`:r.signal?`was killed by ${r.signal}`:`exited with code ${r.code}`}function h({code:r,message:s},l){return r==="ENOENT"?`the command "${l}" was not found; check its name and the PATH`:r==="EACCES"?`"${l}" is not executable; run chmod +x, or name its interpreter`:s}const P=r=>r===""?"; stderr is empty":`; stderr ends with: ${r.slice(-2e3)}`}),63399:((x,g,i)=>{i.d(g,{Q:()=>y});const m=/^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|(?:GITHUB|GH)_(?:ENTERPRISE_)?TOKEN|LANGSMITH_API_KEY)$/i;function y(w,E){const O={};for(const[d,f]of Object.entries(w))f!==void 0&&!m.test(d)&&(O[d]=f);return{...O,...E,AGENT_CI:"1"}}}),59931:((x,g,i)=>{i.d(g,{V:()=>d,m:()=>O});var m=i(91783),y=i(63399);const w=/(?:API_KEY|TOKEN|SECRET|PASSWORD)$/i,E=2**20;function O(f,S=[]){const T=Object.entries(f).filter(([h])=>!w.test(h)),v=S.flatMap(h=>f[h]===void 0?[]:[[h,f[h]]]);return(0,y.Q)(Object.fromEntries(T),Object.fromEntries(v))}async function d(f,S,T,v){const h=[];let P=0,r;const s=new m.PT(f,{cwd:S.cwd,env:S.env,onStdout:_=>{P+=_.length,P<=E?h.push(_):l(`wrote more than ${E} bytes to stdout`)}}),l=_=>{r??=_,s.kill()},b=setTimeout(()=>l(`took more than ${S.timeoutMs} ms`),S.timeoutMs),u=()=>l("was stopped");v.addEventListener("abort",u),v.aborted&&u(),s.endInput(T);const p=await s.ended;return clearTimeout(b),v.removeEventListener("abort",u),"error"in p?{problem:(0,m.be)(p,f[0])}:(r===void 0&&p.code!==0&&(r=(0,m.be)(p,f[0])),r!==void 0?{problem:r+(0,m.dr)(s.stderrTail())}:{stdout:Buffer.concat(h).toString("utf8")})}}),43658:((x,g,i)=>{i.d(g,{j:()=>S});var m=i(77598),y=i(59931),w=i(17359);const E=6e4,O=`
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
`;function f(T){if(!T.includes(`
`))return`import json

def main(output, context):
    return ${T}
`;const v=/^(?!\s*$)\s+/m.exec(T)?.[0]??"    ";return`import json

def main(output, context):
${T.split(`
`).map(P=>`${v}${P}`).join(`
`)}
`}async function S(T,v,h,{cwd:P,env:r},s){const l=`${(0,m.randomUUID)()} `,b=T.language==="python",u=b?[r.PROMPTFOO_PYTHON||"python3","-c",d]:[process.execPath,"--disable-warning=ExperimentalWarning","--input-type=module","-e",O],{language:p,..._}=T,M=b&&"code"in _?{..._,code:f(_.code)}:b?{..._,function:"function"in _?_.function??"get_assert":void 0}:_,A={cwd:P,env:(0,y.m)(r),timeoutMs:E},j=await(0,y.V)(u,A,JSON.stringify({mark:l,...M,input:v,context:h}),s);if("problem"in j)throw new w.r0(`The script ${j.problem}`);const n=j.stdout.split(`
`).findLast(o=>o.startsWith(l));if(n===void 0)throw new w.r0("The script ended without a result");const e=JSON.parse(n.slice(l.length));return e.nothing?{thrown:"it returned nothing"}:e}}),24113:((x,g,i)=>{i.r(g),i.d(g,{contextOf:()=>r,scriptChecks:()=>j,scriptFile:()=>h});var m=i(73024),y=i(76760),w=i(92350),E=i(30064),O=i(25525),d=i(17359);function f(n){let e="",o=-1;for(let t=0;t<n.length;t++){const c=n[t];c==="\\"?t++:e!==""?e=c===e?"":e:c==='"'||c==="'"||c==="`"?e=c:c===";"&&(o=t)}return o}function S(n){const e=n.trim().replace(/;+\s*$/,"");if(!/^(?:const|let|var)\s/.test(e))return`return ${e}`;const o=f(e),t=e.slice(o+1).trim();return o<0||t===""?e:`${e.slice(0,o+1)} return ${t}`}var T=i(43658);const v="true or false, a number, or {pass, score, reason}";function h(n,e){const[,o="",,t]=/^file:\/\/(.+?\.(js|cjs|mjs|ts|cts|mts|py))(?::(\w+))?$/.exec(n)??[];if(o==="")return;const c=(0,y.resolve)(e,o);if(!(0,m.existsSync)(c))throw new d.sG(`It names the script ${o}, which does not exist`,"Correct the path");return{language:o.endsWith(".py")?"python":"javascript",file:c,function:t}}function P(n,e,o){const{value:t}=n;if(typeof t!="string"||t.trim()==="")throw new d.sG(`Its value is no ${e}`);const c=h(t,o);if(c)return c;if(t.startsWith("file://"))throw new d.sG(`Its value ${t} is no ${e} file`);const a=t.trimEnd();return e==="python"?{language:e,code:a}:{language:e,code:a.includes(`
`)?a:S(a),first:"output"}}const r=({input:n,vars:e,metadata:o,reply:t,output:c},a)=>({prompt:typeof n=="string"?n:JSON.stringify(n),vars:e,test:{vars:e,metadata:o},metadata:o,providerResponse:{output:c,...t.usage.costUsd!==void 0&&{cost:t.usage.costUsd},latencyMs:t.latencyMs},toolCalls:t.toolCalls,...a&&{config:a}}),s=n=>(0,w.OW)(n)&&Object.values(n).every(e=>typeof e=="number")?n:void 0;function l({inverse:n},e,o){const t=e!==n;return{passed:t,score:o??(t?1:0),reason:t?"The script agrees":`The script returned ${o??e}`}}const b=(n,e)=>l(n,n.threshold===void 0?e>0:e>=n.threshold,e);function u(n,e){const{pass:o,score:t,reason:c,namedScores:a,namedScoreWeights:I}=e;if(typeof o!="boolean"||typeof t!="number"||typeof c!="string")return;const $=s(a),N=s(I);return{passed:o!==n.inverse,score:t,reason:(0,E.Jj)(c,500)||`The script returned ${o}`,...$&&{named:$},...N&&{namedWeights:N}}}function p(n,e){return typeof e=="boolean"?l(n,e,void 0):typeof e=="number"?b(n,e):(0,w.OW)(e)?u(n,e):void 0}const _={pass_:"pass",named_scores:"namedScores"};function M(n,e){let o=e;if(typeof o=="string"){const a=o.toLowerCase();if(a==="true"||a==="false")return l(n,a==="true",void 0);if(o.startsWith("{"))try{o=JSON.parse(o)}catch{return}}if(typeof o=="boolean")return l(n,o,void 0);if(!(0,w.OW)(o)){const a=Number.parseFloat(String(o));return Number.isNaN(a)?void 0:b(n,a)}const t={...o};for(const[a,I]of Object.entries(_))a in t&&(t[I]??=t[a]);const{threshold:c}=n;return c!==void 0&&typeof t.score=="number"&&t.score<c&&(t.pass=typeof t.pass=="boolean"?!1:t.pass,t.reason=`The score ${t.score} is below the threshold ${c}: ${String(t.reason??"")}`),u(n,t)}const A=n=>(e,o)=>{const t=P(e,n,o.directory),c={cwd:o.directory,env:o.env};return async(a,I)=>{const $=await(0,T.j)(t,a.output,r(a,e.config),c,I);return"thrown"in $?{passed:!1,score:0,reason:`The script failed: ${(0,E.Jj)($.thrown,300)}`}:(n==="python"?M:p)(e,$.value)??{passed:!1,score:0,reason:`The script returned ${(0,O.fp)($.value)}, expected ${v}`}}},j={javascript:A("javascript"),python:A("python")}}),25525:((x,g,i)=>{i.d(g,{fp:()=>E,hD:()=>w,lV:()=>O});var m=i(30064);const y=200,w=d=>`"${(0,m.Jj)(d,y)}"`;function E(d){try{return(0,m.Jj)(JSON.stringify(d),y)}catch(f){if(f instanceof RangeError)return"a deeply nested value";throw f}}const O=d=>(0,m.Jj)(d.map(E).join(" or "),y)})};export{R as id,C as ids,L as modules};
