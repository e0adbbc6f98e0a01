const za=9717,Ga=[9717],Ka={79717:((Oe,ne,u)=>{u.r(ne),u.d(ne,{nightlyCommand:()=>Ra});const x={config:"Path of the configuration (default: agent-ci.yaml where there is one)",datasets:"Names of datasets, or files; each is a dataset of its own (default: `nightly.datasets`, else every dataset of the configuration)",models:"Each dataset is evaluated with each of them (default: `nightly.models`, else the one of the configuration)",prompts:"Sets of prompts, each dataset and model with each of them: names from `nightly.prompts`, or `ref:<branch, tag or commit>` (default: all of `nightly.prompts`, else the workspace)",legs:"Evaluate only these legs of the matrix, by their ids, and leave the rest of the night to a later job with `merge`",shard:"Evaluate only one part, of each leg: `2/8` is the second of eight; the job with `merge` joins the parts",merge:"Evaluate nothing: join the legs that lie in this directory, each of the matrix must be there",agent:"The agent under test: `http://…`, `command:node agent.mjs`, `python:package.module:attribute` or `anthropic:<model>`","set-model":"Have the gateway put the model into every model call of the agent, for an agent that does not take one (default false)",batch:"Send the calls of an `anthropic` agent without tools in batches, at half the price and within hours; no latency is measured (default false)","batch-timeout":"How long a batch may take; what is left of it is then called one by one (default 1h)",attacks:"Probes for the golden examples: suites (`builtin:injection`, `builtin:leak`, `builtin:tools`) and files, comma-separated; how often they succeed is followed by category","attack-seed":"Seed of the pairs of example and probe, and of the probes' tokens (default: `safety.seed`, else it rotates: the id of the run, outside of a workflow the date)","attack-pairs":"How many attacked examples there are (default: one for each probe)","attack-at":"Which tool result, document or turn of a trial carries the probe: 1 is the first (default: every one)",scorers:"Scorers, comma-separated words or YAML (default: exact, and tools where an example expects some)",gates:"Gates, one a line, that each leg is shown with; a missed gate is no regression",concurrency:"Trials in flight (default 5)",repeats:"Trials of each example (default 1)",timeout:"Time limit of one trial (default 60s)","run-timeout":"Time limit of the whole run, of each leg (default: none)",sample:"Evaluate only so many examples, of each dataset, or a percentage of them, chosen by the seed",seed:"Seed of the order and of the sample (default with `sample`: agent-ci, the same examples each night; else a new one each run)","min-coverage":"Least share of the planned trials that must be measured, in each leg; below it the leg is errored (default 0.8)",responses:"Model answers of an agent that we start: `live`, `record`, `replay` or `auto` (replay, else record) (default live)",cassettes:"Directory of recorded answers (default cassettes)","budget-usd":"What the model calls may cost, those of all legs together: a stop, not a gate; at the limit the night ends with what it has. A job with `legs` may spend its share",resume:"Whether to continue a run that was cut off: `auto` goes on with the night, `never` starts anew (default auto)",history:"Where the nights are kept: `branch:agent-ci-data` (permission contents: write) or `dir:<path>` (default: the branch agent-ci-data where there is a github-token, else dir:agent-ci-history)","history-days":"Older nights are removed from the history, but never those of a baseline (default: none is)",baseline:"The branch, tag or commit whose prompts and configuration the control arm runs (default: the commit of the baseline's nights)",control:"Run the prompts and configuration of the baseline on today's models, to tell whether the provider moved or we did: `regressed` (only what regressed), `always` or `false` (default false)",confirm:"Run what looks worse than before again, before saying so (default true)","min-drop":"A smaller drop of a share is not told (default 0.02)","slack-webhook-url":"Alerts go to Slack: an incoming webhook","pagerduty-routing-key":"Alerts go to PagerDuty: the routing key of an Events API v2 integration","webhook-url":"Alerts go to this address as JSON","webhook-secret":"Signs what is sent to `webhook-url`",issue:"Keep a GitHub issue, one for each incident: opened, updated, closed (permission issues: write) (default false)","fail-on-regression":"Whether a confirmed regression fails the step (default: true, but false on a schedule)","pushgateway-url":"Prometheus Pushgateway that the metrics are pushed to; `none` pushes nothing (default: `telemetry.pushgateway.url`)","otlp-endpoint":"OTLP/HTTP receiver that trials are sent to as GenAI spans; `none` sends nothing (default: `telemetry.otlp.endpoint`, else `OTEL_EXPORTER_OTLP_ENDPOINT`)","trend-url":"Where the trend page is published (the folder `site` of output-dir), for links in alerts and in the summary","output-dir":"Where the results go (default agent-ci-results)","artifact-name":"Name of the uploaded artifact; `none` uploads nothing (default agent-ci-nightly; with `legs`, their ids behind it)","retention-days":"How long the artifact is kept (default: what the repository says)","plan-only":"Print what would be run and stop before the first call: the legs and the number of calls (default false)","github-token":"Token for GitHub's API: for the branch of the history, and for issues (default: the token of the job)"},L={"github-token":"github.token"},se={verdict:"`passed`, `inconclusive`, `failed` (a confirmed regression) or `errored` (a leg is missing or could not be measured)",regressions:"The confirmed regressions as JSON: dataset, model, prompts, metric, value, baseline, drop, cause, reason",legs:"The ids of the legs as JSON, for a matrix: all of the plan, or those of this job","results-path":"results.json","dashboard-path":"The trend page, dashboard.html; empty in a job with `legs`","issue-number":"The issue that was opened, updated or closed tonight; empty when there is none"};var T=u(73024),Z=u(85901),h=u(76760),I=u(71403),y=u(30064),te=u(12692),ae=u(42589),m=u(3819),G=u(49293),B=u(28711),q=u(40024),W=u(51455),K=u(54989),Y=u(26428),_=u(79080),pe=u(54983),le=u(3950),ce=u(72331),w=u(11352),A=u(99970),J=u(27976);function he({baseDir:t},e){return{git:(0,J.C)({cwd:t,env:e.env,signal:e.signal}),root:(0,_.Hn)(t)??t,host:e}}const oe=(t,{git:e,host:s})=>(0,w.t5)({git:e,remote:"origin",info:s.info},t),Q=(t,{root:e})=>(0,h.relative)(e,t).replaceAll(h.sep,"/");async function me(t,e,s,n){if(e.kind==="workspace")return;if(e.kind==="ref")return $e(t,await oe(e.ref,n),e,[],s,n);const{globs:a,directory:r}=s.prompts,o=await(0,A.readPromptFiles)(a,{directory:e.path,root:e.path});if(o.length===0)throw new I.j1({what:`nightly.prompts.${t} is the directory ${JSON.stringify(Q(e.path,n))}`,why:"No prompt lies in it at the path that it has in the workspace",mend:"Put for example prompts/support.md in it, or set delivery.prompts to the globs of your prompts"});const i=new Map((await(0,A.readPromptFiles)(a,{directory:r,root:r})).map(l=>[l.path,l]));for(const l of o)i.set(l.path,l);return Ke(t,[...i.values()],s,n)}async function $e(t,e,s,n,a,r){const{git:o,host:i}=r,{globs:l,directory:c}=a.prompts,d=Q(c,r),f=async g=>{const{files:v,ignored:P,problems:O}=await(0,le.X)(o,e,(0,ce.k)(l,g));if(O.length>0)throw new I.j1(O);for(const{path:C,reason:j}of P)i.info(`Not a prompt: ${(0,y.Ig)(C,300)} (${(0,y.Ig)(j,300)})`);return[...v].map(([C,j])=>[h.posix.relative(g,C),j])},p=s.kind==="directory"?await f(Q(s.path,r)):[],b=new Map([...await f(d),...p]),N=new Map([...b].map(([g,v])=>[h.posix.join(d,g),v]));for(const g of n){const v=await o.entry(e,g);v?.mode.startsWith("100")&&N.set(g,v.oid)}const S=await o.blobs([...new Set(b.values())]);return $(t,a,r,async g=>{const v=[...N].map(([P,O])=>({path:P,oid:O}));return{texts:await(0,pe.A)(o,v,g),digests:(0,Y.mA)([...b].map(([P,O])=>({path:P,bytes:S.get(O)})))}})}function Ke(t,e,s,n){const a=Q(s.prompts.directory,n);return $(t,s,n,async r=>{const o=[];for(const{path:i,bytes:l}of e){const c=(0,h.join)(r,a,i);await(0,W.mkdir)((0,h.dirname)(c),{recursive:!0}),await(0,W.writeFile)(c,l),o.push([h.posix.join(a,i),Buffer.from(l).toString()])}return{texts:Object.fromEntries(o),digests:(0,Y.mA)(e)}})}async function $(t,{agent:e,baseDir:s},n,a){const r=await(0,W.mkdtemp)((0,h.join)(n.host.tempDir,`agent-ci-prompts-${t.replaceAll(/[^\w.-]/g,"-")}-`)),o=()=>(0,W.rm)(r,{recursive:!0,force:!0});try{const{texts:i,digests:l}=await a(r),c=(0,K.N)(e,Q(s,n),{arm:t,directory:r,texts:i});return{directory:r,close:o,prompts:l,deps:c}}catch(i){throw await o(),i}}async function M(t,e,s,n){const{cwd:a}=n.host;if(s||e.config===null)return e.agent;const r=Q((0,h.resolve)(a,e.config),n),o=r.startsWith("../")?void 0:await(0,q.W)(n.git,t,r);if(o===void 0)return e.agent;const i=(0,h.relative)(a,(0,h.resolve)(a,e.config)),{located:l}=await(0,G.u)(i,a,async()=>o),c=l?.config.agent;return c===void 0?e.agent:typeof c=="string"?(0,B.N)(c,{name:"agent",source:l.sourceOf(["agent"])}):c}var R=u(78547),E=u(74833),V=u(17146),F=u(96852),ge=u(6761),k=u(80739),Pe=u(35858),z=u(13798);const Ce=z.Ikc({schema_version:z.euz(1),kind:z.euz("nightly-leg"),id:z.YjP(),reason:z.YjP(),shard:z.Ikc({index:z.Whr().min(1),of:z.Whr().min(1)}).optional(),night:Pe.b}),ye="leg.json",Me=[ye,"results.json","trials.jsonl","report.html","summary.md","junit.xml","receipt.json"],Be=({dataset:t,model:e,prompts:s},n,{night:a,run:r,repeats:o})=>({schema_version:1,night:a,dataset:t,model:e,prompts:s,arm:n,run:r,repeats:o});function fe(t,e,s,n,a,r){const o=a.filter(({probe:l})=>l===void 0),i=o.filter(({passes:l,runs:c})=>l<c);return{...Be(t,e,s),verdict:n.verdict,answered:[...new Set(r?.evaluated.model.answered)].sort(),fingerprint:n.fingerprint,metrics:Object.fromEntries(Object.entries(n.metrics).flatMap(([l,{value:c,n:d}])=>d===0?[]:[[l,{value:c,n:d}]])),coverage:n.coverage,cost_usd:n.cost_usd,examples:o.length,imperfect:Object.fromEntries(i.map(({id:l,passes:c,runs:d})=>[l,[c,d]])),finished_at:n.finished_at}}const Fe=(t,e,s,n)=>({...Be(t,e,s),verdict:"errored",answered:[],fingerprint:{},metrics:{},coverage:0,cost_usd:null,examples:0,imperfect:{},finished_at:n}),nn=(t,e)=>({...t,info:()=>{},progress:s=>e.show(s),output:()=>{},summary:async()=>{},annotate:()=>{},uploadArtifact:async()=>{}});async function sn(t,e,s,n){const{title:a,directory:r,settings:o,prompts:i}=t;(0,T.mkdirSync)(r,{recursive:!0});for(const d of["results.json",ye])(0,T.rmSync)((0,h.join)(r,d),{force:!0});const l=n.now();let c;try{await(0,R._)({...o,outputDir:r},nn(n,s),i),c=rn(t,e)}catch(d){const f=n.signal.aborted?"The job was cancelled":(0,I.bD)(d);c=Ue(t,e,f,n)}return s.legEnded(t.planned),n.info(`${a}: ${on(c)}, ${(0,k.a3)(n.now()-l)}`),c}function an({id:t},{night:e,reason:s},n,a){const r={schema_version:1,kind:"nightly-leg",id:t,reason:s,...(0,E.l)("shard",a),night:e};(0,T.writeFileSync)((0,h.join)(n,ye),`${JSON.stringify(r,null,2)}
`)}function on({night:t,reason:e}){if(t.verdict==="errored")return`errored: ${(0,y.Ig)(e,300)}`;const{accuracy:s,latency_p95_ms:n}=t.metrics;return[t.verdict,`accuracy ${(0,k.Fl)(s?.value??null,"fraction")} (${(0,k.pq)(s?.n??0,"trial")})`,`p95 ${(0,k.Fl)(n?.value??null,"ms")}`,`cost ${(0,k.Fl)(t.cost_usd,"usd")}`].join(", ")}const Ue=({leg:t,arm:e},s,n,a)=>({night:Fe(t,e,s,a.date().toISOString()),reason:n,results:null});function rn({leg:t,arm:e,directory:s,settings:n},a){const r=(0,h.join)(s,"results.json"),o=F.sy.parse(JSON.parse((0,T.readFileSync)(r,"utf8"))),i=fe(t,e,a,o,cn(o,s),dn(s));return(n.defaultGates||n.shard)&&i.verdict!=="errored"?{...ln(i,o),results:r}:{night:i,reason:o.reason,results:r}}function ln(t,{counts:e,errors:s}){if(!s.budget)return{night:{...t,verdict:"passed"},reason:"Measured"};const n=`The budget was used up after ${e.measured} of ${e.planned} trials`;return{night:{...t,verdict:"inconclusive"},reason:n}}function cn({counts:t,fingerprint:e},s){return t.measured===0?[]:(0,ge.m)(s,s,e).examples}function dn(t){try{return V.KS.parse(JSON.parse((0,T.readFileSync)((0,h.join)(t,"receipt.json"),"utf8")))}catch{return}}var un=u(24519);async function hn(t,e,s){const n=new Map,a=[];let r;for(const o of t){if(n.has(o.dataset))continue;n.set(o.dataset,0);const i=e.evaluationOf(o);try{const l=await(0,un.iA)({...i,outputDir:(0,h.join)(e.outputDir,o.id)},s);await l.close(),r??=l.dataset.attacks?.seed;const c=l.order.length*i.repeats;c===0&&a.push({what:`Of the dataset ${o.dataset} no example is left to run`,why:"A leg without examples measures nothing",mend:"Check the dataset and sample"}),n.set(o.dataset,c)}catch(l){if(!(l instanceof I.j1))throw l;a.push(...l.problems)}}if(a.length>0)throw new I.j1(a);return{legs:t,trials:n,...(0,E.l)("attackSeed",r)}}const st=({legs:t,trials:e})=>t.reduce((s,{dataset:n})=>s+(e.get(n)??0),0);function fn(t,e){const{legs:s,trials:n}=t,a=s.length===e.legs.length?"":` of ${e.legs.length}`,{confirm:r,control:o,budgetUsd:i}=e,l=[...r?["up to 3 more runs of a leg that looks regressed"]:[],...o==="always"?["a control run of each leg"]:o==="regressed"?["a control run of a regressed leg"]:[]];return[`${(0,k.pq)(s.length,"leg")}${a}, ${(0,k.pq)(st(t),"trial")}${i===void 0?"":`, at most ${(0,k.B6)(i,"usd")}`}`,...s.map(c=>`  ${c.id}: ${(0,y.Ig)((0,m.ue)(c),300)}, ${(0,k.pq)(n.get(c.dataset)??0,"trial")}`),...t.attackSeed===void 0?[]:[`Attacks, seed ${(0,y.Ig)(t.attackSeed)}`],...l.length>0&&e.only===void 0?[`Where it is needed: ${l.join("; ")}`]:[]]}class pn{host;startedMs;planned;ended={planned:0,passed:0,failed:0,errored:0,resumed:0};endedCost;current;constructor(e,s){this.planned=e,this.host=s,this.startedMs=s.now()}add(e){this.planned+=e}show(e){this.current=e;const{ended:s,endedCost:n}=this;this.host.progress({planned:this.planned,passed:s.passed+e.passed,failed:s.failed+e.failed,errored:s.errored+e.errored,costUsd:at(n,e.costUsd),elapsedMs:this.host.now()-this.startedMs,resumed:s.resumed+e.resumed})}legEnded(e){const{current:s}=this;this.current=void 0;const n=s?s.passed+s.failed+s.errored:0;if(this.planned-=e-n,!!s){for(const a of["passed","failed","errored","resumed"])this.ended[a]+=s[a];this.endedCost=at(this.endedCost,s.costUsd)}}}const at=(t,e)=>t===void 0&&e===void 0?void 0:(t??0)+(e??0),mn=3,ot=(t,e)=>(0,h.join)(t.id,`again-${e}`),rt=t=>(0,h.join)(t.id,"control");function gn(t,e){for(const s of t){const n=Array.from({length:mn},(a,r)=>ot(s,r+1));for(const a of[...n,rt(s)])(0,T.rmSync)((0,h.join)(e,a),{recursive:!0,force:!0})}}const yn={kind:"workspace"};class it{settings;plan;facts;host;budget;progress;places;sets=new Map;constructor(e,s,n,a,r){this.settings=e,this.plan=s,this.facts=n,this.host=r;const{budgetUsd:o}=e;this.budget=o===void 0?void 0:new te._({usd:Math.max(0,o-a)}),this.progress=new pn(e.merge===void 0?st(s):0,r),this.places=he(e.evaluationOf(s.legs[0]),r)}async openSets(){for(const e of this.plan.legs){if(e.prompts===null||this.sets.has(e.prompts))continue;const s=this.settings.promptSources.get(e.prompts);this.sets.set(e.prompts,await me(e.prompts,s,this.settings.evaluationOf(e),this.places))}}async close(){for(const e of this.sets.values())await e?.close()}leg(e,s){const n=this.settings.evaluationOf(e),a=n.resume!=="never"&&s?"kept":"never";return this.whole(e,(0,m.ue)(e),{...n,resume:a})}joined(e,s){const n=s.map(a=>(0,h.relative)(this.host.cwd,a));return this.whole(e,`${(0,m.ue)(e)}, ${s.length} parts`,{...this.settings.evaluationOf(e),merge:n})}async whole(e,s,n){const a=await this.run(s,e,"current",e.id,n,this.armOf(e));return an(e,a,(0,h.join)(this.settings.outputDir,e.id),n.shard),a}again(e,s){this.progress.add(this.trialsOf(e));const n=this.settings.evaluationOf(e),a=this.settings.rotatesSeed?`${n.attackSeed}-again-${s}`:n.attackSeed,r={...n,attackSeed:a,resume:"never"};return this.run(`${(0,m.ue)(e)}, run again`,e,"current",ot(e,s),r,this.armOf(e))}async control(e,s){this.progress.add(this.trialsOf(e));let n;try{const i=await this.baselineCommit(s);n={commit:i,...await this.openControl(e,i)}}catch(i){return this.progress.legEnded(this.trialsOf(e)),Ue({leg:e,arm:"control"},this.facts,(0,I.bD)(i),this.host)}const{commit:a,arm:r,settings:o}=n;try{const i=`${(0,m.ue)(e)}, the prompts and configuration of ${(0,ae.m)(a)}`;return await this.run(i,e,"control",rt(e),o,r)}finally{await r.close()}}async baselineCommit({fingerprint:e,night:s}){const n=this.settings.baseline;if(n!==void 0)return oe(n,this.places);const[a,r]=(e.code??"").split("+");if(!a)throw new Error(`The commit of the baseline's night of ${s} is not known`);if(r!==void 0)throw new Error(`The baseline's night of ${s} was measured with changes that were not committed: set baseline to a commit`);return oe(a,this.places)}async openControl(e,s){const n=this.settings.evaluationOf(e),a=await M(s,n,this.settings.agentByInput,this.places),r=e.prompts===null?yn:this.settings.promptSources.get(e.prompts),o=n.agentConfig===void 0?[]:[Q(n.agentConfig,this.places)],i=r.kind==="ref"?await oe(r.ref,this.places):s,l=await $e("control",i,r,o,{...n,agent:a},this.places),c=o[0]===void 0?void 0:(0,h.join)(l.directory,o[0]),d={...n,agent:a,resume:"never",batch:n.batch&&a.type==="anthropic"&&a.tools.length===0,...c!==void 0&&(0,T.existsSync)(c)&&{agentConfig:c}};return{arm:l,settings:d}}armOf({prompts:e}){return e===null?void 0:this.sets.get(e)}trialsOf({dataset:e}){return this.plan.trials.get(e)??0}run(e,s,n,a,r,o){const{budget:i,host:l}=this,c={leg:s,arm:n,title:(0,y.Ig)(e,300),directory:(0,h.join)(this.settings.outputDir,a),settings:{...r,...r.traffic&&i&&{traffic:{...r.traffic,sharedBudget:i}}},prompts:o,planned:r.merge?0:this.trialsOf(s)};return sn(c,this.facts,this.progress,l)}}var lt=u(57075),ct=u(46466),vn=u(53586),je=u(20118),wn=u(31956);const Te=10;function bn(t,e){const s=(0,m.xv)(t);return[`  ${e((0,je.B)(`${t.state} ${(0,m.f_)(t)}`,200))}${s===""?"":`  ${s}`}`,`    tonight   ${(0,m.B8)(t)}`,`    baseline  ${(0,m.BW)(t)}`,`    change    ${(0,m.k0)(t)}`,`    why       ${(0,je.B)(t.reason,400)}`]}function dt(t,{colour:e,files:s=[]}){const{bold:n,dim:a,paintVerdict:r}=(0,wn.XR)(e),{verdict:o,notes:i,fleet_shift:l,legs:c,quarantined:d}=t,f=["regressed","suspect"].flatMap(O=>t.series.filter(C=>C.state===O)),p=c.slice(0,Te),b=(0,vn.R)([["evaluation","arm","accuracy","p95","cost","coverage"],...p.map(O=>[(0,je.B)((0,m.ue)(O),80),O.arm,(0,k.Fl)(O.accuracy,"fraction"),(0,k.Fl)(O.latency_p95,"ms"),(0,k.Fl)(O.cost_usd,"usd"),(0,k.l9)(O.coverage)])]),N=Math.max(...b.map(O=>O.length)),S=b.map((O,C)=>C===0?a(O):`${O.padEnd(N)}  ${r(p[C-1].verdict)}`),g=[...l?[`most series moved alike: ${l.reason}`]:[],...i],v=d.length>0?[`${(0,k.pq)(d.length,"example")} in quarantine`]:[],P=[...g.map(O=>(0,je.B)(O,600)),...v].map(O=>`  ${O}`);return["",`${n(r(o))} ${(0,je.B)((0,m._T)(t),400)}`,`  ${(0,m.oM)(t)}`,"",...f.slice(0,Te).flatMap(O=>[...bn(O,n),""]),...f.length>Te?[`  ${(0,k.B4)(f.length-Te)} more series to look at`,""]:[],...c.length>0?S:[],...c.length>Te?[`  ${(0,k.pq)(c.length-Te,"more evaluation")}`]:[],...c.length>0?[""]:[],...P.length>0?[...P,""]:[],...s.map(O=>`  ${(0,je.B)(O,1e3)}`),""].join(`
`)}var Ee=u(41148),Ve=u(50573),$n=u(48681),de=u(51494);function xn({run:t},e){const s=e.runUrl??t?.url,n=[e.trendUrl&&(0,Ee.nf)("Trend page",e.trendUrl),e.reportPath&&`Trend page: ${(0,Ee.aY)(e.reportPath)}`,e.artifactUrl&&(0,Ee.nf)("Report and all trials",e.artifactUrl),s&&(0,Ee.nf)("Run",s)].filter(Boolean);return n.length===0?[]:[(0,Ve.p)(n.join(" · "),1)]}function We(t,e,s={},n=$n.R){const{verdict:a}=t,r=[(0,Ve.p)(`## ${Ee.j7[a]} ${a} — ${(0,Ee.CS)((0,m._T)(t),400)}

${(0,m.oM)(t)}`,0),...(0,de.Io)(t),...(0,de.ep)(t,de.PB),...(0,de.wE)(t,e,de.PB),...(0,de.Vg)(t),...(0,de.Cr)(t),...(0,de.VR)(t,de.PB),...(0,de.J1)(t,de.PB),...(0,de.Qb)(t),...xn(t,s)];return(0,Ve.W)(r,n,"see `results.json` among the run’s files")}var ut=u(77598),kn=u(25460),D=u(39241),ht=u(89804),ft=u(8189),ke=u(54634);const pt=t=>`series-${(0,ut.createHash)("sha256").update((0,ke.P)(t)).digest("hex").slice(0,12)}`,Xe=(t,e)=>e==="fraction"?(0,k.l9)(t):(0,k.Fl)(t,e),mt=({finding:t})=>t?.state??"unmeasured";function Sn({points:t}){const e=t.filter(({value:s})=>s!==null);return e.filter(({comparable:s})=>s===e.at(-1)?.comparable).length}function On(t,e){const{finding:s}=t;if(!s)return"not part of the last night";if(s.state==="warming-up")return`${Sn(t)} of ${(0,k.pq)(e,"night")}`;const n=(0,m.$Y)(s);return`${n}${n!==""&&s.scale==="week"?" over a week":""}`}function Mn(t){return!t||t.state==="steady"||t.state==="warming-up"?"":[(0,m.xv)(t),(0,y.Jj)(t.reason,200)].filter(e=>e!=="").join("; ")}function jn(t){const{baseline:e,unit:s,p:n,confirmed:a,reason:r}=t,o=[r!==""&&["Why",(0,y.Jj)(r,1e3)],t.cause!==null&&["Cause",(0,m.xv)(t)],e!==null&&["Baseline",`${Xe(e.mean,s)} ± ${(0,m.lP)(e.sd,s)} over ${(0,k.pq)(e.nights,"night")}, ${(0,y.Jj)(e.from,20)} to ${(0,y.Jj)(e.to,20)}`],(0,m.$Y)(t)!==""&&["Change",`${(0,m.$Y)(t)}${t.scale==="week"?" over a week":""}${n===null?"":`, ${(0,m.y1)(n)}`}`],a!==null&&["Run again",`${Xe(a.value,s)}, ${(0,k.pq)(a.n,"trial")}, ${(0,m.y1)(a.p)}`]];return(0,D.q)`<dl class="amounts">${o.map(i=>i&&(0,D.q)`<dt>${i[0]}</dt><dd>${i[1]}</dd>`)}</dl>`}function Tn(t,e,s){const{key:n,unit:a,finding:r,points:o}=t,i=mt(t),l=o.findLast(({value:S})=>S!==null),c=r?r.value:l?.value??null,d=r?r.n:l?.n??0,f=(0,y.Jj)((0,m.f_)(n),300),p=[n.dataset,n.model,n.prompts].filter(S=>S!==null).map(S=>(0,y.Jj)(S,120)),b=c===null?(0,D.q)`<b class="unknown">not measured</b>`:(0,D.q)`<b>${Xe(c,a)}</b><span>${(0,k.pq)(d,"trial")}</span>`,N=On(t,s);return(0,D.q)`<article class="card ${i}" id="${pt(n)}" data-at="${e.at}" data-state="${i}" data-dataset="${e.dataset}" data-model="${e.model}" data-prompts="${e.prompts}" data-metric="${e.metric}"><div class="card-head"><h3>${(0,y.Jj)((0,ht.C6)(n.metric),120)}</h3><span class="status ${i}">${m.I7[i]}</span></div><p class="of">${p.join(" · ")}</p><p class="figures">${b}${N!==""&&(0,D.q)`<span class="change">${N}</span>`}</p><div class="plot" role="group" aria-label="${f}, night by night; arrow keys move from night to night" data-name="${f}"></div><p class="readout" role="status">${Mn(r)}</p><details><summary>All nights<span class="vh"> of ${f}</span></summary>${r!==null&&jn(r)}<div class="nights" tabindex="0" role="region" aria-label="Nights of ${f}"></div></details></article>\n`}var gt=u(31993),En=u(69022);const Dn=731,Je=864e5,Nn=.95,In=/^https?:\/\/[\w.~:/?#@!&=+%,;-]{1,2000}$/i;function Se(t){if(!/^\d{4}-\d\d-\d\d(?:T|$)/.test(t))return;const e=Date.parse(t.slice(0,10));return Number.isNaN(e)?void 0:e/Je}function An({results:t,series:e}){const s=t===null?void 0:Se(t.night),n=e.flatMap(({points:o})=>o.flatMap(({night:i})=>Se(i)??[])),a=s??n.reduce((o,i)=>Math.max(o,i),-1/0);return Number.isFinite(a)?{first:n.reduce((o,i)=>i>a-Dn?Math.min(o,i):o,a),last:a}:void 0}function Pn({results:t,series:e},{first:s,last:n}){const a=new Map((t?.series??[]).map(c=>[(0,ke.P)(c),c])),r=new Map;for(const{key:c,unit:d,points:f}of e){const p=new Map;for(const N of f){const S=Se(N.night);S!==void 0&&S>=s&&S<=n&&p.set(S,{...N,day:S})}const b=(0,ke.P)(c);r.set(b,{key:c,unit:d,finding:a.get(b)??null,points:[...p.values()].sort((N,S)=>N.day-S.day)})}for(const[c,d]of a){if(r.has(c))continue;const f={night:t.night,value:d.value,n:d.n,comparable:"",runUrl:null,day:n};r.set(c,{key:d,unit:d.unit,finding:d,points:[f]})}const o=({finding:c})=>m.sQ.indexOf(c?.state??"unmeasured"),i=new Map([...a.keys()].map((c,d)=>[c,d])),l=({key:c})=>i.get((0,ke.P)(c))??i.size;return[...r.values()].sort((c,d)=>o(c)-o(d)||l(c)-l(d))}const yt=t=>JSON.stringify(t).replaceAll("<","\\u003c"),Le=t=>t!=null&&In.test(t)?t:null;function Ln(t,{first:e,last:s}){const n=Array.from({length:s-e+1},()=>new Map);for(const{points:a}of t)for(const{day:r,runUrl:o}of a){const i=Le(o),l=n[r-e];i!==null&&l.set(i,(l.get(i)??0)+1)}return n.map(a=>[...a].reduce((r,o)=>o[1]>r[1]?o:r,[null,0])[0])}function Rn(){const t=new Map;return(e,s)=>{const n=`${e} ${s}`,a=t.get(n)??(0,En.rF)(e*s,s,Nn);return t.set(n,a),a}}function Cn({unit:t,points:e}){if(t==="fraction")return 1e-4;const s=e.reduce((n,{value:a})=>Math.max(n,Math.abs(a??0)),0);return s===0?1:10**(Math.floor(Math.log10(s))-4)}const vt=["opened","closed"],wt=(t,{state:e,cause:s},n)=>{const a=[t,m.sQ.indexOf(e),s===null?-1:gt.hE.indexOf(s)];return n?[...a,vt.indexOf(n)]:a};function Bn({findings:t=[]}){const e=new Map;for(const s of t){const n=Se(s.night);if(n===void 0)continue;const a=e.get((0,ke.P)(s))??new Map,r=s.incident??a.get(n)?.incident??null;a.set(n,{...s,incident:r}),e.set((0,ke.P)(s),a)}return e}function Fn(t,{first:e,last:s},n){return[...[...n].filter(([r])=>r>=e&&r<s).sort(([r],[o])=>r-o).map(([r,o])=>wt(r-e,o,o.incident)),...t?[wt(s-e,t,n.get(s)?.incident)]:[]]}function Un(t,{first:e,last:s},n,a=new Map){const{points:r,unit:o,finding:i}=t,l=r[0]?.day??s,c=(r.at(-1)?.day??l)-l+1,d=Cn(t),f=()=>new Array(c).fill(null),[p,b,N,S]=[f(),f(),f(),f()],g=Rn(),v=[],P={};let O;for(const X of r){const ue=X.day-l,{value:re,n:Ae}=X,H=Le(X.runUrl);if(H!==null&&H!==n[X.day-e]&&(P[X.day-e]=H),re===null||!Number.isFinite(re)||(O!==void 0&&X.comparable!==O&&v.push(X.day-e),O=X.comparable,p[ue]=Math.round(re/d),S[ue]=Ae,o!=="fraction"||Ae<1||re<0||re>1))continue;const[ie,be]=g(re,Ae);b[ue]=Math.round((re-ie)/d),N[ue]=Math.round((be-re)/d)}const C=S.filter(X=>X!==null),j=i?.baseline??null,[U,ee]=j?[Se(j.from),Se(j.to)]:[];return{u:o,f:l-e,q:d,v:p,...b.some(X=>X!==null)&&{l:b,h:N},n:C.every(X=>X===C[0])?C[0]??0:S,...v.length>0&&{c:v},...j&&U!==void 0&&ee!==void 0&&{b:[j.mean,j.sd,U-e,ee-e]},m:Fn(i,{first:e,last:s},a),...Object.keys(P).length>0&&{r:P}}}function Wn(t,{first:e,last:s},n){const a=Se(t),r=Date.parse(t);if(a===void 0||Number.isNaN(r))return;const o=t.length===10?a:Math.round((r-n)/Je*100)/100;return o>=e&&o<=s?Math.round((o-e)*100)/100:void 0}function Jn(t,e,s){const n=Date.parse(t.results?.started_at??""),a=Number.isNaN(n)?0:n%Je,r=(o=[])=>o.flatMap(i=>{const l=Wn(i.at,e,a);return l===void 0?[]:[{mark:i,place:l}]});return{start:new Date(e.first*Je).toISOString().slice(0,10),days:e.last-e.first+1,runs:s,states:m.sQ.map(o=>[o,m.I7[o]]),causes:gt.hE.map(o=>m.i9[o]),incidents:vt,releases:r(t.releases).map(({mark:o,place:i})=>[i,(0,y.RK)((0,y.Jj)(o.label,60))]),blessings:r(t.blessings).map(({mark:o,place:i})=>[i,(0,y.RK)((0,y.Jj)(`${o.by}: ${o.reason}`,160))])}}const bt=`(() => {
  const data = document.getElementById('data')
  const list = document.getElementById('cards')
  if (!data || !list) return
  const { page, series } = JSON.parse(data.textContent)
  data.remove()
  const DAY = 86400000
  const start = Date.parse(page.start)
  const iso = (day) => new Date(start + day * DAY).toISOString().slice(0, 10)
  const cards = Array.from(list.children)
  const seriesOf = (card) => series[Number(card.dataset.at)]
  const plural = (count, noun) => count.toLocaleString('en-US') + ' ' + noun + (count === 1 ? '' : 's')

  const digitsOf = (step) => {
    let digits = 0
    while (digits < 9 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
    return digits
  }
  // A number in its unit; on an axis with as many digits as its steps take.
  const inUnit = (value, unit, step) => {
    const fixed = (factor, usual) => (value * factor).toFixed(step ? digitsOf(step * factor) : usual)
    const size = Math.abs(value)
    if (unit === 'fraction') return fixed(100, 1) + ' %'
    if (unit === 'ms') return size >= 999.5 ? fixed(1e-3, size < 10000 ? 2 : 1) + ' s' : fixed(1, size < 10 ? 1 : 0) + ' ms'
    if (unit === 'usd') return '$' + fixed(1, size === 0 ? 0 : size >= 1 ? 2 : size >= 0.0001 ? 4 : 8)
    if (size >= 1e6) return fixed(1e-6, 2) + ' M'
    return step && size >= 1e4 ? fixed(1e-3, 1) + ' k' : Math.round(value).toLocaleString('en-US')
  }
  const niceStep = (least) => {
    const power = 10 ** Math.floor(Math.log10(least))
    return ([1, 2, 2.5, 5].find((step) => step * power >= least * (1 - 1e-9)) || 10) * power
  }
  const node = (name, attributes, text) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const key in attributes) made.setAttribute(key, attributes[key])
    if (text !== undefined) made.textContent = text
    return made
  }
  const round = (x) => Math.round(x * 100) / 100

  let firstDay = 0
  const lastDay = page.days - 1
  const setRange = (days) => {
    // Few nights stand at the right of two weeks, not stretched over the whole width.
    firstDay = Math.min(Math.max(0, days > 0 ? page.days - days : 0), lastDay - 13)
  }
  const at = (one, day, name) => {
    const values = one[name]
    const value = values ? values[day - one.f] : undefined
    return value === null || value === undefined ? null : value * one.q
  }
  const trialsAt = (one, day) => Array.isArray(one.n) ? one.n[day - one.f] : one.n

  const dateTicks = (width) => {
    const days = lastDay - firstDay + 1
    const most = Math.max(2, Math.floor(width / 58))
    const ticks = []
    const months = days > 75
    if (months) {
      const every = [1, 2, 3, 6, 12].find((step) => days / 30.4 / step <= most) || 12
      for (let day = firstDay; day <= lastDay; day++) {
        const date = new Date(start + day * DAY)
        if (date.getUTCDate() !== 1 || date.getUTCMonth() % every !== 0) continue
        const name = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })
        ticks.push([day, date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : name])
      }
      return ticks
    }
    const every = [1, 2, 7, 14, 28].find((step) => days / step <= most) || 28
    for (let day = lastDay; day >= firstDay; day -= every) {
      const date = new Date(start + day * DAY)
      ticks.push([day, date.toLocaleString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' })])
    }
    return ticks
  }

  const draw = (card) => {
    const plot = card.querySelector('.plot')
    const one = seriesOf(card)
    const open = card.classList.contains('open')
    const width = plot.clientWidth
    const height = plot.clientHeight
    if (width === 0) return
    const m = { left: 46, right: 10, top: open ? 34 : 14, bottom: 20 }
    let low = Infinity
    let high = -Infinity
    const see = (value) => {
      if (value < low) low = value
      if (value > high) high = value
    }
    const from = Math.max(firstDay, one.f)
    const to = Math.min(lastDay, one.f + one.v.length - 1)
    for (let day = from; day <= to; day++) {
      const value = at(one, day, 'v')
      if (value === null) continue
      see(value - (at(one, day, 'l') || 0))
      see(value + (at(one, day, 'h') || 0))
    }
    if (one.b) {
      see(one.b[0] - 2 * one.b[1])
      see(one.b[0] + 2 * one.b[1])
    }
    const fraction = one.u === 'fraction'
    if (low > high) [low, high] = [0, 1]
    const least = fraction ? 0.02 : Math.abs(high) * 0.04 || 1
    if (high - low < least) [low, high] = [low - least / 2, high + least / 2]
    const pad = (high - low) * 0.06
    low = Math.max(0, low - pad)
    high += pad
    if (fraction) high = Math.min(1, high)
    const x = (day) => round(m.left + ((day - firstDay + 0.5) / (lastDay - firstDay + 1)) * (width - m.left - m.right))
    const y = (value) => round(m.top + ((high - value) / (high - low)) * (height - m.top - m.bottom))
    const floor = height - m.bottom
    const svg = node('svg', { width, height, viewBox: '0 0 ' + width + ' ' + height, role: 'img', 'aria-label': plot.dataset.name })

    const step = niceStep((high - low) / (open ? 7 : 4))
    for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++) {
      const line = y(tick * step)
      svg.append(node('line', { class: 'grid', x1: m.left, x2: width - m.right, y1: line, y2: line }))
      svg.append(node('text', { x: m.left - 6, y: line + 4, 'text-anchor': 'end' }, inUnit(tick * step, one.u, step)))
    }
    for (const [day, label] of dateTicks(width - m.left)) {
      const middle = x(day)
      const half = label.length * 3.2
      if (middle - half < m.left - 8) continue
      const anchor = middle + half > width ? 'end' : 'middle'
      svg.append(node('text', { x: anchor === 'end' ? width : middle, y: height - 4, 'text-anchor': anchor }, label))
    }

    if (one.b) {
      const [mean, sd, begins, ends] = one.b
      const left = x(Math.max(firstDay, begins) - 0.5)
      const right = width - m.right
      const top = y(Math.min(high, mean + 2 * sd))
      const bottom = y(Math.max(low, mean - 2 * sd))
      svg.append(node('rect', { class: 'band', x: left, y: top, width: Math.max(0, right - left), height: Math.max(1, round(bottom - top)) }))
      if (ends >= firstDay) {
        const stop = x(ends + 0.5)
        svg.append(node('path', { class: 'pinned', d: 'M' + left + ' ' + top + 'H' + stop + 'M' + left + ' ' + bottom + 'H' + stop }))
      }
      svg.append(node('line', { class: 'mean', x1: left, x2: right, y1: y(mean), y2: y(mean) }))
    }

    const marks = []
    for (const kind of ['releases', 'blessings']) {
      for (const [day, label] of page[kind]) if (day >= firstDay) marks.push({ day, label, kind: kind.slice(0, -1) })
    }
    // Daily releases would cover the plot with their lines.
    for (const { day, kind } of marks.length > width / 24 ? [] : marks) svg.append(node('line', { class: kind, x1: x(day), x2: x(day), y1: m.top - 2, y2: floor }))
    for (const day of one.c || []) if (day > firstDay) svg.append(node('line', { class: 'broken', x1: x(day - 0.5), x2: x(day - 0.5), y1: m.top, y2: floor }))

    // Runs of nights without a gap that can be compared with each other.
    const runs = []
    let run = []
    const breaks = new Set(one.c)
    for (let day = from; day <= to; day++) {
      const value = at(one, day, 'v')
      if (run.length > 0 && (value === null || breaks.has(day))) {
        runs.push(run)
        run = []
      }
      if (value !== null) run.push(day)
    }
    if (run.length > 0) runs.push(run)
    const pitch = (width - m.left - m.right) / (lastDay - firstDay + 1)
    const lower = (day) => y(Math.max(low, at(one, day, 'v') - at(one, day, 'l')))
    const upper = (day) => y(Math.min(high, at(one, day, 'v') + at(one, day, 'h')))
    const spread = []
    const whiskers = []
    const lines = []
    const thin = []
    const means = []
    for (const days of runs) {
      if (one.l && pitch >= 9) for (const day of days) whiskers.push('M' + x(day) + ' ' + lower(day) + 'V' + upper(day))
      else if (one.l && days.length > 1) {
        spread.push('M' + days.map((day) => x(day) + ' ' + upper(day)).join('L') + 'L' + days.toReversed().map((day) => x(day) + ' ' + lower(day)).join('L') + 'Z')
      } else if (one.l) whiskers.push('M' + x(days[0]) + ' ' + lower(days[0]) + 'V' + upper(days[0]))
      // Of a night and the six before it, as the detector's long scale takes them.
      const week = (index) => {
        const values = days.slice(Math.max(0, index - 6), index + 1).map((day) => at(one, day, 'v'))
        return values.reduce((sum, value) => sum + value, 0) / values.length
      }
      const line = 'M' + days.map((day) => x(day) + ' ' + y(at(one, day, 'v'))).join('L')
      if (pitch < 2.2 && days.length > 7) {
        thin.push(line)
        means.push('M' + days.slice(6).map((day, index) => x(day) + ' ' + y(week(index + 6))).join('L'))
      } else if (days.length > 1) lines.push(line)
    }
    if (spread.length > 0) svg.append(node('path', { class: 'sure', d: spread.join('') }))
    if (whiskers.length > 0) svg.append(node('path', { class: 'whisker', d: whiskers.join('') }))
    if (lines.length > 0) svg.append(node('path', { class: 'values', d: lines.join('') }))
    if (means.length > 0) {
      svg.append(node('path', { class: 'values thin', d: thin.join('') }))
      svg.append(node('path', { class: 'week', d: means.join('') }))
    }
    for (const days of runs) {
      if (pitch < 7 && days.length > 1) continue
      for (const day of days) svg.append(node('circle', { class: 'dot', cx: x(day), cy: y(at(one, day, 'v')), r: 2.5 }))
    }

    // From the night that an incident was opened on to the one that closed it, or to the last.
    const incidents = []
    let since
    const span = (begin, end, isOver) => {
      if (end < firstDay) return
      const left = begin < firstDay ? m.left : x(begin)
      const cap = (place) => 'M' + place + ' ' + (floor - 9) + 'V' + floor
      incidents.push((begin < firstDay ? '' : cap(left)) + 'M' + left + ' ' + (floor - 2) + 'H' + x(end) + (isOver ? cap(x(end)) : ''))
    }
    for (const [day, , , incident] of one.m) {
      if (incident === 0) since = since ?? day
      if (incident !== 1) continue
      span(since ?? day, day, true)
      since = undefined
    }
    if (since !== undefined) span(since, lastDay, false)
    if (incidents.length > 0) svg.append(node('path', { class: 'incident', d: incidents.join('') }))

    for (const [day, rank] of one.m) {
      const value = at(one, day, 'v')
      const state = page.states[rank][0]
      if (day < firstDay || value === null) continue
      const [cx, cy] = [x(day), y(value)]
      if (state === 'regressed' || state === 'suspect') svg.append(node('circle', { class: 'found ' + state, cx, cy, r: state === 'regressed' ? 5 : 4 }))
      if (state === 'improved') svg.append(node('path', { class: 'found improved', d: 'M' + cx + ' ' + (cy - 6) + 'l6 6l-6 6l-6 -6Z' }))
    }

    const taken = [[], []]
    for (const { day, label, kind } of marks.toSorted((a, b) => a.day - b.day)) {
      const middle = x(day)
      const top = m.top - 2
      svg.append(
        kind === 'release'
          ? node('path', { class: kind, d: 'M' + (middle - 4) + ' ' + (top - 7) + 'h8l-4 7Z' })
          : node('path', { class: kind, d: 'M' + middle + ' ' + (top - 8) + 'l4 4l-4 4l-4 -4Z' }),
      )
      if (!open) continue
      const text = label.length > 24 ? label.slice(0, 23) + '…' : label
      const own = text.length * 6.2 + 8
      const [begin, end] = middle + own > width ? [middle - own, middle] : [middle, middle + own]
      const row = taken.findIndex((spans) => spans.every(([a, b]) => end <= a || begin >= b))
      if (row === -1) continue
      taken[row].push([begin, end])
      svg.append(node('text', { class: 'mark', x: begin === middle ? middle - 4 : middle + 4, y: top - 11 - 12 * row, 'text-anchor': begin === middle ? 'start' : 'end' }, text))
    }

    const cursor = node('line', { class: 'cursor', y1: m.top, y2: floor, visibility: 'hidden' })
    const dot = node('circle', { class: 'cursor-dot', r: 3.5, visibility: 'hidden' })
    svg.append(cursor, dot)
    plot.replaceChildren(svg)
    shown.set(card, { x, y, cursor, dot, m, width })
  }

  const shown = new Map()
  const hints = new Map(cards.map((card) => [card, card.querySelector('.readout').textContent]))
  const current = new Map()
  const runOf = (one, day) => (one.r && one.r[day]) || page.runs[day]
  // What came between the night before and this one.
  const marksOf = (day) => [
    ...page.releases.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'after release ' + label),
    ...page.blessings.filter(([place]) => Math.ceil(place) === day).map(([, label]) => 'baseline blessed by ' + label),
  ]
  const findingOf = (one, day) =>
    one.m
      .filter(([on]) => on === day)
      .map(([, rank, cause, incident]) =>
        [page.states[rank][1], ...(cause < 0 ? [] : [page.causes[cause]]), ...(incident === undefined ? [] : ['incident ' + page.incidents[incident]])].join(', '),
      )
  const intervalOf = (one, day) => {
    const value = at(one, day, 'v')
    const below = at(one, day, 'l')
    if (value === null || below === null) return ''
    return inUnit(value - below, one.u).replace(' %', '') + ' – ' + inUnit(value + at(one, day, 'h'), one.u)
  }
  const show = (card, wanted) => {
    const one = seriesOf(card)
    const state = shown.get(card)
    const readout = card.querySelector('.readout')
    if (!state) return
    const day = Math.max(Math.max(0, firstDay), Math.min(lastDay, wanted))
    current.set(card, day)
    const value = at(one, day, 'v')
    const left = state.x(day)
    for (const name of ['x1', 'x2']) state.cursor.setAttribute(name, left)
    state.cursor.setAttribute('visibility', 'visible')
    state.dot.setAttribute('visibility', value === null ? 'hidden' : 'visible')
    if (value !== null) {
      state.dot.setAttribute('cx', left)
      state.dot.setAttribute('cy', state.y(value))
    }
    const interval = intervalOf(one, day)
    readout.textContent = [
      iso(day),
      value === null ? 'not measured' : inUnit(value, one.u) + (interval === '' ? '' : ' (' + interval + ')'),
      ...(value === null ? [] : [plural(trialsAt(one, day), 'trial')]),
      ...findingOf(one, day),
      ...marksOf(day),
    ].join(' · ')
  }
  const dayAt = (card, clientX) => {
    const { m, width } = shown.get(card)
    const box = card.querySelector('.plot').getBoundingClientRect()
    const share = (clientX - box.left - m.left) / (width - m.left - m.right)
    return firstDay + Math.floor(share * (lastDay - firstDay + 1))
  }
  list.addEventListener('pointermove', (event) => {
    const card = event.target.closest('.plot')?.closest('.card')
    if (card && shown.has(card)) show(card, dayAt(card, event.clientX))
  })
  list.addEventListener('pointerout', (event) => {
    const plot = event.target.closest('.plot')
    const card = plot?.closest('.card')
    if (!card || plot.contains(event.relatedTarget) || plot === document.activeElement || !shown.has(card)) return
    card.querySelector('.readout').textContent = hints.get(card)
    for (const each of [shown.get(card).cursor, shown.get(card).dot]) each.setAttribute('visibility', 'hidden')
  })
  list.addEventListener('keydown', (event) => {
    if (!event.target.classList.contains('plot')) return
    const card = event.target.closest('.card')
    const day = current.get(card) ?? lastDay + 1
    const moves = { ArrowLeft: day - 1, ArrowRight: day + 1, Home: 0, End: lastDay }
    if (!(event.key in moves)) return
    event.preventDefault()
    show(card, moves[event.key])
  })

  const cell = (row, text, name) => {
    const made = document.createElement(name || 'td')
    made.textContent = text
    row.append(made)
    return made
  }
  const fillNights = (card) => {
    const place = card.querySelector('.nights')
    if (!place || place.firstChild) return
    const one = seriesOf(card)
    const table = document.createElement('table')
    const head = table.createTHead().insertRow()
    const names = ['Night', 'Value', ...(one.l ? ['Interval'] : []), 'Trials', 'Run', 'What happened']
    for (const name of names) cell(head, name, 'th').scope = 'col'
    const body = table.createTBody()
    for (let day = one.f + one.v.length - 1; day >= one.f; day--) {
      const row = body.insertRow()
      const value = at(one, day, 'v')
      cell(row, iso(day), 'th').scope = 'row'
      cell(row, value === null ? 'not measured' : inUnit(value, one.u))
      if (one.l) cell(row, intervalOf(one, day))
      cell(row, value === null ? '' : trialsAt(one, day).toLocaleString('en-US'))
      const url = runOf(one, day)
      const run = cell(row, '')
      if (url && /^https?:/i.test(url)) {
        const link = document.createElement('a')
        link.href = url
        link.rel = 'noopener noreferrer'
        link.textContent = 'run'
        link.setAttribute('aria-label', 'Run of ' + iso(day))
        run.append(link)
      }
      cell(row, [...findingOf(one, day), ...marksOf(day), ...((one.c || []).includes(day) ? ['not comparable with the night before'] : [])].join(' · '))
    }
    place.append(table)
  }
  list.addEventListener('toggle', (event) => {
    const card = event.target.closest('.card')
    card.classList.toggle('open', event.target.open)
    if (event.target.open) fillNights(card)
    shown.delete(card)
    draw(card)
  }, true)

  const eye = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      eye.unobserve(target)
      draw(target)
    }
  }, { rootMargin: '300px' })
  const redraw = () => {
    shown.clear()
    for (const card of cards) {
      eye.unobserve(card)
      eye.observe(card)
    }
  }
  let width = innerWidth
  let waiting
  addEventListener('resize', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      if (innerWidth === width) return
      width = innerWidth
      redraw()
    }, 120)
  })

  const filters = document.getElementById('filters')
  const chips = Array.from(filters.querySelectorAll('button[data-state]'))
  const selects = Array.from(filters.querySelectorAll('select[data-by]'))
  const search = document.getElementById('search')
  const count = document.getElementById('count')
  const none = document.getElementById('none')
  const texts = cards.map((card) => card.textContent.toLowerCase())
  let state = 'all'
  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let found = 0
    cards.forEach((card, index) => {
      const match =
        (state === 'all' || card.dataset.state === state) &&
        selects.every((select) => select.value === '' || card.dataset[select.dataset.by] === select.value) &&
        words.every((word) => texts[index].includes(word))
      if (match) found++
      if (card.hidden === match) card.hidden = !match
    })
    count.textContent = found.toLocaleString('en-US') + ' of ' + cards.length.toLocaleString('en-US') + ' series'
    none.hidden = found > 0
  }
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      state = chip.dataset.state
      for (const each of chips) each.setAttribute('aria-pressed', String(each === chip))
      apply()
    })
  }
  for (const select of selects) select.addEventListener('change', apply)
  search.addEventListener('input', apply)
  const names = cards.map((card) => card.querySelector('.plot').dataset.name)
  document.getElementById('sort').addEventListener('change', (event) => {
    const order = cards.map((card, index) => index)
    if (event.target.value === 'name') order.sort((a, b) => names[a].localeCompare(names[b]))
    list.append(...order.map((index) => cards[index]))
  })
  const ranges = Array.from(filters.querySelectorAll('button[data-days]'))
  for (const button of ranges) {
    button.addEventListener('click', () => {
      setRange(Number(button.dataset.days))
      for (const each of ranges) each.setAttribute('aria-pressed', String(each === button))
      redraw()
    })
  }
  setRange(Number((ranges.find((button) => button.getAttribute('aria-pressed') === 'true') || { dataset: { days: 0 } }).dataset.days))
  for (const card of cards) {
    card.querySelector('.plot').tabIndex = 0
    eye.observe(card)
  }
  filters.hidden = false
  document.getElementById('unscripted').hidden = true
  apply()
})()`;var Hn=u(82414);const $t=`${Hn.Y}
:root { --week: #123a86; }
@media (prefers-color-scheme: dark) { :root { --week: #c3d7ff; } }
.page { max-width: 92rem; }
.status.regressed { color: var(--failed); background: var(--failed-tint); } .status.regressed::before { content: "✗"; }
.status.suspect { color: var(--inconclusive); background: var(--inconclusive-tint); } .status.suspect::before { content: "?"; }
.status.unmeasured { color: var(--errored); background: var(--errored-tint); } .status.unmeasured::before { content: "!"; }
.status.stale, .status.warming-up { color: var(--idle); background: var(--idle-tint); } .status.stale::before { content: "≠"; } .status.warming-up::before { content: "…"; }
.status.improved, .status.steady { color: var(--passed); background: var(--passed-tint); } .status.improved::before { content: "↑"; }
.filters { position: sticky; top: 0; z-index: 2; background: var(--sheet); padding: 0.6rem 0; margin: -0.6rem 0 0.4rem; }
.ranges { display: inline-flex; } .ranges button { border-radius: 0; margin-left: -1px; } .ranges button:first-child { border-radius: 8px 0 0 8px; margin-left: 0; } .ranges button:last-child { border-radius: 0 8px 8px 0; }
ul.remarks { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
ul.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1.3rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: 0.8rem; color: var(--soft); }
ul.key li { display: flex; align-items: center; gap: 0.45rem; } ul.key svg { flex: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 0.9rem; align-items: start; grid-auto-flow: dense; }
.card { min-width: 0; border: 1px solid var(--line); border-radius: 10px; padding: 0.85rem 0.95rem 0.6rem; content-visibility: auto; contain-intrinsic-size: auto 20rem; scroll-margin-top: 7rem; }
.card:target { outline: 2px solid var(--accent); outline-offset: -1px; }
.card.open { grid-column: 1 / -1; }
.card-head { display: flex; gap: 0.6rem; align-items: baseline; justify-content: space-between; }
.card h3 { margin: 0; font-size: 0.98rem; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext; }
.card .status { flex: none; }
.card .of { margin: 0; font-size: 0.82rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext; }
.card.open h3, .card.open .of { white-space: normal; overflow-wrap: anywhere; }
.card .figures { display: flex; flex-wrap: wrap; gap: 0 0.6rem; align-items: baseline; margin: 0.3rem 0 0.35rem; font-size: 0.86rem; color: var(--soft); }
.card .figures b { font-size: 1.25rem; line-height: 1.4; font-weight: 650; letter-spacing: -0.01em; color: var(--ink); } .card .figures b.unknown { font-size: 0.95rem; font-weight: 500; color: var(--soft); }
.card.regressed .figures .change { color: var(--failed); font-weight: 600; } .card.suspect .figures .change { color: var(--inconclusive); font-weight: 600; }
.plot { position: relative; height: 9.5rem; touch-action: pan-y; } .card.open .plot { height: 18rem; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.plot text { fill: var(--soft); font-size: 11px; } .plot text.mark { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--sheet); stroke-width: 3px; stroke-linejoin: round; }
.plot .grid { stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 4; }
svg .band { fill: var(--passed-tint); } svg .pinned { fill: none; stroke: var(--passed); stroke-width: 1; opacity: 0.55; } svg .mean { stroke: var(--passed); stroke-width: 1.25; stroke-dasharray: 5 4; fill: none; }
.card.stale .band { fill: var(--idle-tint); } .card.stale .pinned, .card.stale .mean { stroke: var(--idle); }
svg .sure { fill: var(--fill); opacity: 0.2; } svg .whisker { stroke: var(--fill); stroke-width: 1.5; opacity: 0.5; fill: none; }
svg .values { fill: none; stroke: var(--fill); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; } svg .values.thin { stroke-width: 1; opacity: 0.5; } svg .week { fill: none; stroke: var(--week); stroke-width: 2; stroke-linejoin: round; }
svg .dot { fill: var(--fill); }
svg .broken { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1 3; }
svg .release { stroke: var(--accent); fill: var(--accent); } svg line.release, svg line.blessing { stroke-width: 1; opacity: 0.35; } svg .blessing { stroke: var(--passed); fill: var(--passed); }
svg .incident { fill: none; stroke: var(--failed); stroke-width: 2; stroke-linecap: square; }
svg .found { stroke: var(--sheet); stroke-width: 1.5; } svg .found.regressed { fill: var(--failed); } svg .found.improved { fill: var(--passed); } svg .found.suspect { fill: var(--sheet); stroke: var(--inconclusive); stroke-width: 2; }
svg .cursor { stroke: var(--ink); stroke-width: 1; opacity: 0.55; } svg .cursor-dot { fill: var(--ink); stroke: var(--sheet); stroke-width: 1.5; }
.readout { margin: 0.15rem 0 0; min-height: 1.3rem; font-size: 0.78rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .card.open .readout { white-space: normal; }
.card details { margin-top: 0.2rem; } .card summary { cursor: pointer; font-size: 0.82rem; color: var(--soft); }
.card dl.amounts { margin: 0.6rem 0 0.9rem; font-size: 0.86rem; }
.nights { max-height: 24rem; overflow: auto; border: 1px solid var(--line); border-radius: 8px; } .nights table { font-size: 0.84rem; } .nights th, .nights td { padding: 0.28rem 0.9rem; white-space: nowrap; } .nights thead th { position: sticky; top: 0; background: var(--sunk); padding: 0.4rem 0.9rem; } .nights tbody th { min-width: 0; font-weight: 400; } .nights td:last-child { width: 99%; }
table.marks td, table.quarantine th { overflow-wrap: anywhere; } table.marks tbody th, table.marks td:nth-child(2) { width: 1%; white-space: nowrap; padding-right: 2rem; }
table.legs { font-size: 0.88rem; } main td.number, main th.number { padding-right: 1.6rem; } section > .scroll { margin-top: 0.75rem; }
.empty { padding: 2.5rem 1rem; text-align: center; color: var(--soft); } .empty b { display: block; color: var(--ink); font-size: 1.05rem; margin-bottom: 0.3rem; }
@media (max-width: 46rem) { .filters { position: static; } .card.open .plot { height: 13rem; } }
@media print { .card { content-visibility: visible; break-inside: avoid; } }
`,xt=1e3,xe=500,Yn=500,zn=7,kt=t=>`'sha256-${(0,ut.createHash)("sha256").update(t).digest("base64")}'`,Gn=`default-src 'none'; script-src ${kt(bt)}; style-src ${kt($t)}; base-uri 'none'; form-action 'none'`,St=(t,e)=>(0,D.q)`<a href="${e}" rel="noopener noreferrer">${t}</a>`;function Kn(t,e){const{verdict:s,run:n}=t,a=[["the run",Le(e.runUrl??n?.url)],["all files",Le(e.artifactUrl)]].flatMap(([r,o])=>o===null?[]:[(0,D.q)`${St(r,o)} `]);return(0,D.q)`<header class="verdict ${s}"><span class="mark" aria-hidden="true">${ft.j7[s]}</span><div>
<h1>${s} — ${(0,y.Jj)((0,m._T)(t),400)}</h1>
<p class="soft">${(0,y.Jj)((0,m.oM)(t),400)}</p>
${(0,kn.I)([["Finished",(0,k.K9)((0,y.Jj)(t.finished_at,40))],a.length>0&&["See",(0,D.q)`${a}`]],"meta")}</div></header>`}const Vn=(0,D.q)`<header class="verdict inconclusive"><span class="mark" aria-hidden="true">${ft.j7.inconclusive}</span><div><h1>No night has been measured yet</h1><p class="soft">This page shows every series from its first night on.</p></div></header>`;function Xn({notes:t,fleet_shift:e,incidents:s}){const n=[...e?[`Most series moved alike: ${e.reason}`]:[],...t],a={trigger:"opened",open:"open",resolve:"resolved"};if(n.length===0&&s.length===0)return!1;const r=s.slice(0,xe).map(({kind:i,since:l,title:c})=>(0,D.q)`<li>Incident <b>${a[i]}</b>, since ${(0,y.Jj)((0,m.kb)(l),40)}: ${(0,y.Jj)(c,300)}</li>`),o=s.length-r.length;return(0,D.q)`<section aria-labelledby="remarks"><h2 id="remarks">Of the last night</h2><ul class="remarks">${r}${o>0&&(0,D.q)`<li>and ${(0,k.pq)(o,"more incident")} in results.json</li>`}${n.slice(0,xe).map(i=>(0,D.q)`<li>${(0,y.Jj)(i,1e3)}</li>`)}</ul></section>`}class He{values;numbers;constructor(e){this.values=[...new Set(e.filter(s=>s!==null))].sort().slice(0,Yn),this.numbers=new Map(this.values.map((s,n)=>[s,n]))}of(e){return e===null?void 0:this.numbers.get(e)}select(e,s=n=>n){return this.values.length<2?!1:(0,D.q)`<label><span class="vh">${e}</span><select data-by="${e}"><option value="">any ${e}</option>${this.values.map((n,a)=>(0,D.q)`<option value="${a}">${(0,y.Jj)(s(n),60)}</option>`)}</select></label>`}}const qn=[[30,"30 nights"],[90,"90"],[365,"365"],[0,"all"]];function Qn(t,{first:e,last:s},{datasets:n,models:a,prompts:r,metrics:o}){const i=s-e+1,l=m.sQ.map(p=>{const b=t.filter(N=>mt(N)===p).length;return b>0&&(0,D.q)`<button type="button" data-state="${p}" aria-pressed="false">${m.I7[p]}<span class="n">${(0,k.B4)(b)}</span></button>`}),c=i>90?90:0,d=qn.filter(([p])=>p<i),f=d.length>1&&(0,D.q)`<span class="ranges" role="group" aria-label="Nights shown">${d.map(([p,b])=>(0,D.q)`<button type="button" data-days="${p}" aria-pressed="${String(p===c)}">${b}</button>`)}</span>`;return(0,D.q)`<div class="filters" id="filters" role="group" aria-label="Filter the series" hidden><button type="button" data-state="all" aria-pressed="true">all<span class="n">${(0,k.B4)(t.length)}</span></button>${l}${n.select("dataset")}${a.select("model")}${r.select("prompts")}${o.select("metric",ht.C6)}<label><span class="vh">order</span><select id="sort"><option value="state">worst first</option><option value="name">by name</option></select></label><input id="search" type="search" placeholder="Search in all texts" aria-label="Search in all texts">${f}<span class="soft" id="count" role="status"></span></div>`}const Zn=(0,D.q)`<ul class="key" aria-label="Signs in the plots"><li><svg width="26" height="14" aria-hidden="true"><rect class="sure" width="26" height="14"/><path class="values" d="M1 9L9 5L17 8L25 4"/></svg>value, 95 % interval of a share</li><li><svg width="26" height="14" aria-hidden="true"><path class="week" d="M1 9L9 6L17 7L25 5"/></svg>mean of 7 nights, where nights are close</li><li><svg width="26" height="14" aria-hidden="true"><rect class="band" width="26" height="14"/><line class="mean" x1="0" x2="26" y1="7" y2="7"/></svg>baseline ± 2 standard deviations, its nights outlined</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found regressed" cx="6" cy="6" r="5"/></svg>regressed</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found suspect" cx="6" cy="6" r="4"/></svg>suspect</li><li><svg width="12" height="12" aria-hidden="true"><path class="found improved" d="M6 0l6 6l-6 6l-6 -6Z"/></svg>improved</li><li><svg width="10" height="8" aria-hidden="true"><path class="release" d="M1 0h8l-4 7Z"/></svg>release</li><li><svg width="8" height="8" aria-hidden="true"><path class="blessing" d="M4 0l4 4l-4 4l-4 -4Z"/></svg>new baseline blessed</li><li><svg width="26" height="12" aria-hidden="true"><path class="incident" d="M2 1V11M2 9H24M24 5V11"/></svg>incident, from its first night to its end</li><li><svg width="6" height="14" aria-hidden="true"><line class="broken" x1="3" x2="3" y1="0" y2="14"/></svg>dataset, judge or model changed</li></ul>`;function _n({releases:t=[],blessings:e=[],findings:s=[]}){const n=[...t.map(({at:o,label:i,url:l})=>({at:o,what:"release",text:i,url:l})),...e.map(({at:o,by:i,reason:l})=>({at:o,what:"blessed",text:`by ${i}: ${l}`,url:null})),...s.flatMap(({night:o,incident:i,...l})=>i?[{at:o,what:`incident ${i}`,text:(0,m.f_)(l),url:null}]:[])].sort((o,i)=>o.at<i.at?1:o.at>i.at?-1:0);if(n.length===0)return!1;const a=n.length-xe,r=n.slice(0,xe).map(({at:o,what:i,text:l,url:c})=>{const[d,f]=[(0,y.Jj)(l,300),Le(c)];return(0,D.q)`<tr><th scope="row">${(0,k.K9)((0,y.Jj)(o,40))}</th><td>${i}</td><td>${f===null?d:St(d,f)}</td></tr>`});return(0,D.q)`<section aria-labelledby="marks"><h2 id="marks">Releases, blessings and incidents</h2><div class="scroll"><table class="marks"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Which</th></tr></thead><tbody>${r}</tbody></table></div>${a>0&&(0,D.q)`<p class="note">and ${(0,k.pq)(a,"earlier one")}</p>`}</section>`}function es({legs:t}){if(t.length===0)return!1;const e=t.length-xe,s=t.slice(0,xe).map(n=>{const a=n.accuracy===null?"unknown":(0,k.l9)(n.accuracy),r=n.latency_p95===null?"unknown":(0,k._V)(n.latency_p95),o=n.answered.slice(0,3).map(i=>(0,y.Jj)(i,80));return(0,D.q)`<tr><th scope="row">${(0,y.Jj)((0,m.ue)(n),200)}</th><td>${n.arm}</td><td><span class="status ${n.verdict}">${n.verdict}</span></td><td class="number">${a}</td><td class="number">${r}</td><td class="number">${(0,k.Fl)(n.cost_usd,"usd")}</td><td class="number">${(0,k.l9)(n.coverage)}</td><td class="reason">${o.join(", ")||"–"}${n.verdict!=="passed"&&(0,D.q)`<p>${(0,y.Jj)(n.reason,400)}</p>`}</td></tr>`});return(0,D.q)`<section aria-labelledby="legs"><h2 id="legs">Evaluations of the last night</h2><div class="scroll"><table class="legs"><thead><tr><th scope="col">Evaluation</th><th scope="col">Arm</th><th scope="col">Verdict</th><th scope="col" class="number">Accuracy</th><th scope="col" class="number">Latency p95</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Coverage</th><th scope="col">Answered by</th></tr></thead><tbody>${s}</tbody></table></div>${e>0&&(0,D.q)`<p class="note">and ${(0,k.pq)(e,"more evaluation")} in results.json</p>`}</section>`}function ts({quarantined:t}){if(t.length===0)return!1;const e=t.length-xe,s=t.slice(0,xe).map(({id:n,dataset:a,flip_rate:r,owner:o,until:i})=>(0,D.q)`<tr><th scope="row">${(0,y.Jj)(n,120)}</th><td>${(0,y.Jj)(a,120)}</td><td class="number">${(0,k.l9)(r)}</td><td>${o===null?"nobody":(0,y.Jj)(o,80)}</td><td>${(0,y.Jj)(i,40)}</td></tr>`);return(0,D.q)`<section aria-labelledby="quarantine"><h2 id="quarantine">In quarantine</h2><p class="soft">These examples flip from night to night: they inform, and block nothing until their day.</p><div class="scroll"><table class="quarantine"><thead><tr><th scope="col">Example</th><th scope="col">Dataset</th><th scope="col" class="number">Flips</th><th scope="col">Owner</th><th scope="col">Until</th></tr></thead><tbody>${s}</tbody></table></div>${e>0&&(0,D.q)`<p class="note">and ${(0,k.pq)(e,"more example")} in results.json</p>`}</section>`}function*ns(t,e,s){if(yield(0,D.q)`<section aria-labelledby="series"><h2 id="series">Series</h2>\n`.text,!e||t.length===0){yield(0,D.q)`<div class="empty"><b>No history yet</b>The first night begins a line for each dataset, model and metric; from night ${s} on there is a baseline to compare with.</div></section>\n`.text;return}const n=t.slice(0,xt),a={datasets:new He(n.map(({key:o})=>o.dataset)),models:new He(n.map(({key:o})=>o.model)),prompts:new He(n.map(({key:o})=>o.prompts)),metrics:new He(n.map(({key:o})=>o.metric))};yield(0,D.q)`${Qn(n,e,a)}<p class="note" id="unscripted">The plots and the tables of nights need JavaScript; the last night’s values stand here without it.</p>\n${Zn}\n<div class="cards" id="cards">\n`.text;for(const[o,i]of n.entries()){const{key:l}=i,c={at:o,dataset:a.datasets.of(l.dataset),model:a.models.of(l.model),prompts:a.prompts.of(l.prompts),metric:a.metrics.of(l.metric)};yield Tn(i,c,s).text}yield(0,D.q)`</div><p id="none" class="note" hidden>No series matches.</p>`.text;const r=t.length-n.length;r>0&&(yield(0,D.q)`<p class="note">and ${(0,k.B4)(r)} more series in the history</p>`.text),yield`</section>
`}function*ss(t,e,s){const n=Ln(e,s),a=Bn(t);yield`<script type="application/json" id="data">{"page":${yt(Jn(t,s,n))},"series":[`;for(const[r,o]of e.slice(0,xt).entries())yield`${r===0?"":`,
`}${yt(Un(o,s,n,a.get((0,ke.P)(o.key))))}`;yield`]}<\/script>
`}async function*Ot(t,e={}){const{results:s}=t,n=An(t),a=n?Pn(t,n):[],r=s===null?"Nightly trend":`${s.verdict}: nightly trend, ${(0,y.Jj)(s.night,40)}`;yield`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Gn}">
`,yield(0,D.q)`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${r}</title>\n`.text,yield`<style>${$t}</style>
</head>
<body>
<div class="page">
`,yield(0,D.q)`<a class="skip" href="#series">Skip to the series</a>\n${s===null?Vn:Kn(s,e)}\n<main>\n${s!==null&&Xn(s)}\n`.text,yield*ns(a,n,t.nightsNeeded??zn),yield(0,D.q)`${_n(t)}\n${s!==null&&es(s)}\n${s!==null&&ts(s)}\n</main>\n<footer class="soft">Everything on this page is in the history and in <code>results.json</code> of the last night. Made by agent-ci.</footer>\n</div>\n`.text,n&&(yield*ss(t,a,n)),yield`<script>${bt}<\/script>
</body>
</html>
`}async function*as(){}const os=(t,e={})=>[{path:"index.html",text:Ot(t,e)},{path:".nojekyll",text:as()}];function qe(t,e){const s={verdict:"errored",regressions:"[]",legs:"[]","results-path":null,"dashboard-path":null,"issue-number":null,...t};for(const[n,a]of Object.entries(s))e.output(n,a)}const Qe=t=>JSON.stringify(t.map(({id:e})=>e));function rs(t,e){return qe({verdict:"passed",legs:Qe(t)},e),{verdict:"passed",exitStatus:0,headline:"Plan only: no call was made"}}async function is(t,e,s,n){const{outputDir:a}=s;(0,T.writeFileSync)((0,h.join)(a,"summary.md"),We(t,[])),n.info(dt(t,{colour:n.colour,files:[(0,h.relative)(n.cwd,a)||"."]}));const r=await Tt(["summary.md",...Et(e,a)],s,n);qe({verdict:t.verdict,legs:Qe(e)},n),await n.summary(We(t,[],jt(r)));const o=t.verdict==="errored"?1:0;return{verdict:t.verdict,exitStatus:o,headline:`${t.verdict}: ${(0,m._T)(t)}`}}const Mt=(t,e)=>(0,T.writeFileSync)((0,h.join)(e,"results.json"),`${JSON.stringify(t,null,2)}
`);async function ls({results:t,series:e,blessings:s,releases:n,findings:a,issueNumber:r,settings:o},i){const{outputDir:l,legs:c}=o,d=g=>(0,h.join)(l,g),f=g=>(0,h.relative)(i.cwd,d(g)),{trendUrl:p}=o,b={reportPath:f("dashboard.html"),...p!==void 0&&{trendUrl:p}},N={results:t,series:e,blessings:s,releases:n,findings:a};Mt(t,l),(0,T.writeFileSync)(d("summary.md"),We(t,e,b)),await(0,ct.pipeline)(lt.Readable.from(Ot(N,b)),(0,T.createWriteStream)(d("dashboard.html"))),(0,T.mkdirSync)(d("site"),{recursive:!0});for(const g of os(N,b))await(0,ct.pipeline)(lt.Readable.from(g.text),(0,T.createWriteStream)(d((0,h.join)("site",g.path))));i.info(dt(t,{colour:i.colour,files:[b.reportPath]}));const S=await Tt(["results.json","summary.md","dashboard.html",...Et(c,l)],o,i);qe({verdict:t.verdict,regressions:JSON.stringify(t.series.filter(({state:g})=>g==="regressed").map(cs)),legs:Qe(c),"results-path":f("results.json"),"dashboard-path":f("dashboard.html"),"issue-number":r??null},i),await i.summary(We(t,e,{...b,...jt(S)}))}const cs=({baseline:t,dataset:e,model:s,prompts:n,metric:a,value:r,drop:o,cause:i,reason:l})=>({dataset:e,model:s,prompts:n,metric:a,value:r,baseline:t?.mean??null,drop:o,cause:i,reason:l}),jt=t=>t?.url===void 0?{}:{artifactUrl:t.url};function Tt(t,e,s){const{artifactName:n,outputDir:a,retentionDays:r}=e;if(n===void 0)return Promise.resolve(void 0);const o=t.map(i=>(0,h.join)(a,i));return s.uploadArtifact(n,o,a,{...r!==void 0&&{retentionDays:r}})}function Et(t,e){const s=n=>(0,T.lstatSync)((0,h.join)(e,n),{throwIfNoEntry:!1})?.isFile()??!1;return t.flatMap(({id:n})=>{const a=(0,T.lstatSync)((0,h.join)(e,n),{throwIfNoEntry:!1})?.isDirectory()?(0,T.readdirSync)((0,h.join)(e,n),{withFileTypes:!0}).filter(r=>r.isDirectory()):[];return[n,...a.map(({name:r})=>(0,h.join)(n,r))].flatMap(r=>Me.map(o=>(0,h.join)(r,o)).filter(s))})}var ds=u(9210);function Dt(t){const e=`agent-ci/${t??"local"}/nightly`;return{of:({dataset:s,model:n,prompts:a,metric:r})=>[e,s,...[n,a].filter(o=>o!==null),r].join("/"),fleet:`${e}/most series`,unmeasured:`${e}/not measured`}}const us=.2,Nt=({state:t,confirmed:e})=>t==="steady"||t==="improved"||t==="suspect"&&e!==null&&e.p>=us;function hs(t,e,s,n){const a=t.finished_at,r=(p="")=>[...t.run?[{text:"Run",url:t.run.url}]:[],...n===void 0?[]:[{text:"Trend",url:`${n}${p}`}]],o={links:r(),at:a},i=t.series.filter(({state:p})=>p==="regressed"),l=t.legs.filter(({verdict:p,arm:b})=>p==="errored"&&b==="current"),c=t.fleet_shift,d=[...c?[{...o,...ps(c.reason,t.series),key:e.fleet}]:[],...i.map(p=>({...fs(p),links:r(`#${pt(p)}`),at:a,key:e.of(p)})),...l.length>0?[{...o,...ms(l),key:e.unmeasured}]:[]],f=t.series.filter(Nt);return{at:a,firing:d,healthy:[...t.series.filter(p=>Nt(p)||s(p)).map(e.of),...c||f.length===0?[]:[e.fleet],...l.length>0?[]:[e.unmeasured]]}}function fs(t){const e=(0,m.xv)(t);return{severity:t.unit==="fraction"?"error":"warning",title:`${(0,m.f_)(t)}: ${(0,m.$Y)(t)||"regressed"}${e===""?"":` (${e})`}`,text:t.reason,facts:[{name:"Tonight",value:(0,m.B8)(t)},{name:"Baseline",value:(0,m.BW)(t)},{name:"Change",value:(0,m.k0)(t)},{name:"Run again",value:(0,m.XH)(t)},...e===""?[]:[{name:"Who moved",value:e}]]}}const It=20;function ps(t,e){const s=e.filter(({state:a})=>a==="regressed"||a==="suspect"),n=[...new Set(s.map(m.xv))].filter(a=>a!=="");return{severity:"error",title:`Most series moved alike${n.length===1?`: ${n[0]}`:""}`,text:t,facts:s.slice(0,It).map(a=>({name:(0,m.f_)(a),value:(0,m.k0)(a)}))}}function ms(t){return{severity:"warning",title:`${(0,k.pq)(t.length,"leg")} of the night could not be measured`,text:"Nothing is known of them: neither that they are well, nor that they are not.",facts:t.slice(0,It).map(e=>({name:(0,m.ue)(e),value:e.reason}))}}var gs=u(96111);function At(t,e){const{legs:s,findings:n,fleetShift:a}=t,{verdict:r,reason:o}=ws(t),i=[...s,...t.reruns].map(({night:l})=>l.cost_usd).filter(l=>l!==null);return{schema_version:1,kind:"nightly",verdict:r,reason:o,notes:[...t.notes,...vs(s)],night:t.night,legs:s.map(l=>ys(l,e)).toSorted((l,c)=>Lt(c.verdict)-Lt(l.verdict)),series:n.toSorted((l,c)=>m.sQ.indexOf(l.state)-m.sQ.indexOf(c.state)),fleet_shift:a&&{median_t:a.median_t,series:a.series,reason:Pt(a,n)},quarantined:[...t.quarantined],incidents:[],cost_usd:i.length===0?null:i.reduce((l,c)=>l+c,0),run:t.run,started_at:t.startedAt,finished_at:t.finishedAt}}function Pt({reason:t},e){const s=e.find(({cause:n})=>n!==null);return s?`${t}; ${(0,m.xv)(s)}, by ${(0,m.f_)(s)}`:t}const Lt=t=>gs.bk.indexOf(t);function ys({night:t,reason:e,results:s},n){const a=r=>t.metrics[r]?.value??null;return{dataset:t.dataset,model:t.model,prompts:t.prompts,arm:t.arm,verdict:t.verdict,reason:e,accuracy:a("accuracy"),latency_p95:a("latency_p95_ms"),cost_usd:t.cost_usd,coverage:t.coverage,answered:t.answered,results:s===null?null:(0,h.relative)(n,s).replaceAll(h.sep,"/")}}function vs(t){const e=t.filter(({night:s})=>s.arm==="current"&&s.verdict==="failed");return e.length===0?[]:[`${(0,k.pq)(e.length,"leg")} of the night missed a gate, which is no regression by itself`]}const Rt=5;function Ye(t){const e=t.length-Rt;return`${t.slice(0,Rt).join("; ")}${e>0?`; and ${e} more`:""}`}function ws({legs:t,findings:e,fleetShift:s,tooFlaky:n,troubles:a}){const r=t.filter(({night:d})=>d.arm==="current"&&d.verdict==="errored"),o=[...a,...r.map(({night:d,reason:f})=>`${(0,m.ue)(d)}: ${f}`)],i=e.filter(({state:d})=>d==="regressed");if(o.length>0){const d=i.length>0?`; ${(0,k.B4)(i.length)} series regressed`:"";return{verdict:"errored",reason:`${Ye(o)}${d}`}}if(s)return{verdict:"failed",reason:Pt(s,e)};if(i.length>0)return{verdict:"failed",reason:Ye(i.map(({reason:d})=>d))};const l=e.filter(({state:d,confirmed:f})=>d==="suspect"&&f===null);if(l.length>0)return{verdict:"inconclusive",reason:`${(0,k.B4)(l.length)} series looks regressed and was not run again: ${Ye(l.map(({reason:d})=>d))}`};if(n.length>0)return{verdict:"inconclusive",reason:Ye(n)};const c=e.filter(({state:d})=>d==="warming-up"||d==="stale");return e.length>0&&c.length===e.length?{verdict:"passed",reason:`Measured; nothing to compare with yet: ${c[0].reason}`}:{verdict:"passed",reason:"No series regressed"}}var Ze=u(74374);function bs(t,e,s,n,{quarantine:{owner:a,settings:r}}){const o=[...t.nights,...e],i=new Set(n.filter(({state:v})=>v==="regressed"||v==="suspect").map(({dataset:v})=>v)),l=v=>(0,Ze.Qp)(v,o,{night:s,owner:()=>a,settings:r,closed:i}),{next:c,added:d,refused:f,expired:p,gates:b}=l(t.quarantine),[N]=d,S=b.filter(({passed:v})=>!v).map(({dataset:v,reason:P})=>`${v}: ${P}`),g=p.filter(({until:v})=>v===s);return{quarantined:(0,Ze.nR)(c,s).map(({dataset:v,id:P,flip_rate:O,owner:C,until:j})=>({dataset:v,id:P,flip_rate:O,owner:C,until:j})),notes:[...N?[`${(0,k.pq)(d.length,"example")} came into quarantine, until ${N.until}: they flip from night to night`]:[],...f>0?[`${(0,k.pq)(f,"flaky example")} did not come into quarantine: a regression of its dataset could hide there`]:[],...r.maxShare===void 0?S:[],...g.length>0?[`The quarantine of ${(0,k.pq)(g.length,"example")} is over: they count again`]:[]],tooMany:r.maxShare===void 0?[]:S,next:N&&(v=>l(v).next)}}const $s=6,xs=1e4;function*Ct(t,e){for(const s of(0,T.readdirSync)(t,{withFileTypes:!0})){const n=(0,h.join)(t,s.name);s.isFile()&&s.name===ye?yield n:s.isDirectory()&&e<$s&&(yield*Ct(n,e+1))}}function ks(t,e){const s=[];for(const n of Ct(t,0)){if(s.length>=xs)break;const a=(0,y.Ig)((0,h.relative)(e.cwd,n),300);try{const r=Ce.parse(JSON.parse((0,T.readFileSync)(n,"utf8"))),{run:o}=r.night,i=e.env.GITHUB_RUN_ID;i&&o&&o.id!==i?e.warn("Legs",`${a} is of the run ${(0,y.Ig)(o.id,100)}, not of this one`):s.push({record:r,directory:(0,h.dirname)(n)})}catch{e.warn("Legs",`${a} is no leg of a night, or is damaged`)}}return s}const Bt=({dataset:t,model:e,prompts:s},{night:n})=>n.dataset===t&&n.model===e&&n.prompts===s&&n.arm==="current";function Ss(t){const e=t.toSorted((a,r)=>a.record.night.finished_at<r.record.night.finished_at?-1:1),s=e.at(-1)?.record.shard,n=e.filter(({record:a})=>a.shard?.of===s?.of);return[...new Map(n.map(a=>[a.record.shard?.index,a])).values()]}async function Os(t,e,s,n,a,r){const o=[];for(const i of t){const l=Ss(e.legs.filter(({record:d})=>Bt(i,d))),[c]=l;if(c)if(c.record.shard)o.push(await a(i,l.map(({directory:d})=>d)));else{const d=js(c.directory,(0,h.resolve)(s,i.id));o.push({night:{...c.record.night,night:n.night},reason:c.record.reason,results:d})}else{const d=`Nothing of it is in ${(0,h.relative)(r.cwd,e.directory)||"."}: its job did not run, was cut off, or uploaded no artifact`;o.push(Ue({leg:i,arm:"current"},n,d,r))}}return o}function Ms(t,e,s,n){if(!(0,T.statSync)(e,{throwIfNoEntry:!1})?.isDirectory())throw new I.j1({what:`merge is ${JSON.stringify((0,h.relative)(n.cwd,e))}`,why:"There is no such directory",mend:"Write the path that actions/download-artifact puts the artifacts of the legs in"});const a=ks(e,n);for(const{record:r,directory:o}of a){if(t.some(l=>Bt(l,r)))continue;const i=(0,y.Ig)((0,h.relative)(n.cwd,o),300);n.warn("Legs",`${i} is ${(0,y.Ig)((0,m.ue)(r.night),300)}, which is not in the matrix: it is left out`)}return{directory:e,legs:a,night:a.reduce((r,{record:o})=>o.night.night<r?o.night.night:r,s),costUsd:a.reduce((r,{record:o})=>r+(o.night.cost_usd??0),0)}}function js(t,e){(0,T.mkdirSync)(e,{recursive:!0});const s=Me.filter(n=>(0,T.lstatSync)((0,h.join)(t,n),{throwIfNoEntry:!1})?.isFile());if((0,h.resolve)(t)!==e)for(const n of s)(0,T.copyFileSync)((0,h.join)(t,n),(0,h.join)(e,n));return s.includes("results.json")?(0,h.join)(e,"results.json"):null}var Ts=u(95615),Ft=u(95595),Ut=u(69626),ve=u(3159),Re=u(1024);function Es(t,e,s={}){const n=t.settings.confirmAlpha/t.flagged.size;return t.findings.map(a=>{const r=t.flagged.get((0,ve.hG)(a));if(!r)return a;const o=e.filter(i=>Ds(i,a)).map(i=>(0,ve.xm)(i,a.metric,s.without));return Ns(a,r,o,n)})}const Ds=(t,e)=>t.arm==="current"&&t.dataset===e.dataset&&t.model===e.model&&t.prompts===e.prompts;function Ns(t,{judged:{series:e,fall:s},expected:n},a,r){const o=(0,Ut._)(t.metric,t.unit),i=a.flatMap(({value:p,n:b})=>p===null?[]:[{score:o.of(p),n:b}]);if(i.length===0)return(0,Re.WY)(t,e,s.adjusted,{of:"not run again"});const{mean:l,p:c}=(0,Ft.Hv)(n,i.map(({score:p})=>p),s.scales[s.by]),d={...t,state:c<r?"regressed":"suspect",confirmed:{value:o.back(l),n:i.reduce((p,{n:b})=>p+b,0),p:c}},f=c<r?"confirmed":"not confirmed";return(0,Re.WY)(d,e,s.adjusted,{of:f,runs:i.length,limit:r})}var Is=u(31051),As=u(34902),Wt=u(68395),Jt=u(3610),Ps=u(25243);const Ht=.05;function Ls({series:t,model:e},s,n,a={}){const{key:r,unit:o}=t,i=(0,Ut._)(r.metric,o),l=C=>C.flatMap(j=>{const{value:U}=(0,ve.xm)(j,r.metric,a.without);return U===null?[]:[i.of(U)]}),[c,d]=[l(s),l(n)];if(c.length===0||d.length===0)return{cause:"unknown",controlP:null,differenceP:null,test:null,reason:`the ${d.length===0?"control arm":"current arm"} measured nothing`};const f=(0,Ft.Hv)(e,d,{repeated:0}),p=r.metric==="accuracy"?Fs(s,n,a.without?.get(r.dataset)):void 0,b=p??Bs(c,d,e),[N,S]=[f.p<Ht,b<Ht],g=N&&S?"both":N?"provider":S?"us":"unknown",v=p===void 0?"two-sample":"paired",P=C=>(0,Re.vj)(i.back((0,Wt.X)(C,j=>j)/C.length),o),O=`${Rs[g]}: the control arm has ${P(d)}, p ${(0,Re.Dz)(f.p)} against the baseline; the current one ${P(c)}, p ${(0,Re.Dz)(b)} against the control arm (${v})`;return{cause:g,controlP:f.p,differenceP:b,test:v,reason:O}}const Rs={provider:"the endpoint moved",us:"we moved",both:"the endpoint moved, and we did",unknown:"who moved cannot be told"},Cs=(t,{cause:e,reason:s})=>({...t,cause:e,reason:`${t.reason}; ${s}`});function Bs(t,e,{deviation:s,df:n}){const a=o=>(0,Wt.X)(o,i=>i)/o.length,r=(a(e)-a(t))/(s*Math.sqrt(1/t.length+1/e.length));return(0,As.w)(-r,n)}function Fs(t,e,s){const[n,...a]=[...t,...e],r=d=>(0,Jt.DP)({...d,answered:[]});if(!n||a.some(d=>r(d)!==r(n)))return;const o=new Set([...t,...e].flatMap(({imperfect:d})=>Object.keys(d))),i=[...o].filter(d=>!s?.has(d)).map(d=>({base:Yt(d,e),candidate:Yt(d,t)})).filter(({base:d,candidate:f})=>d.runs>0&&f.runs>0),l={passes:1,runs:1},c=Math.max(0,n.examples-new Set([...o,...s??[]]).size);return(0,Is.d)([...i,...Array.from({length:c},()=>({base:l,candidate:l}))])?.regressionTail}function Yt(t,e){let[s,n]=[0,0];for(const a of e){const[r,o]=(0,Ps.x)(a,t);s+=r,n+=o}return{passes:s,runs:n}}var Us=u(32674);const De=(t,e)=>t.dataset===e.dataset&&t.model===e.model&&t.prompts===e.prompts;async function Ws(t,e,s,n,a,r,o){const i=(0,Ze.nR)(e.quarantine,s),l=new Map([...(0,Ts.$)(i,({dataset:g})=>g)].map(([g,v])=>[g,new Set(v.map(({id:P})=>P))])),c=[...e.nights,...t.map(g=>g.night)].filter(g=>n.legs.some(v=>De(v,g))),d=(0,ve.Lf)(c,{without:l}),f=(0,Us.o)(d,{night:s,blessings:e.blessings,confirmed:a,settings:{minDrop:n.minDrop}}),p=g=>n.legs.find(v=>De(v,g));for(const g of f.findings)f.lasting.has((0,ve.hG)(g))&&o.info((0,y.Ig)(`${(0,m.f_)(g)}: ${g.reason}`,1e3));const b=[];if(n.confirm)for(const g of f.reruns)for(let v=1;v<=g.runs&&!o.signal.aborted;v++)b.push(await r.again(p(g),v));const N=Es(f,b.map(g=>g.night),{without:l}),S=[];for(const g of Hs(N,f,n)){if(o.signal.aborted)break;const v=Ys(c,N,g);v&&S.push(await r.control(p(g),v))}return{findings:N.map(g=>Js(g,{detection:f,tonight:t,reruns:b,controls:S,without:l})),detection:f,series:d,reruns:b,controls:S}}function Js(t,{detection:e,tonight:s,reruns:n,controls:a,without:r}){if(t.state!=="regressed"&&t.state!=="suspect"||e.lasting.has((0,ve.hG)(t)))return t;const o=e.judged.get((0,ve.hG)(t)),i=f=>f.map(({night:p})=>p).filter(p=>De(p,t)),l=i(a);if(!o||l.length===0)return t;const c=i(n),d=c.length>0?c:i(s);return Cs(t,Ls(o,d,l,{without:r}))}function Hs(t,{fleetShift:e,lasting:s},{control:n,legs:a}){if(n==="off")return[];if(n==="always")return a;const r=c=>c.state==="regressed"&&!s.has((0,ve.hG)(c)),o=a.filter(c=>t.some(d=>r(d)&&De(c,d)));if(o.length>0||!e)return o;const i=({drop:c,baseline:d})=>(c??0)/Math.max(d?.sd??0,1e-12),[l]=t.filter(({state:c})=>c==="suspect").toSorted((c,d)=>i(d)-i(c));return l?[l]:[]}function Ys(t,e,s){const n=e.find(a=>a.baseline!==null&&De(a,s))?.baseline?.to;return t.findLast(a=>a.night===n&&a.arm==="current"&&a.verdict!=="errored"&&De(a,s))}const zs=new Set(["regressed","suspect","improved"]);function Gs({night:t,series:e,incidents:s,finished_at:n},a,{lasting:r},o){const i=new Map(s.map(({key:l,kind:c})=>[l,c]));return e.flatMap(l=>{const{dataset:c,model:d,prompts:f,metric:p,state:b,cause:N}=l,S=i.get(o.of(l)),g=S==="trigger"?"opened":S==="resolve"?"closed":null;if(!zs.has(b)&&g===null)return[];const v=r.get((0,ve.hG)(l))??Ks(l,t,a);return[{schema_version:1,night:t,dataset:c,model:d,prompts:f,metric:p,state:b,cause:N,confirmed:v,incident:g,finished_at:n}]})}function Ks({state:t,confirmed:e,baseline:s,...n},a,r){const o=r.find(({dataset:i,model:l,prompts:c})=>i===n.dataset&&l===n.model&&c===n.prompts);return t!=="regressed"||!e||!s||!o?null:{night:a,...e,baseline_from:s.from,held:(0,Jt.iZ)(o)}}var Vs=u(70573);const Xs=5e3;function qs(t){const e=new AbortController;return t.addEventListener("abort",()=>setTimeout(()=>e.abort(),Xs).unref(),{once:!0}),e.signal}class _e{troubles=[];remembered;history;host;constructor(e,s,n){this.history=e,this.remembered=s,this.host=n}static async open({history:e},s){const n=(0,Vs.j)(e,{...s,signal:qs(s.signal)}),a=await n.read(),r=new _e(n,a,s);return r.warn(a.problems),r}async add(e,{night:s,run:n}){try{this.warn(await this.history.append(e,`Night ${s}${n?`, run ${n.id}`:""}`))}catch(a){const r=`The night was not written to the history: ${(0,I.bD)(a)}`;this.host.warn("History",(0,y.Ig)(r)),this.troubles.push(r)}}async prune(e,s){const n=new Date(Date.parse(s)-e*864e5).toISOString().slice(0,10);try{const{files:a}=await this.history.prune(n);a.length>0&&this.host.info(`Removed from the history: ${(0,y.Ig)(a.join(", "))}`)}catch(a){this.host.warn("History",(0,y.Ig)(`Older nights were not removed: ${(0,I.bD)(a)}`))}}warn(e){for(const s of e)this.host.warn("History",(0,y.Ig)((0,I.Vw)(s)))}}const zt="night.unfinished";function Qs(t,e){const s=(0,h.join)(t,zt);let n;try{n=(0,T.readFileSync)(s,"utf8").trim()}catch{}return(0,T.writeFileSync)(s,`${e}
`),n===e}function Gt(t){(0,T.rmSync)((0,h.join)(t,zt),{force:!0})}var Zs=u(72336),Kt=u(82151),_s=u(16270);const ea=100;async function ta({rest:t},e){const{data:s}=await t.repos.listReleases({...(0,_s.b)(e),per_page:ea});return s.flatMap(({draft:n,published_at:a,tag_name:r,html_url:o})=>n||!a?[]:[{at:a,tag:r,url:o}])}async function na(t,e,s){if(t===""||e===void 0||s.signal.aborted)return[];try{return(await ta(await(0,Kt.O)(t,s),e)).map(({at:a,tag:r,url:o})=>({at:a,label:r,url:o}))}catch(n){const a=(0,Zs.XZ)(n,{failed:"Releases are not marked on the page",permission:"contents: read"});return s.info((0,y.Ig)(a,400)),[]}}var sa=u(64743),aa=u(75832),ze=u(31314);const oa=z.Ikc({schema_version:z.euz(1),open:z.YOg(z.Ikc({key:z.YjP(),severity:z.k5n(ze.oC),title:z.YjP(),since:z.YjP(),last_seen:z.YjP()}))}),Vt={schema_version:1,open:[]};function Xt(t,{at:e,firing:s,healthy:n}){const a=[],r=et(t);for(const i of ra(s)){const l=r.get(i.key);(!l||(0,ze.Bx)(i.severity,l.severity))&&a.push({...i,kind:"trigger"}),r.set(i.key,{key:i.key,severity:l&&!(0,ze.Bx)(i.severity,l.severity)?l.severity:i.severity,title:i.title,since:l?.since??e,last_seen:e})}const o=new Set(s.map(({key:i})=>i));for(const i of new Set(n)){const l=r.get(i);!l||o.has(i)||(a.push(ia(l,e)),r.delete(i))}return{alerts:a,next:{schema_version:1,open:[...r.values()]}}}const et=({open:t})=>new Map(t.map(e=>[e.key,e]));function ra(t){const e=new Map;for(const s of t){const n=e.get(s.key);(!n||(0,ze.Bx)(s.severity,n.severity))&&e.set(s.key,s)}return[...e.values()]}const ia=({key:t,severity:e,title:s,since:n,last_seen:a},r)=>({key:t,kind:"resolve",severity:e,title:s,text:"It is well again.",facts:[{name:"Since",value:n},{name:"Last seen",value:a}],links:[],at:r});function la(t,e,s){const n=et(e),a=et(t);for(const r of s){const o=a.get(r);o?n.set(r,o):n.delete(r)}return{schema_version:1,open:[...n.values()]}}var qt=u(53751);async function ca(t,e,{targets:s,githubToken:n,trendUrl:a},r,o){const i=Dt(r),l=tt(e.incidents,o),c=new Map(l.open.map(j=>[j.key,j.since])),f=hs(t,i,j=>{const U=(0,sa.Hl)(e.blessings,j),ee=c.get(i.of(j));return U!==void 0&&ee!==void 0&&U.at>ee},a),{alerts:p,next:b}=Xt(l,f),N=()=>(0,Kt.O)(n,o),S=n!==""&&r!==void 0?{issues:(0,aa._)(N,r)}:{},g=await(0,qt.m)(p,s,o,S),v=(0,qt.D)(g),P=new Map(p.map(({key:j,kind:U})=>[j,U])),O=l.open.filter(({key:j})=>P.get(j)==="resolve"),C=j=>{const U=tt(j,o);return la(U,Xt(U,f).next,v)};return{incidents:[...b.open.map(({key:j,title:U,since:ee})=>({key:j,title:U,since:ee,kind:P.get(j)??"open"})),...O.map(({key:j,title:U,since:ee})=>({key:j,title:U,since:ee,kind:"resolve"}))],next:l.open.length+b.open.length===0?void 0:C,issueNumber:g.find(({issueNumber:j})=>j!==void 0)?.issueNumber}}function da({incidents:t},e){const s=new Set(tt(t,e).open.map(({key:n})=>n));return n=>s.has(n)}function tt(t,e){if(t===void 0)return Vt;const s=oa.safeParse(t);return s.success?s.data:(e.warn("History","The open incidents in the history cannot be read: they begin anew"),Vt)}const ua="The job was cancelled before it was run";async function Qt({plan:t,facts:e,settings:s,host:n},a){const r=Qs(s.outputDir,e.night),o=[];for(const i of t.legs)o.push(n.signal.aborted?Ue({leg:i,arm:"current"},e,ua,n):await a.leg(i,r));return o}async function ha(t){const{plan:e,facts:s,startedAt:n,settings:a,host:r}=t,o=new it(a,e,s,0,r);try{await o.openSets();const i=await Qt(t,o);r.signal.aborted||Gt(a.outputDir);const l=At({...pa,night:s.night,legs:i,run:s.run,startedAt:n,finishedAt:r.date().toISOString()},a.outputDir),d=l.verdict==="passed"?"Measured; the job that joins the legs judges the night":l.reason;return await is({...l,reason:d},e.legs,a,r)}finally{await o.close()}}async function fa(t,e,s){const[{renderExposition:n},{nightMetrics:a},{pushMetrics:r}]=await Promise.all([u.e(9843).then(u.bind(u,49843)),u.e(2140).then(u.bind(u,22140)),u.e(7917).then(u.bind(u,80298))]),o={job:"agent-ci-nightly",grouping:{}};await r(n(a(t)),e,o,s)}const pa={reruns:[],findings:[],fleetShift:null,quarantined:[],tooFlaky:[],notes:[],troubles:[]};async function ma(t){const{plan:e,startedAt:s,settings:n,host:a}=t,r=await _e.open(n,a),{remembered:o}=r,i=n.merge===void 0?void 0:Ms(e.legs,n.merge,t.facts.night,a),l={...t.facts,...i&&{night:i.night}},c=new it(n,e,l,i?.costUsd??0,a);try{await c.openSets();const d=c.joined.bind(c),f=i?await Os(e.legs,i,n.outputDir,l,d,a):await Qt(t,c);await r.add({nights:Ne(f)},l);const p=Dt(l.run?.repository),b=da(o,a),N=(0,ds.l)(o.findings,Ne(f),re=>b(p.of(re))),S=await Ws(f,o,l.night,n,N,c,a),g=bs(o,Ne(f),l.night,S.findings,n);(g.next||S.controls.length>0)&&await r.add({nights:Ne(S.controls),...(0,E.l)("quarantine",g.next)},l);const v=At({...S,night:l.night,legs:[...f,...S.controls],fleetShift:S.detection.fleetShift,quarantined:g.quarantined,tooFlaky:g.tooMany,notes:[...ga(n,o.nights,l.night),...ya(Ne(f)),...g.notes],troubles:r.troubles,run:l.run&&{id:l.run.id,url:l.run.url},startedAt:s,finishedAt:a.date().toISOString()},n.outputDir);Mt(v,n.outputDir);const P=a.signal.aborted?void 0:await ca(v,o,n,l.run?.repository,a),O={...v,incidents:P?.incidents??[]},C=P?Gs(O,Ne(f),S.detection,p):[];(P?.next||C.length>0)&&await r.add({findings:C,...P?.next&&{incidents:P.next}},l),n.historyDays!==void 0&&!a.signal.aborted&&await r.prune(n.historyDays,l.night);const{series:j}=S,{blessings:U}=o,ee=await na(n.githubToken,l.run?.repository,a),X=[...o.findings,...C],ue=P?.issueNumber;return await ls({results:O,series:j,blessings:U,releases:ee,findings:X,issueNumber:ue,settings:n},a),n.telemetry.pushgateway&&await fa(O,n.telemetry.pushgateway,a),a.signal.aborted||Gt(n.outputDir),wa(O,n,a)}finally{await c.close()}}const Ne=t=>t.map(({night:e})=>e);function ga({recorded:t},e,s){return[...t?["Answers come from recordings where there are some: of the models themselves the night says nothing"]:[],...va(e,s)]}function ya(t){return[...new Set(t.flatMap(({fingerprint:s})=>s.attack_seed??[]))].map(s=>`Tonight's attacks have the seed ${s}: attack-seed: '${s}' makes the same ones`)}function va(t,e){const n=t.filter(r=>r.arm==="current"&&r.verdict!=="errored"&&r.night<e).reduce((r,o)=>o.night>r?o.night:r,"");if(n==="")return[];const a=Math.round((Date.parse(e)-Date.parse(n))/864e5);return a<=1?[]:[`The last measured night was ${a} days ago, on ${n}`]}function wa(t,{failOnRegression:e},s){const{verdict:n}=t,a=`${n}: ${(0,m._T)(t)}`,r=n==="errored"||n==="failed"&&e?1:0;return n==="failed"&&r===0&&s.warn("Nightly evaluation",(0,y.Ig)(a)),{verdict:n,exitStatus:r,headline:a}}var Zt=u(72373),_t=u(75944),we=u(49449),ba=u(53855),$a=u(26661),en=u(9302),xa=u(92350);function ka(t){const e=[t.dataset,t.model,t.prompts].filter(n=>n!==null),s=e.map(n=>n.replaceAll(/[^\w.-]+/g,"-").replace(/^\.+/,"")).join("__");return s.length<=100&&e.join("__")===s&&!e.some(n=>n.includes("__"))?s:`${s.slice(0,100)}-${(0,xa.ol)(Buffer.from(JSON.stringify(e))).slice(7,15)}`}const Sa=({datasets:t,models:e,prompts:s})=>t.flatMap(n=>e.flatMap(a=>s.map(r=>{const o={dataset:n,model:a,prompts:r};return{id:ka(o),...o}})));function Oa(t,e){const s=t.map(({id:a})=>a),n=e.filter(a=>!s.includes(a));if(n.length>0)throw new I.j1(n.map(a=>({what:`legs names ${JSON.stringify(a)}`,why:"There is no such leg in the matrix of datasets, models and prompts",mend:(0,_t.S)(a,s)})));return t.filter(({id:a})=>e.includes(a))}const Ma=["regressed","always","off"],tn={merge:"",stop:"never",baseline:"none","artifact-name":"none",annotations:"false","pushgateway-url":"none",prompts:""};async function ja(t){const e=t.input,s=await(0,en.W)(t),{located:n,baseDir:a}=s,r=n?.config.nightly??{},o=new E.S(e,n),i=(H,ie)=>[...new Set(e(H)===""?ie??[]:we.E1(e(H)))],l=i("datasets",r.datasets??Object.keys(n?.config.datasets??{})),c=i("models",r.models),d=o.attempt(()=>Aa(e("prompts"),n,a))??new Map;l.length===0&&o.problems.push({what:"There is no dataset",why:"A night needs golden examples",mend:"Write datasets: evals/golden.jsonl as an input, or datasets: in agent-ci.yaml"});const f=e("github-token").trim()||t.env.GITHUB_TOKEN||"",p=(H,ie,be)=>o.read(H,ie,we.yG,be),b={history:(0,en.t)(s,f,t),historyDays:o.read("history-days",void 0,(H,ie)=>we.z2(H,ie,30),["nightly","history_days"]),quarantine:Da(r.quarantine),baseline:o.read("baseline",void 0,H=>H.trim().replace(/^ref:/,""),["nightly","baseline"]),control:o.read("control","off",Ia,["nightly","control"]),confirm:p("confirm",!0,["nightly","confirm"]),minDrop:o.read("min-drop",.02,we.WN,["nightly","min_drop"]),failOnRegression:p("fail-on-regression",t.env.GITHUB_EVENT_NAME!=="schedule",["nightly","fail_on_regression"]),retentionDays:o.read("retention-days",void 0,(H,ie)=>we.z2(H,ie,1,400),["nightly","retention_days"]),trendUrl:o.read("trend-url",void 0,Na,["nightly","trend_url"]),merge:e("merge").trim()===""?void 0:(0,h.resolve)(t.cwd,e("merge").trim()),targets:(0,ba.R)(o,n,t.env),telemetry:(0,$a.e)(o,n,t.env)};o.refuseProblems();const N=[...d.keys()],S=e("attack-seed").trim()!==""||n?.config.safety?.seed!==void 0,g=t.env.GITHUB_RUN_ID||t.date().toISOString().slice(0,10);let v=!1;const P=new Map,O=new Map,C=[];for(const H of l)for(const ie of c.length>0?c:[""]){const be=await(0,Zt.s)(Ta(e,{dataset:H,model:ie},r,n),t.cwd,t.env),{name:Ge}=be.dataset,nt=O.get(Ge);nt!==void 0&&nt!==H&&C.push({what:`Two datasets are called ${JSON.stringify(Ge)}: ${nt} and ${H}`,why:"Their nights could not be told apart",mend:"Give them names under datasets: in agent-ci.yaml, and write these"}),O.set(Ge,H),v=!S&&be.traffic?.mode!=="replay";const Ca=v?g:be.attackSeed;P.set(JSON.stringify([Ge,be.model??null]),{...be,attackSeed:Ca})}if(C.length>0)throw new I.j1(C);const j=[...P.values()][0];(b.control!=="off"||[...d.values()].some(({kind:H})=>H!=="workspace"))&&(0,K.$)(j.agent);const U=Sa({datasets:[...O.keys()],models:c.length>0?c:[j.model??null],prompts:N.length>0?N:[null]}),ee=we.E1(e("legs")),{shard:X}=j,ue=ee.length>0?Oa(U,ee):X?U:void 0;if(ue&&b.merge!==void 0)throw new I.j1({what:`${ee.length>0?"legs":"shard"} and merge are both given`,why:"A job either evaluates legs or joins what other jobs evaluated",mend:"Leave one of them out"});const re=j.traffic?.budget?.usd,Ae=j.traffic?.mode==="replay"||j.traffic?.mode==="auto";return{...b,...Ae&&{confirm:!1,control:"off"},recorded:Ae,rotatesSeed:v,legs:U,only:ue,promptSources:d,agentByInput:e("agent")!=="",evaluationOf:({dataset:H,model:ie})=>P.get(JSON.stringify([H,ie])),budgetUsd:re===void 0||!ue?re:re*ue.length/U.length/(X?.of??1),outputDir:j.outputDir,artifactName:Ea(e("artifact-name"),ee.length>0?ue:[],X,t.env),planOnly:j.planOnly,githubToken:f}}const Ta=(t,e,{repeats:s},n)=>a=>{if(a==="dataset"||a==="model")return e[a];if(a in tn)return tn[a];if(!(a in x))return"";const r=t(a);if(r!=="")return r;if(a==="repeats")return s===void 0?"":String(s);const o=t("sample")!==""||n?.config.evaluation?.sample!==void 0;return a==="seed"&&o&&n?.config.evaluation?.seed===void 0?"agent-ci":""};function Ea(t,e,s,n){if(t!=="")return(0,Zt.T)(t,{name:"artifact-name"});const a=Number(n.GITHUB_RUN_ATTEMPT??"1"),r=e.map(({id:i})=>i).join("-").slice(0,200),o=s?[`shard-${s.index}-of-${s.of}`]:[];return["agent-ci-nightly",...r===""?[]:[r],...o,...a>1?[`attempt-${a}`]:[]].join("-")}function Da({owner:t,flip_rate:e,days:s,max_share:n}={}){const a=(r,o)=>r===void 0?void 0:we.WN(String(r),{name:`nightly.quarantine.${o}`});return{owner:t??null,settings:{...(0,E.l)("flipRate",a(e,"flip_rate")),...(0,E.l)("days",s),...(0,E.l)("maxShare",a(n,"max_share"))}}}function Na(t,e){const s=URL.parse(t.trim());if(s?.protocol==="https:"||s?.protocol==="http:")return s.href;throw new I.j1({what:`${e.name} is ${JSON.stringify(t)}`,why:"Expected an address that begins with https://",mend:`Write for example ${e.name}: https://acme.github.io/support/`,...e.source&&{source:e.source}})}function Ia(t,e){return t.trim()==="true"?"regressed":t.trim()==="false"?"off":we.HU(t,e,Ma)}function Aa(t,e,s){const n=e?.config.nightly?.prompts??{},a=o=>o==="."?{kind:"workspace"}:o.startsWith("ref:")?{kind:"ref",ref:o.slice(4).trim()}:{kind:"directory",path:(0,h.resolve)(s,o)},r=t===""?Object.keys(n):we.E1(t);return new Map(r.map(o=>{const i=Object.hasOwn(n,o)?n[o]:o;if(i===o&&o!=="."&&!o.startsWith("ref:"))throw new I.j1({what:`prompts names ${JSON.stringify(o)}`,why:"It is no set of prompts of the configuration",mend:Object.keys(n).length>0?(0,_t.S)(o,Object.keys(n)):"Write it under nightly.prompts in agent-ci.yaml, or ref: and a branch, tag or commit"});return[o.replace(/^\.$/,"workspace"),a(i)]}))}function Pa(t,e){let s=!1;return{...t,warn:(a,r)=>{a===e&&s||(s||=a===e,t.warn(a,r))}}}async function La(t){const e=Pa(t,"OpenTelemetry"),s=await ja(e),n=e.date().toISOString(),a=(0,Z.t)(e.env),r={night:n.slice(0,10),run:a&&{repository:a.repository,id:a.id,attempt:a.attempt,url:a.url},repeats:s.evaluationOf(s.legs[0]).repeats},o=await hn(s.only??s.legs,s,e);for(const l of fn(o,s))e.info(l);if(s.planOnly)return rs(o.legs,e);(0,T.mkdirSync)(s.outputDir,{recursive:!0}),gn(o.legs,s.outputDir);const i={plan:o,facts:r,startedAt:n,settings:s,host:e};return s.only?ha(i):ma(i)}const Ie={alone:"true",words:["true","false"]},Ra={options:x,flags:{"plan-only":Ie,confirm:Ie,issue:Ie,batch:Ie,"set-model":Ie,"fail-on-regression":Ie,control:{alone:"regressed",words:["true","false","regressed","always"]}},run:t=>La(t)}}),12692:((Oe,ne,u)=>{u.d(ne,{_:()=>T});var x=u(80957);const L=Z=>`$${Z.toFixed(Z<.01?6:2)}`,se=1e-9;class T{spent=0;reserved=0;requests=0;inFlight=0;waiters=[];limits;constructor(h){this.limits=h}get spending(){return{usd:this.spent,requests:this.requests}}get remainingUsd(){return(this.limits.usd??Number.POSITIVE_INFINITY)-this.spent-this.reserved}async reserve(h,I){return this.refuseUnfit(h),this.fits(h)&&this.waiters.length===0?this.admit(h):await new Promise((y,te)=>{const ae=()=>{const G=this.waiters.indexOf(m);G>=0&&this.waiters.splice(G,1),te(I.reason),this.wake()},m={worstUsd:h,admit:G=>{I.removeEventListener("abort",ae),y(G)},refuse:G=>{I.removeEventListener("abort",ae),te(G)}};I.addEventListener("abort",ae,{once:!0}),this.waiters.push(m)})}refuseUnfit(h){const{usd:I,requests:y}=this.limits;if(y!==void 0&&this.requests>=y)throw new x.P("budget",`The budget of ${y} requests is used up. Raise it to go on.`);if(I!==void 0&&this.spent+h>I+se)throw new x.P("budget",`The budget of ${L(I)} is used up: ${L(this.spent)} is spent and this call may cost up to ${L(h)}. Raise the budget, or lower the call's limit on output tokens.`)}fits(h){const{usd:I}=this.limits;return I===void 0||this.spent+this.reserved+h<=I+se||this.inFlight===0}admit(h){this.requests++,this.inFlight++,this.reserved+=h;let I=!0;const y=te=>{I&&(I=!1,this.inFlight--,this.reserved-=h,this.spent+=te,this.wake())};return{settle:te=>y(te??h),release:()=>y(0)}}wake(){for(let h=this.waiters[0];h;h=this.waiters[0]){try{this.refuseUnfit(h.worstUsd)}catch(I){this.waiters.shift(),h.refuse(I);continue}if(!this.fits(h.worstUsd))return;this.waiters.shift(),h.admit(this.admit(h.worstUsd))}}}}),80957:((Oe,ne,u)=>{u.d(ne,{P:()=>x});class x extends Error{kind;constructor(se,T){super(T),this.name="Refusal",this.kind=se}}}),99970:((Oe,ne,u)=>{u.d(ne,{readPromptFiles:()=>G});var x=u(51455),L=u(76760),se=u(71403),T=u(14006),Z=u(72331),h=u(62608);const I=new Set([".git","node_modules"]),y=B=>B.replaceAll(L.sep,"/");function te(B){const q=B.filter(Y=>!Y.startsWith("!")),W=(q.length>0?q:Z.m).map(Y=>T.scan(Y).base.replace(/^\.$/,"")),K=(Y,_)=>_===""||Y.startsWith(`${_}/`);return[...new Set(W)].filter(Y=>!W.some(_=>_!==Y&&K(Y,_)))}async function*ae(B){const q=await(0,x.stat)(B).catch(()=>{});if(!q?.isDirectory()){q?.isFile()&&(yield B);return}for(const W of await(0,x.readdir)(B,{withFileTypes:!0})){const K=(0,L.join)(B,W.name);W.isDirectory()?I.has(W.name)||(yield*ae(K)):W.isFile()?yield K:W.isSymbolicLink()&&(await(0,x.stat)(K).catch(()=>{}))?.isFile()&&(yield K)}}async function m(B,q,W){const K=(0,L.relative)(await(0,x.realpath)(W),await(0,x.realpath)(B));if(!(K!==".."&&!K.startsWith(`..${L.sep}`)&&(0,L.resolve)(K)!==K))throw new se.j1({what:`The prompt ${JSON.stringify(q)} is a link that leads out of the repository`,why:"What a prompt says must be in the repository, where it can be reviewed and compared",mend:"Put the file itself there, or exclude it from prompts"})}async function G(B,{directory:q,root:W}){const K=(0,Z.k)(B,y((0,L.relative)(W,q))),Y=new Map;for(const le of te(B))for await(const ce of ae((0,L.resolve)(q,le))){const w=y((0,L.relative)(W,ce));K(w)&&Y.set(w,ce)}const _=[];let pe=0;for(const le of[...Y.keys()].sort()){const ce=Y.get(le);await m(ce,le,W),pe+=(await(0,x.stat)(ce)).size,(0,h.op)(pe),_.push({path:le,bytes:await(0,x.readFile)(ce)})}return _}}),54634:((Oe,ne,u)=>{u.d(ne,{P:()=>x});const x=({dataset:L,model:se,prompts:T,metric:Z})=>JSON.stringify([L,se,T,Z])}),51494:((Oe,ne,u)=>{u.d(ne,{PB:()=>W,wE:()=>$e,J1:()=>me,VR:()=>he,Io:()=>Ke,Qb:()=>oe,ep:()=>ce,Vg:()=>w,Cr:()=>J});var x=u(41148),L=u(80739),se=u(89804),T=u(50573),Z=u(54634),h=u(56079);const I=30,y=({drop:$,baseline:M})=>$===null||!M?-1/0:$/Math.max(M.sd,1e-12);function te($){const M=$.filter(({value:E,baseline:V})=>E!==null&&V!==null),[R]=M.toSorted((E,V)=>y(V)-y(E));return M.find(({state:E})=>E==="regressed")??M.find(({state:E})=>E==="suspect")??R}function ae($,M){switch($){case"fraction":return{title:"%",factor:100};case"ms":return M>=1e4?{title:"seconds",factor:.001}:{title:"ms",factor:1};case"usd":return M<.01?{title:"millionths of a dollar",factor:1e6}:{title:"dollars",factor:1};case"tokens":return{title:"tokens",factor:1}}}function m({points:$},{baseline:M,unit:R}){const E=$.flatMap(({night:fe,value:Fe})=>Fe===null?[]:[{night:fe,value:Fe}]).slice(-I),[V,F]=[E[0],E.at(-1)];if(!V||!F||E.length<2)return;const ge=({night:fe})=>/^\d{4}-\d\d-\d\d$/.test(fe)?fe:"unknown",k=[...E.map(({value:fe})=>fe),...M?[M.mean]:[]],{title:Pe,factor:z}=ae(R,Math.max(...k)),[Ce,ye]=[Math.min(...k)*z,Math.max(...k)*z],Me=Math.max(ye-Ce,Math.abs(ye)*.02,.001)*.15,Be=R==="fraction"?Math.min(100,ye+Me):ye+Me;return(0,h.Gp)({title:`From ${ge(V)} to ${ge(F)}: blue${M?", baseline grey":""}`,x:{title:"measured nights",from:1,to:E.length},y:{title:Pe,from:Math.max(0,Ce-Me),to:Be},lines:[{colour:h.ft,values:E.map(({value:fe})=>fe*z)},...M?[{colour:h.Qu,values:E.map(()=>M.mean*z)}]:[]]})}var G=u(3819);const B=200,q=5,W={heading:"###",folded:!1},K=({dataset:$,model:M,prompts:R})=>`${(0,x.aY)($,120)}${M===null?"":` with ${(0,x.aY)(M,120)}`}${R===null?"":`, prompts ${(0,x.aY)(R,120)}`}`,Y=$=>`${(0,x.CS)((0,se.C6)($.metric),120)} of ${K($)}`,_=({series:$},M)=>$.filter(R=>R.state===M);function pe($){return(0,x.jD)(Y($),(0,G.B8)($),(0,G.BW)($),(0,G.k0)($),(0,G.XH)($),(0,G.xv)($)||"–",(0,x.CS)($.reason,400)||"–")}const le=(0,x.PP)("series","tonight","baseline","change","run again","cause","why");function ce($,{heading:M}){const R=_($,"regressed");return R.length===0?[]:[{before:`${M} ${(0,L.B4)(R.length)} series regressed

${le}`,rows:R.slice(0,B).map(pe),total:R.length,rowName:"regressed one",priority:1}]}function w($){const M=_($,"suspect");return M.length===0?[]:[{before:`<details><summary>${(0,L.B4)(M.length)} suspect: flagged, and not confirmed</summary>

${le}`,rows:M.slice(0,B).map(pe),total:M.length,rowName:"suspect one",after:`

</details>`,priority:5}]}const A=$=>{const M=$.length-q;return`${$.slice(0,q).map(E=>Y(E)).join(", ")}${M>0?` and ${(0,L.B4)(M)} more`:""}`};function J($){const M=[["warming-up","warming up: fewer nights than a baseline needs"],["stale","stale: dataset, judge or model is another one than the baseline’s; bless a run to set a new one"],["unmeasured","unmeasured: nothing was measured tonight"]].flatMap(([R,E])=>{const V=_($,R);return V.length===0?[]:[`- ${(0,L.B4)(V.length)} series ${E} (${A(V)})`]});return M.length===0?[]:[(0,T.p)(M.join(`
`),2)]}function he({legs:$},{heading:M,folded:R}){if($.length===0)return[];const E=(0,L.pq)($.length,"evaluation"),V=(0,x.PP)("evaluation","arm","verdict","accuracy","latency p95","cost","coverage","answered by");return[{before:`${R?`<details><summary>${E}</summary>`:`${M} ${E}`}

${V}`,rows:$.slice(0,B).map(F=>(0,x.jD)(K(F),F.arm,`${x.j7[F.verdict]} ${F.verdict}${F.verdict==="passed"?"":`: ${(0,x.CS)(F.reason,200)}`}`,(0,L.Fl)(F.accuracy,"fraction"),F.latency_p95===null?"unknown":(0,L._V)(F.latency_p95),F.cost_usd===null?"unknown":(0,L.UK)(F.cost_usd),(0,L.l9)(F.coverage),F.answered.slice(0,3).map(ge=>(0,x.aY)(ge,80)).join(", ")||"–")),total:$.length,rowName:"evaluation",...R&&{after:`

</details>`},priority:3}]}function oe({quarantined:$}){if($.length===0)return[];const M=(0,x.PP)("example","dataset","flips","owner","until");return[{before:`<details><summary>${(0,L.pq)($.length,"example")} in quarantine: they flip from night to night, inform, and block nothing</summary>

${M}`,rows:$.slice(0,B).map(({dataset:R,id:E,flip_rate:V,owner:F,until:ge})=>(0,x.jD)((0,x.aY)(E,80),(0,x.aY)(R,80),`${(0,L.l9)(V)} of nights`,F===null?"nobody":(0,x.aY)(F,80),(0,x.CS)(ge,40))),total:$.length,rowName:"example",after:`

</details>`,priority:7}]}const Q={trigger:"opened",open:"open",resolve:"resolved"};function me({incidents:$},{heading:M}){return $.length===0?[]:[{before:`${M} ${(0,L.pq)($.length,"incident")}
`,rows:$.slice(0,B).map(({title:R,since:E,kind:V})=>`- **${Q[V]}** since ${(0,x.CS)((0,G.kb)(E),40)}: ${(0,x.CS)(R,300)}`),total:$.length,rowName:"incident",priority:4}]}function $e({series:$},M,{heading:R}){const E=te($),V=E&&M.find(({key:Pe})=>(0,Z.P)(Pe)===(0,Z.P)(E)),F=V&&m(V,E);if(F===void 0)return[];const k=E.state!=="regressed"&&E.state!=="suspect"?`

The series that stands worst against its baseline.`:"";return[(0,T.p)(`${R} Night by night: ${Y(E)}${k}

${F}`,6)]}const Ke=({notes:$,fleet_shift:M})=>[...M?[`Most series moved alike: ${M.reason}`]:[],...$].slice(0,B).map(R=>(0,T.p)(`> ${(0,x.CS)(R)}`,2))}),3819:((Oe,ne,u)=>{u.d(ne,{$Y:()=>ae,B8:()=>B,BW:()=>q,I7:()=>T,XH:()=>W,_T:()=>pe,f_:()=>y,i9:()=>Z,k0:()=>m,kb:()=>ce,lP:()=>te,oM:()=>le,sQ:()=>se,ue:()=>I,xv:()=>h,y1:()=>G});var x=u(80739),L=u(89804);const se=["regressed","suspect","unmeasured","stale","warming-up","improved","steady"],T={regressed:"regressed",suspect:"suspect",unmeasured:"unmeasured",stale:"stale","warming-up":"warming up",improved:"improved",steady:"steady"},Z={provider:"the provider moved",us:"we moved",both:"the provider and we moved",unknown:"who moved is not known"},h=({cause:w})=>w===null?"":Z[w],I=({dataset:w,model:A,prompts:J})=>`${w}${A===null?"":` with ${A}`}${J===null?"":`, prompts ${J}`}`,y=w=>`${(0,L.C6)(w.metric)} of ${I(w)}`,te=(w,A)=>A==="fraction"?`${(0,x.Xf)(w)} points`:(0,x.Fl)(w,A);function ae({drop:w,unit:A}){return w===null?"":w===0?"no change":`${te(Math.abs(w),A)} ${w>0?"worse":"better"}`}function m(w){const A=ae(w);if(A==="")return"–";const J=w.scale==="week"?" over a week":"";return`${A}${J}${w.p===null?"":`, ${G(w.p)}`}`}const G=w=>w<1e-4?"p < 0.0001":`p ${Number(w.toPrecision(2))}`,B=({value:w,n:A,unit:J})=>w===null?"unknown":`${(0,x.Fl)(w,J)}, ${(0,x.pq)(A,"trial")}`,q=({baseline:w,unit:A})=>w===null?"–":`${(0,x.Fl)(w.mean,A)} ± ${(0,x.Fl)(w.sd,A)}, ${(0,x.pq)(w.nights,"night")}`,W=({confirmed:w,unit:A})=>w===null?"not run again":`${B({...w,unit:A})}, ${G(w.p)}`,K=w=>se.map(A=>({state:A,count:w.filter(J=>J.state===A).length})).filter(({count:A})=>A>0),Y=w=>K(w).map(({state:A,count:J})=>`${(0,x.B4)(J)} ${T[A]}`).join(", ");function _(w){const{baseline:A,unit:J,scale:he}=w,oe=ae(w),Q=h(w),me=A===null?"its baseline":`its baseline of ${(0,x.Fl)(A.mean,J)}`,$e=oe===""?"regressed":`is ${oe}${he==="week"?" over a week":""} than ${me}`;return`${y(w)} ${$e}${Q===""?"":`: ${Q}`}`}function pe(w){const{verdict:A,reason:J,series:he,fleet_shift:oe}=w;if(A==="errored")return J;const[Q,...me]=he.filter(({state:$e})=>$e==="regressed");return Q?oe?oe.reason:`${_(Q)}${me.length===0?"":`; ${(0,x.B4)(me.length)} more series regressed`}`:A==="passed"&&he.length>0?`no series regressed: ${Y(he)}`:J}function le({night:w,legs:A,series:J,cost_usd:he}){const oe=(0,x.pq)(A.length,"evaluation"),Q=J.length===0?"no series yet":`${(0,x.B4)(J.length)} series: ${Y(J)}`;return`${/^\d{4}-\d\d-\d\d$/.test(w)?`Night ${w}; `:""}${oe}; ${Q}; cost ${(0,x.Fl)(he,"usd")}.`}const ce=w=>w.replace(/^(\d{4}-\d\d-\d\d)T.*$/,"$1")})};export{za as id,Ga as ids,Ka as modules};
