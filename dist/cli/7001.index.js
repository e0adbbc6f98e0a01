const Oa=7001,ja=[7001],Ma={57001:((be,_,u)=>{u.r(_),u.d(_,{nightlyCommand:()=>xa});const f={config:"Path of the configuration (default: agent-ci.yaml where there is one)",datasets:"Names of datasets, or files; each is a dataset of its own (default: `nightly.datasets`, else every dataset of the configuration)",models:"Each dataset is evaluated with each of them (default: `nightly.models`, else the one of the configuration)",prompts:"Sets of prompts, each dataset and model with each of them: names from `nightly.prompts`, or `ref:<branch, tag or commit>` (default: all of `nightly.prompts`, else the workspace)",legs:"Evaluate only these legs of the matrix, by their ids, and leave the rest of the night to a later job with `merge`",shard:"Evaluate only one part of each leg: `2/8` is the second of eight; the job with `merge` joins the parts",merge:"Evaluate nothing: join the legs that lie in this directory, each of the matrix must be there",agent:"The agent under test: `http://…`, `command:node agent.mjs`, `python:package.module:attribute` or `anthropic:<model>`","set-model":"Have the gateway put the model of the leg into every model call of the agent, for an agent that does not take one (default false)",batch:"Send the calls of an `anthropic` agent without tools in batches, at half the price and within hours; no latency is measured (default false)","batch-timeout":"How long a batch may take; what is left of it is then called one by one (default 1h)",scorers:"Scorers, comma-separated words or YAML (default: exact, and tools where an example expects some)",gates:"Gates, one a line, that each leg is shown with; a missed gate is no regression",concurrency:"Trials in flight (default 5)",repeats:"Trials of each example (default 1)",timeout:"Time limit of one trial (default 60s)","run-timeout":"Time limit of one leg (default: none)",sample:"Evaluate only so many examples of each dataset, or a percentage of them, chosen by the seed",seed:"Seed of the order and of the sample (default with `sample`: agent-ci, the same examples each night; else a new one each run)","min-coverage":"Least share of the planned trials of a leg that must be measured; below it the leg is errored (default 0.8)",responses:"Model answers of an agent that we start: `live`, `record`, `replay` or `auto` (replay, else record) (default live)",cassettes:"Directory of recorded answers (default cassettes)","budget-usd":"A stop: what the model calls of all legs may cost together; at the limit the night ends with what it has. A job with `legs` may spend its share",resume:"`auto` goes on with a night that was cut off, `never` starts anew (default auto)",history:"Where the nights are kept: `branch:agent-ci-data` (permission contents: write) or `dir:<path>` (default: the branch agent-ci-data where there is a github-token, else dir:agent-ci-history)","history-days":"Older nights are removed from the history, but never those of a baseline (default: none is)",baseline:"The branch, tag or commit whose prompts and configuration the control arm runs (default: the commit of the baseline's nights)",control:"Run the prompts and configuration of the baseline on today’s models, to tell whether the provider moved or we did: `regressed` (only what regressed), `always` or `false` (default false)",confirm:"Run what looks regressed again before saying so (default true)","min-drop":"A smaller drop of a share is not told (default 0.02)","slack-webhook-url":"Tell a Slack channel: an incoming webhook","pagerduty-routing-key":"Tell PagerDuty: the routing key of an Events API v2 integration","webhook-url":"Tell an address of your own","webhook-secret":"Signs what is sent to `webhook-url`",issue:"Keep a GitHub issue for each incident: opened, updated, closed (permission issues: write) (default false)","fail-on-regression":"Whether a confirmed regression fails the step (default: true, but false on a schedule)","trend-url":"Where the trend page is published (the folder `site` of output-dir), for links in alerts and in the summary","output-dir":"Where the results go (default agent-ci-results)","artifact-name":"Name of the uploaded artifact; `none` uploads nothing (default agent-ci-nightly; with `legs`, their ids behind it)","retention-days":"How long the artifact is kept (default: what the repository says)","plan-only":"Print the legs and the number of calls and stop before the first call (default false)","github-token":"For the branch of the history, and for issues (default: the token of the job)"},P={"github-token":"github.token"},X={verdict:"`passed`, `inconclusive`, `failed` (a confirmed regression) or `errored` (a leg is missing or could not be measured)",regressions:"The confirmed regressions as JSON: dataset, model, prompts, metric, value, baseline, drop, cause, reason",legs:"The ids of the legs as JSON, for a matrix: all of the plan, or those of this job","results-path":"results.json","dashboard-path":"The trend page, dashboard.html; empty in a job with `legs`","issue-number":"The issue that was opened, updated or closed tonight; empty when there is none"};var O=u(73024),ee=u(85901),h=u(76760),D=u(71403),y=u(30064),ne=u(12692),se=u(42589),g=u(3819),K=u(9556),B=u(28711),Q=u(40024),W=u(51455),G=u(54989),z=u(26428),te=u(79080),he=u(54983),ie=u(3950),le=u(72331),w=u(11352),I=u(99970),J=u(27976);function de({baseDir:t},e){return{git:(0,J.C)({cwd:t,env:e.env,signal:e.signal}),root:(0,te.Hn)(t)??t,host:e}}const ae=(t,{git:e,host:s})=>(0,w.t5)({git:e,remote:"origin",info:s.info},t),Z=(t,{root:e})=>(0,h.relative)(e,t).replaceAll(h.sep,"/");async function fe(t,e,s,n){if(e.kind==="workspace")return;if(e.kind==="ref")return ye(t,await ae(e.ref,n),e,[],s,n);const{globs:a,directory:r}=s.prompts,o=await(0,I.readPromptFiles)(a,{directory:e.path,root:e.path});if(o.length===0)throw new D.j1({what:`nightly.prompts.${t} is the directory ${JSON.stringify(Z(e.path,n))}`,why:"No prompt lies in it at the path that it has in the workspace",mend:"Put for example prompts/support.md in it, or set delivery.prompts to the globs of your prompts"});const i=new Map((await(0,I.readPromptFiles)(a,{directory:r,root:r})).map(l=>[l.path,l]));for(const l of o)i.set(l.path,l);return ze(t,[...i.values()],s,n)}async function ye(t,e,s,n,a,r){const{git:o,host:i}=r,{globs:l,directory:c}=a.prompts,d=Z(c,r),v=async M=>{const{files:R,ignored:C,problems:j}=await(0,ie.X)(o,e,(0,le.k)(l,M));if(j.length>0)throw new D.j1(j);for(const{path:F,reason:A}of C)i.info(`Not a prompt: ${(0,y.Ig)(F,300)} (${(0,y.Ig)(A,300)})`);return[...R].map(([F,A])=>[h.posix.relative(M,F),A])},p=s.kind==="directory"?await v(Z(s.path,r)):[],$=new Map([...await v(d),...p]),k=new Map([...$].map(([M,R])=>[h.posix.join(d,M),R]));for(const M of n){const R=await o.entry(e,M);R?.mode.startsWith("100")&&k.set(M,R.oid)}const m=await o.blobs([...new Set($.values())]);return b(t,a,r,async M=>{const R=[...k].map(([C,j])=>({path:C,oid:j}));return{texts:await(0,he.A)(o,R,M),digests:(0,z.mA)([...$].map(([C,j])=>({path:C,bytes:m.get(j)})))}})}function ze(t,e,s,n){const a=Z(s.prompts.directory,n);return b(t,s,n,async r=>{const o=[];for(const{path:i,bytes:l}of e){const c=(0,h.join)(r,a,i);await(0,W.mkdir)((0,h.dirname)(c),{recursive:!0}),await(0,W.writeFile)(c,l),o.push([h.posix.join(a,i),Buffer.from(l).toString()])}return{texts:Object.fromEntries(o),digests:(0,z.mA)(e)}})}async function b(t,{agent:e,baseDir:s},n,a){const r=await(0,W.mkdtemp)((0,h.join)(n.host.tempDir,`agent-ci-prompts-${t.replaceAll(/[^\w.-]/g,"-")}-`)),o=()=>(0,W.rm)(r,{recursive:!0,force:!0});try{const{texts:i,digests:l}=await a(r),c=(0,G.N)(e,Z(s,n),{arm:t,directory:r,texts:i});return{directory:r,close:o,prompts:l,deps:c}}catch(i){throw await o(),i}}async function S(t,e,s,n){const{cwd:a}=n.host;if(s||e.config===null)return e.agent;const r=Z((0,h.resolve)(a,e.config),n),o=r.startsWith("../")?void 0:await(0,Q.W)(n.git,t,r);if(o===void 0)return e.agent;const i=(0,h.relative)(a,(0,h.resolve)(a,e.config)),{located:l}=await(0,K.u)(i,a,async()=>o),c=l?.config.agent;return c===void 0?e.agent:typeof c=="string"?(0,B.N)(c,{name:"agent",source:l.sourceOf(["agent"])}):c}var L=u(30703),T=u(74833),q=u(24186),U=u(96852),pe=u(6761),x=u(80739),Te=u(35858),H=u(13798);const Pe=H.Ikc({schema_version:H.euz(1),kind:H.euz("nightly-leg"),id:H.YjP(),reason:H.YjP(),shard:H.Ikc({index:H.Whr().min(1),of:H.Whr().min(1)}).optional(),night:Te.b}),me="leg.json",Se=[me,"results.json","trials.jsonl","report.html","summary.md","junit.xml","receipt.json"],Ce=({dataset:t,model:e,prompts:s},n,{night:a,run:r,repeats:o})=>({schema_version:1,night:a,dataset:t,model:e,prompts:s,arm:n,run:r,repeats:o});function ue(t,e,s,n,a,r){const o=a.filter(({passes:i,runs:l})=>i<l);return{...Ce(t,e,s),verdict:n.verdict,answered:[...new Set(r?.evaluated.model.answered)].sort(),fingerprint:n.fingerprint,metrics:Object.fromEntries(Object.entries(n.metrics).flatMap(([i,{value:l,n:c}])=>c===0?[]:[[i,{value:l,n:c}]])),coverage:n.coverage,cost_usd:n.cost_usd,examples:n.total_examples,imperfect:Object.fromEntries(o.map(({id:i,passes:l,runs:c})=>[i,[l,c]])),finished_at:n.finished_at}}const Le=(t,e,s,n)=>({...Ce(t,e,s),verdict:"errored",answered:[],fingerprint:{},metrics:{},coverage:0,cost_usd:null,examples:0,imperfect:{},finished_at:n}),Xt=(t,e)=>({...t,info:()=>{},progress:s=>e.show(s),output:()=>{},summary:async()=>{},annotate:()=>{},uploadArtifact:async()=>{}});async function Qt(t,e,s,n){const{title:a,directory:r,settings:o,prompts:i}=t;(0,O.mkdirSync)(r,{recursive:!0});for(const d of["results.json",me])(0,O.rmSync)((0,h.join)(r,d),{force:!0});const l=n.now();let c;try{await(0,L._)({...o,outputDir:r},Xt(n,s),i),c=en(t,e)}catch(d){const v=n.signal.aborted?"The job was cancelled":(0,D.bD)(d);c=Re(t,e,v,n)}return s.legEnded(t.planned),n.info(`${a}: ${_t(c)}, ${(0,x.a3)(n.now()-l)}`),c}function Zt({id:t},{night:e,reason:s},n,a){const r={schema_version:1,kind:"nightly-leg",id:t,reason:s,...(0,T.l)("shard",a),night:e};(0,O.writeFileSync)((0,h.join)(n,me),`${JSON.stringify(r,null,2)}
`)}function _t({night:t,reason:e}){if(t.verdict==="errored")return`errored: ${(0,y.Ig)(e,300)}`;const{accuracy:s,latency_p95_ms:n}=t.metrics;return[t.verdict,`accuracy ${(0,x.Fl)(s?.value??null,"fraction")} (${(0,x.pq)(s?.n??0,"trial")})`,`p95 ${(0,x.Fl)(n?.value??null,"ms")}`,`cost ${(0,x.Fl)(t.cost_usd,"usd")}`].join(", ")}const Re=({leg:t,arm:e},s,n,a)=>({night:Le(t,e,s,a.date().toISOString()),reason:n,results:null});function en({leg:t,arm:e,directory:s,settings:n},a){const r=(0,h.join)(s,"results.json"),o=U.sy.parse(JSON.parse((0,O.readFileSync)(r,"utf8"))),i=ue(t,e,a,o,nn(o,s),sn(s));return(n.defaultGates||n.shard)&&i.verdict!=="errored"?{...tn(i,o),results:r}:{night:i,reason:o.reason,results:r}}function tn(t,{counts:e,errors:s}){if(!s.budget)return{night:{...t,verdict:"passed"},reason:"Measured"};const n=`The budget was used up after ${e.measured} of ${e.planned} trials`;return{night:{...t,verdict:"inconclusive"},reason:n}}function nn({counts:t,fingerprint:e},s){return t.measured===0?[]:(0,pe.m)(s,s,e).examples}function sn(t){try{return q.KS.parse(JSON.parse((0,O.readFileSync)((0,h.join)(t,"receipt.json"),"utf8")))}catch{return}}var an=u(92581);async function rn(t,e,s){const n=new Map,a=[];for(const r of t){if(n.has(r.dataset))continue;n.set(r.dataset,0);const o=e.evaluationOf(r);try{const i=await(0,an.iA)({...o,outputDir:(0,h.join)(e.outputDir,r.id)},s);await i.close();const l=i.order.length*o.repeats;l===0&&a.push({what:`Of the dataset ${r.dataset} no example is left to run`,why:"A leg without examples measures nothing",mend:"Check the dataset and sample"}),n.set(r.dataset,l)}catch(i){if(!(i instanceof D.j1))throw i;a.push(...i.problems)}}if(a.length>0)throw new D.j1(a);return{legs:t,trials:n}}const _e=({legs:t,trials:e})=>t.reduce((s,{dataset:n})=>s+(e.get(n)??0),0);function on(t,e){const{legs:s,trials:n}=t,a=s.length===e.legs.length?"":` of ${e.legs.length}`,{confirm:r,control:o,budgetUsd:i}=e,l=[...r?["up to 3 more runs of a leg that looks regressed"]:[],...o==="always"?["a control run of each leg"]:o==="regressed"?["a control run of a regressed leg"]:[]];return[`${(0,x.pq)(s.length,"leg")}${a}, ${(0,x.pq)(_e(t),"trial")}${i===void 0?"":`, at most $${i.toFixed(2)}`}`,...s.map(c=>`  ${c.id}: ${(0,y.Ig)((0,g.ue)(c),300)}, ${(0,x.pq)(n.get(c.dataset)??0,"trial")}`),...l.length>0&&e.only===void 0?[`Where it is needed: ${l.join("; ")}`]:[]]}class ln{host;startedMs;planned;ended={planned:0,passed:0,failed:0,errored:0,resumed:0};endedCost;current;constructor(e,s){this.planned=e,this.host=s,this.startedMs=s.now()}add(e){this.planned+=e}show(e){this.current=e;const{ended:s,endedCost:n}=this;this.host.progress({planned:this.planned,passed:s.passed+e.passed,failed:s.failed+e.failed,errored:s.errored+e.errored,costUsd:et(n,e.costUsd),elapsedMs:this.host.now()-this.startedMs,resumed:s.resumed+e.resumed})}legEnded(e){const{current:s}=this;this.current=void 0;const n=s?s.passed+s.failed+s.errored:0;if(this.planned-=e-n,!!s){for(const a of["passed","failed","errored","resumed"])this.ended[a]+=s[a];this.endedCost=et(this.endedCost,s.costUsd)}}}const et=(t,e)=>t===void 0&&e===void 0?void 0:(t??0)+(e??0),cn=3,tt=(t,e)=>(0,h.join)(t.id,`again-${e}`),nt=t=>(0,h.join)(t.id,"control");function dn(t,e){for(const s of t){const n=Array.from({length:cn},(a,r)=>tt(s,r+1));for(const a of[...n,nt(s)])(0,O.rmSync)((0,h.join)(e,a),{recursive:!0,force:!0})}}const un={kind:"workspace"};class st{settings;plan;facts;host;budget;progress;places;sets=new Map;constructor(e,s,n,a,r){this.settings=e,this.plan=s,this.facts=n,this.host=r;const{budgetUsd:o}=e;this.budget=o===void 0?void 0:new ne._({usd:Math.max(0,o-a)}),this.progress=new ln(e.merge===void 0?_e(s):0,r),this.places=de(e.evaluationOf(s.legs[0]),r)}async openSets(){for(const e of this.plan.legs){if(e.prompts===null||this.sets.has(e.prompts))continue;const s=this.settings.promptSources.get(e.prompts);this.sets.set(e.prompts,await fe(e.prompts,s,this.settings.evaluationOf(e),this.places))}}async close(){for(const e of this.sets.values())await e?.close()}leg(e,s){const n=this.settings.evaluationOf(e),a=n.resume!=="never"&&s?"kept":"never";return this.whole(e,(0,g.ue)(e),{...n,resume:a})}joined(e,s){const n=s.map(a=>(0,h.relative)(this.host.cwd,a));return this.whole(e,`${(0,g.ue)(e)}, ${s.length} parts`,{...this.settings.evaluationOf(e),merge:n})}async whole(e,s,n){const a=await this.run(s,e,"current",e.id,n,this.armOf(e));return Zt(e,a,(0,h.join)(this.settings.outputDir,e.id),n.shard),a}again(e,s){this.progress.add(this.trialsOf(e));const n={...this.settings.evaluationOf(e),resume:"never"};return this.run(`${(0,g.ue)(e)}, run again`,e,"current",tt(e,s),n,this.armOf(e))}async control(e,s){this.progress.add(this.trialsOf(e));let n;try{const i=await this.baselineCommit(s);n={commit:i,...await this.openControl(e,i)}}catch(i){return this.progress.legEnded(this.trialsOf(e)),Re({leg:e,arm:"control"},this.facts,(0,D.bD)(i),this.host)}const{commit:a,arm:r,settings:o}=n;try{const i=`${(0,g.ue)(e)}, the prompts and configuration of ${(0,se.m)(a)}`;return await this.run(i,e,"control",nt(e),o,r)}finally{await r.close()}}async baselineCommit({fingerprint:e,night:s}){const n=this.settings.baseline;if(n!==void 0)return ae(n,this.places);const[a,r]=(e.code??"").split("+");if(!a)throw new Error(`The commit of the baseline's night of ${s} is not known`);if(r!==void 0)throw new Error(`The baseline's night of ${s} was measured with changes that were not committed: set baseline to a commit`);return ae(a,this.places)}async openControl(e,s){const n=this.settings.evaluationOf(e),a=await S(s,n,this.settings.agentByInput,this.places),r=e.prompts===null?un:this.settings.promptSources.get(e.prompts),o=n.agentConfig===void 0?[]:[Z(n.agentConfig,this.places)],i=r.kind==="ref"?await ae(r.ref,this.places):s,l=await ye("control",i,r,o,{...n,agent:a},this.places),c=o[0]===void 0?void 0:(0,h.join)(l.directory,o[0]),d={...n,agent:a,resume:"never",batch:n.batch&&a.type==="anthropic"&&a.tools.length===0,...c!==void 0&&(0,O.existsSync)(c)&&{agentConfig:c}};return{arm:l,settings:d}}armOf({prompts:e}){return e===null?void 0:this.sets.get(e)}trialsOf({dataset:e}){return this.plan.trials.get(e)??0}run(e,s,n,a,r,o){const{budget:i,host:l}=this,c={leg:s,arm:n,title:(0,y.Ig)(e,300),directory:(0,h.join)(this.settings.outputDir,a),settings:{...r,...r.traffic&&i&&{traffic:{...r.traffic,sharedBudget:i}}},prompts:o,planned:r.merge?0:this.trialsOf(s)};return Qt(c,this.facts,this.progress,l)}}var at=u(57075),rt=u(46466),hn=u(53586),Oe=u(20118),fn=u(31956);const je=10;function pn(t,e){const s=(0,g.xv)(t);return[`  ${e((0,Oe.B)(`${t.state} ${(0,g.f_)(t)}`,200))}${s===""?"":`  ${s}`}`,`    tonight   ${(0,g.B8)(t)}`,`    baseline  ${(0,g.BW)(t)}`,`    change    ${(0,g.k0)(t)}`,`    why       ${(0,Oe.B)(t.reason,400)}`]}function ot(t,{colour:e,files:s=[]}){const{bold:n,dim:a,paintVerdict:r}=(0,fn.XR)(e),{verdict:o,notes:i,fleet_shift:l,legs:c,quarantined:d}=t,v=["regressed","suspect"].flatMap(j=>t.series.filter(F=>F.state===j)),p=c.slice(0,je),$=(0,hn.R)([["evaluation","arm","accuracy","p95","cost","coverage"],...p.map(j=>[(0,Oe.B)((0,g.ue)(j),80),j.arm,(0,x.Fl)(j.accuracy,"fraction"),(0,x.Fl)(j.latency_p95,"ms"),(0,x.Fl)(j.cost_usd,"usd"),(0,x.l9)(j.coverage)])]),k=Math.max(...$.map(j=>j.length)),m=$.map((j,F)=>F===0?a(j):`${j.padEnd(k)}  ${r(p[F-1].verdict)}`),M=[...l?[`most series moved alike: ${l.reason}`]:[],...i],R=d.length>0?[`${(0,x.pq)(d.length,"example")} in quarantine`]:[],C=[...M.map(j=>(0,Oe.B)(j,600)),...R].map(j=>`  ${j}`);return["",`${n(r(o))} ${(0,Oe.B)((0,g._T)(t),400)}`,`  ${(0,g.oM)(t)}`,"",...v.slice(0,je).flatMap(j=>[...pn(j,n),""]),...v.length>je?[`  ${(0,x.B4)(v.length-je)} more series to look at`,""]:[],...c.length>0?m:[],...c.length>je?[`  ${(0,x.pq)(c.length-je,"more evaluation")}`]:[],...c.length>0?[""]:[],...C.length>0?[...C,""]:[],...s.map(j=>`  ${(0,Oe.B)(j,1e3)}`),""].join(`
`)}var Me=u(41148),He=u(50573),mn=u(48681),ce=u(51494);function gn({run:t},e){const s=e.runUrl??t?.url,n=[e.trendUrl&&(0,Me.nf)("Trend page",e.trendUrl),e.reportPath&&`Trend page: ${(0,Me.aY)(e.reportPath)}`,e.artifactUrl&&(0,Me.nf)("Report and all trials",e.artifactUrl),s&&(0,Me.nf)("Run",s)].filter(Boolean);return n.length===0?[]:[(0,He.p)(n.join(" · "),1)]}function Be(t,e,s={},n=mn.R){const{verdict:a}=t,r=[(0,He.p)(`## ${Me.j7[a]} ${a} — ${(0,Me.CS)((0,g._T)(t),400)}

${(0,g.oM)(t)}`,0),...(0,ce.Io)(t),...(0,ce.ep)(t,ce.PB),...(0,ce.wE)(t,e,ce.PB),...(0,ce.Vg)(t),...(0,ce.Cr)(t),...(0,ce.VR)(t,ce.PB),...(0,ce.J1)(t,ce.PB),...(0,ce.Qb)(t),...gn(t,s)];return(0,He.W)(r,n,"see `results.json` among the run’s files")}var it=u(77598),yn=u(25460),E=u(39241),lt=u(89804),ct=u(8189),$e=u(54634);const dt=t=>`series-${(0,it.createHash)("sha256").update((0,$e.P)(t)).digest("hex").slice(0,12)}`,Ke=(t,e)=>e==="fraction"?(0,x.l9)(t):(0,x.Fl)(t,e),ut=({finding:t})=>t?.state??"unmeasured";function vn({points:t}){const e=t.filter(({value:s})=>s!==null);return e.filter(({comparable:s})=>s===e.at(-1)?.comparable).length}function wn(t,e){const{finding:s}=t;if(!s)return"not part of the last night";if(s.state==="warming-up")return`${vn(t)} of ${(0,x.pq)(e,"night")}`;const n=(0,g.$Y)(s);return`${n}${n!==""&&s.scale==="week"?" over a week":""}`}function bn(t){return!t||t.state==="steady"||t.state==="warming-up"?"":[(0,g.xv)(t),(0,y.Jj)(t.reason,200)].filter(e=>e!=="").join("; ")}function $n(t){const{baseline:e,unit:s,p:n,confirmed:a,reason:r}=t,o=[r!==""&&["Why",(0,y.Jj)(r,1e3)],t.cause!==null&&["Cause",(0,g.xv)(t)],e!==null&&["Baseline",`${Ke(e.mean,s)} ± ${(0,g.lP)(e.sd,s)} over ${(0,x.pq)(e.nights,"night")}, ${(0,y.Jj)(e.from,20)} to ${(0,y.Jj)(e.to,20)}`],(0,g.$Y)(t)!==""&&["Change",`${(0,g.$Y)(t)}${t.scale==="week"?" over a week":""}${n===null?"":`, ${(0,g.y1)(n)}`}`],a!==null&&["Run again",`${Ke(a.value,s)}, ${(0,x.pq)(a.n,"trial")}, ${(0,g.y1)(a.p)}`]];return(0,E.q)`<dl class="amounts">${o.map(i=>i&&(0,E.q)`<dt>${i[0]}</dt><dd>${i[1]}</dd>`)}</dl>`}function xn(t,e,s){const{key:n,unit:a,finding:r,points:o}=t,i=ut(t),l=o.findLast(({value:m})=>m!==null),c=r?r.value:l?.value??null,d=r?r.n:l?.n??0,v=(0,y.Jj)((0,g.f_)(n),300),p=[n.dataset,n.model,n.prompts].filter(m=>m!==null).map(m=>(0,y.Jj)(m,120)),$=c===null?(0,E.q)`<b class="unknown">not measured</b>`:(0,E.q)`<b>${Ke(c,a)}</b><span>${(0,x.pq)(d,"trial")}</span>`,k=wn(t,s);return(0,E.q)`<article class="card ${i}" id="${dt(n)}" data-at="${e.at}" data-state="${i}" data-dataset="${e.dataset}" data-model="${e.model}" data-prompts="${e.prompts}" data-metric="${e.metric}"><div class="card-head"><h3>${(0,y.Jj)((0,lt.C6)(n.metric),120)}</h3><span class="status ${i}">${g.I7[i]}</span></div><p class="of">${p.join(" · ")}</p><p class="figures">${$}${k!==""&&(0,E.q)`<span class="change">${k}</span>`}</p><div class="plot" role="group" aria-label="${v}, night by night; arrow keys move from night to night" data-name="${v}"></div><p class="readout" role="status">${bn(r)}</p><details><summary>All nights<span class="vh"> of ${v}</span></summary>${r!==null&&$n(r)}<div class="nights" tabindex="0" role="region" aria-label="Nights of ${v}"></div></details></article>\n`}var ht=u(31993),kn=u(69022);const Sn=731,Fe=864e5,On=.95,jn=/^https?:\/\/[\w.~:/?#@!&=+%,;-]{1,2000}$/i;function xe(t){if(!/^\d{4}-\d\d-\d\d(?:T|$)/.test(t))return;const e=Date.parse(t.slice(0,10));return Number.isNaN(e)?void 0:e/Fe}function Mn({results:t,series:e}){const s=t===null?void 0:xe(t.night),n=e.flatMap(({points:o})=>o.flatMap(({night:i})=>xe(i)??[])),a=s??n.reduce((o,i)=>Math.max(o,i),-1/0);return Number.isFinite(a)?{first:n.reduce((o,i)=>i>a-Sn?Math.min(o,i):o,a),last:a}:void 0}function En({results:t,series:e},{first:s,last:n}){const a=new Map((t?.series??[]).map(c=>[(0,$e.P)(c),c])),r=new Map;for(const{key:c,unit:d,points:v}of e){const p=new Map;for(const k of v){const m=xe(k.night);m!==void 0&&m>=s&&m<=n&&p.set(m,{...k,day:m})}const $=(0,$e.P)(c);r.set($,{key:c,unit:d,finding:a.get($)??null,points:[...p.values()].sort((k,m)=>k.day-m.day)})}for(const[c,d]of a){if(r.has(c))continue;const v={night:t.night,value:d.value,n:d.n,comparable:"",runUrl:null,day:n};r.set(c,{key:d,unit:d.unit,finding:d,points:[v]})}const o=({finding:c})=>g.sQ.indexOf(c?.state??"unmeasured"),i=new Map([...a.keys()].map((c,d)=>[c,d])),l=({key:c})=>i.get((0,$e.P)(c))??i.size;return[...r.values()].sort((c,d)=>o(c)-o(d)||l(c)-l(d))}const ft=t=>JSON.stringify(t).replaceAll("<","\\u003c"),Ne=t=>t!=null&&jn.test(t)?t:null;function Dn(t,{first:e,last:s}){const n=Array.from({length:s-e+1},()=>new Map);for(const{points:a}of t)for(const{day:r,runUrl:o}of a){const i=Ne(o),l=n[r-e];i!==null&&l.set(i,(l.get(i)??0)+1)}return n.map(a=>[...a].reduce((r,o)=>o[1]>r[1]?o:r,[null,0])[0])}function Tn(){const t=new Map;return(e,s)=>{const n=`${e} ${s}`,a=t.get(n)??(0,kn.rF)(e*s,s,On);return t.set(n,a),a}}function Nn({unit:t,points:e}){if(t==="fraction")return 1e-4;const s=e.reduce((n,{value:a})=>Math.max(n,Math.abs(a??0)),0);return s===0?1:10**(Math.floor(Math.log10(s))-4)}const pt=(t,{state:e,cause:s})=>[t,g.sQ.indexOf(e),s===null?-1:ht.hE.indexOf(s)];function In({findings:t=[]}){const e=new Map;for(const s of t){const n=xe(s.night),a=e.get((0,$e.P)(s))??[];n!==void 0&&a.push(pt(n,s)),e.set((0,$e.P)(s),a)}return e}function An(t,{first:e,last:s},n,a=[]){const{points:r,unit:o,finding:i}=t,l=r[0]?.day??s,c=(r.at(-1)?.day??l)-l+1,d=Nn(t),v=()=>new Array(c).fill(null),[p,$,k,m]=[v(),v(),v(),v()],M=Tn(),R=[],C={};let j;for(const N of r){const V=N.day-l,{value:re,n:we}=N,ke=Ne(N.runUrl);if(ke!==null&&ke!==n[N.day-e]&&(C[N.day-e]=ke),re===null||!Number.isFinite(re)||(j!==void 0&&N.comparable!==j&&R.push(N.day-e),j=N.comparable,p[V]=Math.round(re/d),m[V]=we,o!=="fraction"||we<1||re<0||re>1))continue;const[ka,Sa]=M(re,we);$[V]=Math.round((re-ka)/d),k[V]=Math.round((Sa-re)/d)}const F=m.filter(N=>N!==null),A=i?.baseline??null,[Y,oe]=A?[xe(A.from),xe(A.to)]:[],Ye=i?[pt(s,i)]:[];return{u:o,f:l-e,q:d,v:p,...$.some(N=>N!==null)&&{l:$,h:k},n:F.every(N=>N===F[0])?F[0]??0:m,...R.length>0&&{c:R},...A&&Y!==void 0&&oe!==void 0&&{b:[A.mean,A.sd,Y-e,oe-e]},m:[...a.filter(([N])=>N>=e&&N<s),...Ye].map(([N,...V])=>[N-e,...V]),...Object.keys(C).length>0&&{r:C}}}function Pn(t,{first:e,last:s},n){const a=xe(t),r=Date.parse(t);if(a===void 0||Number.isNaN(r))return;const o=t.length===10?a:Math.round((r-n)/Fe*100)/100;return o>=e&&o<=s?Math.round((o-e)*100)/100:void 0}function Cn(t,e,s){const n=Date.parse(t.results?.started_at??""),a=Number.isNaN(n)?0:n%Fe,r=(o=[])=>o.flatMap(i=>{const l=Pn(i.at,e,a);return l===void 0?[]:[{mark:i,place:l}]});return{start:new Date(e.first*Fe).toISOString().slice(0,10),days:e.last-e.first+1,runs:s,states:g.sQ.map(o=>[o,g.I7[o]]),causes:ht.hE.map(o=>g.i9[o]),releases:r(t.releases).map(({mark:o,place:i})=>[i,(0,y.RK)((0,y.Jj)(o.label,60))]),blessings:r(t.blessings).map(({mark:o,place:i})=>[i,(0,y.RK)((0,y.Jj)(`${o.by}: ${o.reason}`,160))])}}const mt=`(() => {
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
    one.m.filter(([on]) => on === day).map(([, rank, cause]) => page.states[rank][1] + (cause < 0 ? '' : ', ' + page.causes[cause]))
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
})()`;var Ln=u(82414);const gt=`${Ln.Y}
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
`,yt=1e3,ve=500,Rn=500,Bn=7,vt=t=>`'sha256-${(0,it.createHash)("sha256").update(t).digest("base64")}'`,Fn=`default-src 'none'; script-src ${vt(mt)}; style-src ${vt(gt)}; base-uri 'none'; form-action 'none'`,wt=(t,e)=>(0,E.q)`<a href="${e}" rel="noopener noreferrer">${t}</a>`;function Un(t,e){const{verdict:s,run:n}=t,a=[["the run",Ne(e.runUrl??n?.url)],["all files",Ne(e.artifactUrl)]].flatMap(([r,o])=>o===null?[]:[(0,E.q)`${wt(r,o)} `]);return(0,E.q)`<header class="verdict ${s}"><span class="mark" aria-hidden="true">${ct.j7[s]}</span><div>
<h1>${s} — ${(0,y.Jj)((0,g._T)(t),400)}</h1>
<p class="soft">${(0,y.Jj)((0,g.oM)(t),400)}</p>
${(0,yn.I)([["Finished",(0,x.K9)((0,y.Jj)(t.finished_at,40))],a.length>0&&["See",(0,E.q)`${a}`]],"meta")}</div></header>`}const Wn=(0,E.q)`<header class="verdict inconclusive"><span class="mark" aria-hidden="true">${ct.j7.inconclusive}</span><div><h1>No night has been measured yet</h1><p class="soft">This page shows every series from its first night on.</p></div></header>`;function Jn({notes:t,fleet_shift:e,incidents:s}){const n=[...e?[`Most series moved alike: ${e.reason}`]:[],...t],a={trigger:"opened",open:"open",resolve:"resolved"};if(n.length===0&&s.length===0)return!1;const r=s.slice(0,ve).map(({kind:i,since:l,title:c})=>(0,E.q)`<li>Incident <b>${a[i]}</b>, since ${(0,y.Jj)((0,g.kb)(l),40)}: ${(0,y.Jj)(c,300)}</li>`),o=s.length-r.length;return(0,E.q)`<section aria-labelledby="remarks"><h2 id="remarks">Of the last night</h2><ul class="remarks">${r}${o>0&&(0,E.q)`<li>and ${(0,x.pq)(o,"more incident")} in results.json</li>`}${n.slice(0,ve).map(i=>(0,E.q)`<li>${(0,y.Jj)(i,1e3)}</li>`)}</ul></section>`}class Ue{values;numbers;constructor(e){this.values=[...new Set(e.filter(s=>s!==null))].sort().slice(0,Rn),this.numbers=new Map(this.values.map((s,n)=>[s,n]))}of(e){return e===null?void 0:this.numbers.get(e)}select(e,s=n=>n){return this.values.length<2?!1:(0,E.q)`<label><span class="vh">${e}</span><select data-by="${e}"><option value="">any ${e}</option>${this.values.map((n,a)=>(0,E.q)`<option value="${a}">${(0,y.Jj)(s(n),60)}</option>`)}</select></label>`}}const Yn=[[30,"30 nights"],[90,"90"],[365,"365"],[0,"all"]];function zn(t,{first:e,last:s},{datasets:n,models:a,prompts:r,metrics:o}){const i=s-e+1,l=g.sQ.map(p=>{const $=t.filter(k=>ut(k)===p).length;return $>0&&(0,E.q)`<button type="button" data-state="${p}" aria-pressed="false">${g.I7[p]}<span class="n">${(0,x.B4)($)}</span></button>`}),c=i>90?90:0,d=Yn.filter(([p])=>p<i),v=d.length>1&&(0,E.q)`<span class="ranges" role="group" aria-label="Nights shown">${d.map(([p,$])=>(0,E.q)`<button type="button" data-days="${p}" aria-pressed="${String(p===c)}">${$}</button>`)}</span>`;return(0,E.q)`<div class="filters" id="filters" role="group" aria-label="Filter the series" hidden><button type="button" data-state="all" aria-pressed="true">all<span class="n">${(0,x.B4)(t.length)}</span></button>${l}${n.select("dataset")}${a.select("model")}${r.select("prompts")}${o.select("metric",lt.C6)}<label><span class="vh">order</span><select id="sort"><option value="state">worst first</option><option value="name">by name</option></select></label><input id="search" type="search" placeholder="Search in all texts" aria-label="Search in all texts">${v}<span class="soft" id="count" role="status"></span></div>`}const Hn=(0,E.q)`<ul class="key" aria-label="Signs in the plots"><li><svg width="26" height="14" aria-hidden="true"><rect class="sure" width="26" height="14"/><path class="values" d="M1 9L9 5L17 8L25 4"/></svg>value, 95 % interval of a share</li><li><svg width="26" height="14" aria-hidden="true"><path class="week" d="M1 9L9 6L17 7L25 5"/></svg>mean of 7 nights, where nights are close</li><li><svg width="26" height="14" aria-hidden="true"><rect class="band" width="26" height="14"/><line class="mean" x1="0" x2="26" y1="7" y2="7"/></svg>baseline ± 2 standard deviations, its nights outlined</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found regressed" cx="6" cy="6" r="5"/></svg>regressed</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found suspect" cx="6" cy="6" r="4"/></svg>suspect</li><li><svg width="12" height="12" aria-hidden="true"><path class="found improved" d="M6 0l6 6l-6 6l-6 -6Z"/></svg>improved</li><li><svg width="10" height="8" aria-hidden="true"><path class="release" d="M1 0h8l-4 7Z"/></svg>release</li><li><svg width="8" height="8" aria-hidden="true"><path class="blessing" d="M4 0l4 4l-4 4l-4 -4Z"/></svg>new baseline blessed</li><li><svg width="6" height="14" aria-hidden="true"><line class="broken" x1="3" x2="3" y1="0" y2="14"/></svg>dataset, judge or model changed</li></ul>`;function Kn({releases:t=[],blessings:e=[]}){const s=[...t.map(({at:r,label:o,url:i})=>({at:r,what:"release",text:o,url:i})),...e.map(({at:r,by:o,reason:i})=>({at:r,what:"blessed",text:`by ${o}: ${i}`,url:null}))].sort((r,o)=>r.at<o.at?1:r.at>o.at?-1:0);if(s.length===0)return!1;const n=s.length-ve,a=s.slice(0,ve).map(({at:r,what:o,text:i,url:l})=>{const[c,d]=[(0,y.Jj)(i,300),Ne(l)];return(0,E.q)`<tr><th scope="row">${(0,x.K9)((0,y.Jj)(r,40))}</th><td>${o}</td><td>${d===null?c:wt(c,d)}</td></tr>`});return(0,E.q)`<section aria-labelledby="marks"><h2 id="marks">Releases and blessings</h2><div class="scroll"><table class="marks"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Which</th></tr></thead><tbody>${a}</tbody></table></div>${n>0&&(0,E.q)`<p class="note">and ${(0,x.pq)(n,"earlier one")}</p>`}</section>`}function Gn({legs:t}){if(t.length===0)return!1;const e=t.length-ve,s=t.slice(0,ve).map(n=>{const a=n.accuracy===null?"unknown":(0,x.l9)(n.accuracy),r=n.latency_p95===null?"unknown":(0,x._V)(n.latency_p95),o=n.answered.slice(0,3).map(i=>(0,y.Jj)(i,80));return(0,E.q)`<tr><th scope="row">${(0,y.Jj)((0,g.ue)(n),200)}</th><td>${n.arm}</td><td><span class="status ${n.verdict}">${n.verdict}</span></td><td class="number">${a}</td><td class="number">${r}</td><td class="number">${(0,x.Fl)(n.cost_usd,"usd")}</td><td class="number">${(0,x.l9)(n.coverage)}</td><td class="reason">${o.join(", ")||"–"}${n.verdict!=="passed"&&(0,E.q)`<p>${(0,y.Jj)(n.reason,400)}</p>`}</td></tr>`});return(0,E.q)`<section aria-labelledby="legs"><h2 id="legs">Evaluations of the last night</h2><div class="scroll"><table class="legs"><thead><tr><th scope="col">Evaluation</th><th scope="col">Arm</th><th scope="col">Verdict</th><th scope="col" class="number">Accuracy</th><th scope="col" class="number">Latency p95</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Coverage</th><th scope="col">Answered by</th></tr></thead><tbody>${s}</tbody></table></div>${e>0&&(0,E.q)`<p class="note">and ${(0,x.pq)(e,"more evaluation")} in results.json</p>`}</section>`}function qn({quarantined:t}){if(t.length===0)return!1;const e=t.length-ve,s=t.slice(0,ve).map(({id:n,dataset:a,flip_rate:r,owner:o,until:i})=>(0,E.q)`<tr><th scope="row">${(0,y.Jj)(n,120)}</th><td>${(0,y.Jj)(a,120)}</td><td class="number">${(0,x.l9)(r)}</td><td>${o===null?"nobody":(0,y.Jj)(o,80)}</td><td>${(0,y.Jj)(i,40)}</td></tr>`);return(0,E.q)`<section aria-labelledby="quarantine"><h2 id="quarantine">In quarantine</h2><p class="soft">These examples flip from night to night: they inform, and block nothing until their day.</p><div class="scroll"><table class="quarantine"><thead><tr><th scope="col">Example</th><th scope="col">Dataset</th><th scope="col" class="number">Flips</th><th scope="col">Owner</th><th scope="col">Until</th></tr></thead><tbody>${s}</tbody></table></div>${e>0&&(0,E.q)`<p class="note">and ${(0,x.pq)(e,"more example")} in results.json</p>`}</section>`}function*Vn(t,e,s){if(yield(0,E.q)`<section aria-labelledby="series"><h2 id="series">Series</h2>\n`.text,!e||t.length===0){yield(0,E.q)`<div class="empty"><b>No history yet</b>The first night begins a line for each dataset, model and metric; from night ${s} on there is a baseline to compare with.</div></section>\n`.text;return}const n=t.slice(0,yt),a={datasets:new Ue(n.map(({key:o})=>o.dataset)),models:new Ue(n.map(({key:o})=>o.model)),prompts:new Ue(n.map(({key:o})=>o.prompts)),metrics:new Ue(n.map(({key:o})=>o.metric))};yield(0,E.q)`${zn(n,e,a)}<p class="note" id="unscripted">The plots and the tables of nights need JavaScript; the last night’s values stand here without it.</p>\n${Hn}\n<div class="cards" id="cards">\n`.text;for(const[o,i]of n.entries()){const{key:l}=i,c={at:o,dataset:a.datasets.of(l.dataset),model:a.models.of(l.model),prompts:a.prompts.of(l.prompts),metric:a.metrics.of(l.metric)};yield xn(i,c,s).text}yield(0,E.q)`</div><p id="none" class="note" hidden>No series matches.</p>`.text;const r=t.length-n.length;r>0&&(yield(0,E.q)`<p class="note">and ${(0,x.B4)(r)} more series in the history</p>`.text),yield`</section>
`}function*Xn(t,e,s){const n=Dn(e,s),a=In(t);yield`<script type="application/json" id="data">{"page":${ft(Cn(t,s,n))},"series":[`;for(const[r,o]of e.slice(0,yt).entries())yield`${r===0?"":`,
`}${ft(An(o,s,n,a.get((0,$e.P)(o.key))))}`;yield`]}<\/script>
`}async function*bt(t,e={}){const{results:s}=t,n=Mn(t),a=n?En(t,n):[],r=s===null?"Nightly trend":`${s.verdict}: nightly trend, ${(0,y.Jj)(s.night,40)}`;yield`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Fn}">
`,yield(0,E.q)`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${r}</title>\n`.text,yield`<style>${gt}</style>
</head>
<body>
<div class="page">
`,yield(0,E.q)`<a class="skip" href="#series">Skip to the series</a>\n${s===null?Wn:Un(s,e)}\n<main>\n${s!==null&&Jn(s)}\n`.text,yield*Vn(a,n,t.nightsNeeded??Bn),yield(0,E.q)`${Kn(t)}\n${s!==null&&Gn(s)}\n${s!==null&&qn(s)}\n</main>\n<footer class="soft">Everything on this page is in the history and in <code>results.json</code> of the last night. Made by agent-ci.</footer>\n</div>\n`.text,n&&(yield*Xn(t,a,n)),yield`<script>${mt}<\/script>
</body>
</html>
`}async function*Qn(){}const Zn=(t,e={})=>[{path:"index.html",text:bt(t,e)},{path:".nojekyll",text:Qn()}];function Ge(t,e){const s={verdict:"errored",regressions:"[]",legs:"[]","results-path":null,"dashboard-path":null,"issue-number":null,...t};for(const[n,a]of Object.entries(s))e.output(n,a)}const qe=t=>JSON.stringify(t.map(({id:e})=>e));function _n(t,e){return Ge({verdict:"passed",legs:qe(t)},e),{verdict:"passed",exitStatus:0,headline:"Plan only: no call was made"}}async function es(t,e,s,n){const{outputDir:a}=s;(0,O.writeFileSync)((0,h.join)(a,"summary.md"),Be(t,[])),n.info(ot(t,{colour:n.colour,files:[(0,h.relative)(n.cwd,a)||"."]}));const r=await kt(["summary.md",...St(e,a)],s,n);Ge({verdict:t.verdict,legs:qe(e)},n),await n.summary(Be(t,[],xt(r)));const o=t.verdict==="errored"?1:0;return{verdict:t.verdict,exitStatus:o,headline:`${t.verdict}: ${(0,g._T)(t)}`}}const $t=(t,e)=>(0,O.writeFileSync)((0,h.join)(e,"results.json"),`${JSON.stringify(t,null,2)}
`);async function ts({results:t,series:e,blessings:s,releases:n,issueNumber:a,settings:r},o){const{outputDir:i,legs:l}=r,c=m=>(0,h.join)(i,m),d=m=>(0,h.relative)(o.cwd,c(m)),{trendUrl:v}=r,p={reportPath:d("dashboard.html"),...v!==void 0&&{trendUrl:v}},$={results:t,series:e,blessings:s,releases:n};$t(t,i),(0,O.writeFileSync)(c("summary.md"),Be(t,e,p)),await(0,rt.pipeline)(at.Readable.from(bt($,p)),(0,O.createWriteStream)(c("dashboard.html"))),(0,O.mkdirSync)(c("site"),{recursive:!0});for(const m of Zn($,p))await(0,rt.pipeline)(at.Readable.from(m.text),(0,O.createWriteStream)(c((0,h.join)("site",m.path))));o.info(ot(t,{colour:o.colour,files:[p.reportPath]}));const k=await kt(["results.json","summary.md","dashboard.html",...St(l,i)],r,o);Ge({verdict:t.verdict,regressions:JSON.stringify(t.series.filter(({state:m})=>m==="regressed").map(ns)),legs:qe(l),"results-path":d("results.json"),"dashboard-path":d("dashboard.html"),"issue-number":a??null},o),await o.summary(Be(t,e,{...p,...xt(k)}))}const ns=({baseline:t,dataset:e,model:s,prompts:n,metric:a,value:r,drop:o,cause:i,reason:l})=>({dataset:e,model:s,prompts:n,metric:a,value:r,baseline:t?.mean??null,drop:o,cause:i,reason:l}),xt=t=>t?.url===void 0?{}:{artifactUrl:t.url};function kt(t,e,s){const{artifactName:n,outputDir:a,retentionDays:r}=e;if(n===void 0)return Promise.resolve(void 0);const o=t.map(i=>(0,h.join)(a,i));return s.uploadArtifact(n,o,a,{...r!==void 0&&{retentionDays:r}})}function St(t,e){const s=n=>(0,O.lstatSync)((0,h.join)(e,n),{throwIfNoEntry:!1})?.isFile()??!1;return t.flatMap(({id:n})=>{const a=(0,O.lstatSync)((0,h.join)(e,n),{throwIfNoEntry:!1})?.isDirectory()?(0,O.readdirSync)((0,h.join)(e,n),{withFileTypes:!0}).filter(r=>r.isDirectory()):[];return[n,...a.map(({name:r})=>(0,h.join)(n,r))].flatMap(r=>Se.map(o=>(0,h.join)(r,o)).filter(s))})}var ss=u(96111);function Ot(t,e){const{legs:s,findings:n,fleetShift:a}=t,{verdict:r,reason:o}=os(t),i=[...s,...t.reruns].map(({night:l})=>l.cost_usd).filter(l=>l!==null);return{schema_version:1,kind:"nightly",verdict:r,reason:o,notes:[...t.notes,...rs(s)],night:t.night,legs:s.map(l=>as(l,e)).toSorted((l,c)=>Mt(c.verdict)-Mt(l.verdict)),series:n.toSorted((l,c)=>g.sQ.indexOf(l.state)-g.sQ.indexOf(c.state)),fleet_shift:a&&{median_t:a.median_t,series:a.series,reason:jt(a,n)},quarantined:[...t.quarantined],incidents:[],cost_usd:i.length===0?null:i.reduce((l,c)=>l+c,0),run:t.run,started_at:t.startedAt,finished_at:t.finishedAt}}function jt({reason:t},e){const s=e.find(({cause:n})=>n!==null);return s?`${t}; ${(0,g.xv)(s)}, by ${(0,g.f_)(s)}`:t}const Mt=t=>ss.bk.indexOf(t);function as({night:t,reason:e,results:s},n){const a=r=>t.metrics[r]?.value??null;return{dataset:t.dataset,model:t.model,prompts:t.prompts,arm:t.arm,verdict:t.verdict,reason:e,accuracy:a("accuracy"),latency_p95:a("latency_p95_ms"),cost_usd:t.cost_usd,coverage:t.coverage,answered:t.answered,results:s===null?null:(0,h.relative)(n,s).replaceAll(h.sep,"/")}}function rs(t){const e=t.filter(({night:s})=>s.arm==="current"&&s.verdict==="failed");return e.length===0?[]:[`${(0,x.pq)(e.length,"leg")} of the night missed a gate, which is no regression by itself`]}const Et=5;function We(t){const e=t.length-Et;return`${t.slice(0,Et).join("; ")}${e>0?`; and ${e} more`:""}`}function os({legs:t,findings:e,fleetShift:s,tooFlaky:n,troubles:a}){const r=t.filter(({night:d})=>d.arm==="current"&&d.verdict==="errored"),o=[...a,...r.map(({night:d,reason:v})=>`${(0,g.ue)(d)}: ${v}`)],i=e.filter(({state:d})=>d==="regressed");if(o.length>0){const d=i.length>0?`; ${(0,x.B4)(i.length)} series regressed`:"";return{verdict:"errored",reason:`${We(o)}${d}`}}if(s)return{verdict:"failed",reason:jt(s,e)};if(i.length>0)return{verdict:"failed",reason:We(i.map(({reason:d})=>d))};const l=e.filter(({state:d,confirmed:v})=>d==="suspect"&&v===null);if(l.length>0)return{verdict:"inconclusive",reason:`${(0,x.B4)(l.length)} series looks regressed and was not run again: ${We(l.map(({reason:d})=>d))}`};if(n.length>0)return{verdict:"inconclusive",reason:We(n)};const c=e.filter(({state:d})=>d==="warming-up"||d==="stale");return e.length>0&&c.length===e.length?{verdict:"passed",reason:`Measured; nothing to compare with yet: ${c[0].reason}`}:{verdict:"passed",reason:"No series regressed"}}var Ve=u(87322);function is(t,e,s,{quarantine:{owner:n,settings:a}}){const r=[...t.nights,...e],o=k=>(0,Ve.Qp)(k,r,{night:s,owner:()=>n,settings:a}),{next:i,added:l,expired:c,gates:d}=o(t.quarantine),[v]=l,p=d.filter(({passed:k})=>!k).map(({dataset:k,reason:m})=>`${k}: ${m}`),$=c.filter(({until:k})=>k===s);return{quarantined:(0,Ve.nR)(i,s).map(({dataset:k,id:m,flip_rate:M,owner:R,until:C})=>({dataset:k,id:m,flip_rate:M,owner:R,until:C})),notes:[...v?[`${(0,x.pq)(l.length,"example")} came into quarantine, until ${v.until}: they flip from night to night`]:[],...a.maxShare===void 0?p:[],...$.length>0?[`The quarantine of ${(0,x.pq)($.length,"example")} is over: they count again`]:[]],tooMany:a.maxShare===void 0?[]:p,next:k=>o(k).next}}const ls=6,cs=1e4;function*Dt(t,e){for(const s of(0,O.readdirSync)(t,{withFileTypes:!0})){const n=(0,h.join)(t,s.name);s.isFile()&&s.name===me?yield n:s.isDirectory()&&e<ls&&(yield*Dt(n,e+1))}}function ds(t,e){const s=[];for(const n of Dt(t,0)){if(s.length>=cs)break;const a=(0,y.Ig)((0,h.relative)(e.cwd,n),300);try{const r=Pe.parse(JSON.parse((0,O.readFileSync)(n,"utf8"))),{run:o}=r.night,i=e.env.GITHUB_RUN_ID;i&&o&&o.id!==i?e.warn("Legs",`${a} is of the run ${(0,y.Ig)(o.id,100)}, not of this one`):s.push({record:r,directory:(0,h.dirname)(n)})}catch{e.warn("Legs",`${a} is no leg of a night, or is damaged`)}}return s}const Tt=({dataset:t,model:e,prompts:s},{night:n})=>n.dataset===t&&n.model===e&&n.prompts===s&&n.arm==="current";function us(t){const e=t.toSorted((a,r)=>a.record.night.finished_at<r.record.night.finished_at?-1:1),s=e.at(-1)?.record.shard,n=e.filter(({record:a})=>a.shard?.of===s?.of);return[...new Map(n.map(a=>[a.record.shard?.index,a])).values()]}async function hs(t,e,s,n,a,r){const o=[];for(const i of t){const l=us(e.legs.filter(({record:d})=>Tt(i,d))),[c]=l;if(c)if(c.record.shard)o.push(await a(i,l.map(({directory:d})=>d)));else{const d=ps(c.directory,(0,h.resolve)(s,i.id));o.push({night:{...c.record.night,night:n.night},reason:c.record.reason,results:d})}else{const d=`Nothing of it is in ${(0,h.relative)(r.cwd,e.directory)||"."}: its job did not run, was cut off, or uploaded no artifact`;o.push(Re({leg:i,arm:"current"},n,d,r))}}return o}function fs(t,e,s,n){if(!(0,O.statSync)(e,{throwIfNoEntry:!1})?.isDirectory())throw new D.j1({what:`merge is ${JSON.stringify((0,h.relative)(n.cwd,e))}`,why:"There is no such directory",mend:"Write the path that actions/download-artifact puts the artifacts of the legs in"});const a=ds(e,n);for(const{record:r,directory:o}of a){if(t.some(l=>Tt(l,r)))continue;const i=(0,y.Ig)((0,h.relative)(n.cwd,o),300);n.warn("Legs",`${i} is ${(0,y.Ig)((0,g.ue)(r.night),300)}, which is not in the matrix: it is left out`)}return{directory:e,legs:a,night:a.reduce((r,{record:o})=>o.night.night<r?o.night.night:r,s),costUsd:a.reduce((r,{record:o})=>r+(o.night.cost_usd??0),0)}}function ps(t,e){(0,O.mkdirSync)(e,{recursive:!0});const s=Se.filter(n=>(0,O.lstatSync)((0,h.join)(t,n),{throwIfNoEntry:!1})?.isFile());if((0,h.resolve)(t)!==e)for(const n of s)(0,O.copyFileSync)((0,h.join)(t,n),(0,h.join)(e,n));return s.includes("results.json")?(0,h.join)(e,"results.json"):null}var ms=u(95615),Nt=u(95595),It=u(69626),Ie=u(3159),Ae=u(1024);function gs(t,e,s={}){const n=t.settings.confirmAlpha/t.flagged.size;return t.findings.map(a=>{const r=t.flagged.get((0,Ie.hG)(a));if(!r)return a;const o=e.filter(i=>ys(i,a)).map(i=>(0,Ie.xm)(i,a.metric,s.without));return vs(a,r,o,n)})}const ys=(t,e)=>t.arm==="current"&&t.dataset===e.dataset&&t.model===e.model&&t.prompts===e.prompts;function vs(t,{judged:{series:e,fall:s},expected:n},a,r){const o=(0,It._)(t.metric,t.unit),i=a.flatMap(({value:p,n:$})=>p===null?[]:[{score:o.of(p),n:$}]);if(i.length===0)return(0,Ae.WY)(t,e,s.adjusted,{of:"not run again"});const{mean:l,p:c}=(0,Nt.Hv)(n,i.map(({score:p})=>p),s.scales[s.by]),d={...t,state:c<r?"regressed":"suspect",confirmed:{value:o.back(l),n:i.reduce((p,{n:$})=>p+$,0),p:c}},v=c<r?"confirmed":"not confirmed";return(0,Ae.WY)(d,e,s.adjusted,{of:v,runs:i.length,limit:r})}var ws=u(31051),bs=u(34902),At=u(68395),$s=u(3610),xs=u(25243);const Pt=.05;function ks({series:t,model:e},s,n,a={}){const{key:r,unit:o}=t,i=(0,It._)(r.metric,o),l=F=>F.flatMap(A=>{const{value:Y}=(0,Ie.xm)(A,r.metric,a.without);return Y===null?[]:[i.of(Y)]}),[c,d]=[l(s),l(n)];if(c.length===0||d.length===0)return{cause:"unknown",controlP:null,differenceP:null,test:null,reason:`the ${d.length===0?"control arm":"current arm"} measured nothing`};const v=(0,Nt.Hv)(e,d,{repeated:0}),p=r.metric==="accuracy"?Ms(s,n,a.without?.get(r.dataset)):void 0,$=p??js(c,d,e),[k,m]=[v.p<Pt,$<Pt],M=k&&m?"both":k?"provider":m?"us":"unknown",R=p===void 0?"two-sample":"paired",C=F=>(0,Ae.vj)(i.back((0,At.X)(F,A=>A)/F.length),o),j=`${Ss[M]}: the control arm has ${C(d)}, p ${(0,Ae.Dz)(v.p)} against the baseline; the current one ${C(c)}, p ${(0,Ae.Dz)($)} against the control arm (${R})`;return{cause:M,controlP:v.p,differenceP:$,test:R,reason:j}}const Ss={provider:"the endpoint moved",us:"we moved",both:"the endpoint moved, and we did",unknown:"who moved cannot be told"},Os=(t,{cause:e,reason:s})=>({...t,cause:e,reason:`${t.reason}; ${s}`});function js(t,e,{deviation:s,df:n}){const a=o=>(0,At.X)(o,i=>i)/o.length,r=(a(e)-a(t))/(s*Math.sqrt(1/t.length+1/e.length));return(0,bs.w)(-r,n)}function Ms(t,e,s){const[n,...a]=[...t,...e],r=d=>(0,$s.D)({...d,answered:[]});if(!n||a.some(d=>r(d)!==r(n)))return;const o=new Set([...t,...e].flatMap(({imperfect:d})=>Object.keys(d))),i=[...o].filter(d=>!s?.has(d)).map(d=>({base:Ct(d,e),candidate:Ct(d,t)})).filter(({base:d,candidate:v})=>d.runs>0&&v.runs>0),l={passes:1,runs:1},c=Math.max(0,n.examples-new Set([...o,...s??[]]).size);return(0,ws.d)([...i,...Array.from({length:c},()=>({base:l,candidate:l}))])?.regressionTail}function Ct(t,e){let[s,n]=[0,0];for(const a of e){const[r,o]=(0,xs.x)(a,t);s+=r,n+=o}return{passes:s,runs:n}}var Es=u(302);const Ee=(t,e)=>t.dataset===e.dataset&&t.model===e.model&&t.prompts===e.prompts;async function Ds(t,e,s,n,a,r){const o=(0,Ve.nR)(e.quarantine,s),i=new Map([...(0,ms.$)(o,({dataset:m})=>m)].map(([m,M])=>[m,new Set(M.map(({id:R})=>R))])),l=[...e.nights,...t.map(m=>m.night)].filter(m=>n.legs.some(M=>Ee(M,m))),c=(0,Ie.Lf)(l,{without:i}),d=(0,Es.o)(c,{night:s,blessings:e.blessings,settings:{minDrop:n.minDrop}}),v=m=>n.legs.find(M=>Ee(M,m)),p=[];if(n.confirm)for(const m of d.reruns)for(let M=1;M<=m.runs&&!r.signal.aborted;M++)p.push(await a.again(v(m),M));const $=gs(d,p.map(m=>m.night),{without:i}),k=[];for(const m of Ns($,d,n)){if(r.signal.aborted)break;const M=Is(l,$,m);M&&k.push(await a.control(v(m),M))}return{findings:$.map(m=>Ts(m,{detection:d,tonight:t,reruns:p,controls:k,without:i})),detection:d,series:c,reruns:p,controls:k}}function Ts(t,{detection:e,tonight:s,reruns:n,controls:a,without:r}){if(t.state!=="regressed"&&t.state!=="suspect")return t;const o=e.judged.get((0,Ie.hG)(t)),i=v=>v.map(({night:p})=>p).filter(p=>Ee(p,t)),l=i(a);if(!o||l.length===0)return t;const c=i(n),d=c.length>0?c:i(s);return Os(t,ks(o,d,l,{without:r}))}function Ns(t,{fleetShift:e},{control:s,legs:n}){if(s==="off")return[];if(s==="always")return n;const a=n.filter(i=>t.some(l=>l.state==="regressed"&&Ee(i,l)));if(a.length>0||!e)return a;const r=({drop:i,baseline:l})=>(i??0)/Math.max(l?.sd??0,1e-12),[o]=t.filter(({state:i})=>i==="suspect").toSorted((i,l)=>r(l)-r(i));return o?[o]:[]}function Is(t,e,s){const n=e.find(a=>a.baseline!==null&&Ee(a,s))?.baseline?.to;return t.findLast(a=>a.night===n&&a.arm==="current"&&a.verdict!=="errored"&&Ee(a,s))}var As=u(70573);const Ps=5e3;function Cs(t){const e=new AbortController;return t.addEventListener("abort",()=>setTimeout(()=>e.abort(),Ps).unref(),{once:!0}),e.signal}class Xe{troubles=[];remembered;history;host;constructor(e,s,n){this.history=e,this.remembered=s,this.host=n}static async open({history:e},s){const n=(0,As.j)(e,{...s,signal:Cs(s.signal)}),a=await n.read(),r=new Xe(n,a,s);return r.warn(a.problems),r}async add(e,{night:s,run:n}){try{this.warn(await this.history.append(e,`Night ${s}${n?`, run ${n.id}`:""}`))}catch(a){const r=`The night was not written to the history: ${(0,D.bD)(a)}`;this.host.warn("History",(0,y.Ig)(r)),this.troubles.push(r)}}async prune(e,s){const n=new Date(Date.parse(s)-e*864e5).toISOString().slice(0,10);try{const{files:a}=await this.history.prune(n);a.length>0&&this.host.info(`Removed from the history: ${(0,y.Ig)(a.join(", "))}`)}catch(a){this.host.warn("History",(0,y.Ig)(`Older nights were not removed: ${(0,D.bD)(a)}`))}}warn(e){for(const s of e)this.host.warn("History",(0,y.Ig)((0,D.Vw)(s)))}}const Lt="night.unfinished";function Ls(t,e){const s=(0,h.join)(t,Lt);let n;try{n=(0,O.readFileSync)(s,"utf8").trim()}catch{}return(0,O.writeFileSync)(s,`${e}
`),n===e}function Rt(t){(0,O.rmSync)((0,h.join)(t,Lt),{force:!0})}var Rs=u(72336),Bt=u(82151),Bs=u(16270);const Fs=100;async function Us({rest:t},e){const{data:s}=await t.repos.listReleases({...(0,Bs.b)(e),per_page:Fs});return s.flatMap(({draft:n,published_at:a,tag_name:r,html_url:o})=>n||!a?[]:[{at:a,tag:r,url:o}])}async function Ws(t,e,s){if(t===""||e===void 0||s.signal.aborted)return[];try{return(await Us(await(0,Bt.O)(t,s),e)).map(({at:a,tag:r,url:o})=>({at:a,label:r,url:o}))}catch(n){const a=(0,Rs.XZ)(n,{failed:"Releases are not marked on the page",permission:"contents: read"});return s.info((0,y.Ig)(a,400)),[]}}var Js=u(64743),Ys=u(75832),Je=u(31314);const zs=H.Ikc({schema_version:H.euz(1),open:H.YOg(H.Ikc({key:H.YjP(),severity:H.k5n(Je.oC),title:H.YjP(),since:H.YjP(),last_seen:H.YjP()}))}),Ft={schema_version:1,open:[]};function Ut(t,{at:e,firing:s,healthy:n}){const a=[],r=Qe(t);for(const i of Hs(s)){const l=r.get(i.key);(!l||(0,Je.Bx)(i.severity,l.severity))&&a.push({...i,kind:"trigger"}),r.set(i.key,{key:i.key,severity:l&&!(0,Je.Bx)(i.severity,l.severity)?l.severity:i.severity,title:i.title,since:l?.since??e,last_seen:e})}const o=new Set(s.map(({key:i})=>i));for(const i of new Set(n)){const l=r.get(i);!l||o.has(i)||(a.push(Ks(l,e)),r.delete(i))}return{alerts:a,next:{schema_version:1,open:[...r.values()]}}}const Qe=({open:t})=>new Map(t.map(e=>[e.key,e]));function Hs(t){const e=new Map;for(const s of t){const n=e.get(s.key);(!n||(0,Je.Bx)(s.severity,n.severity))&&e.set(s.key,s)}return[...e.values()]}const Ks=({key:t,severity:e,title:s,since:n,last_seen:a},r)=>({key:t,kind:"resolve",severity:e,title:s,text:"It is well again.",facts:[{name:"Since",value:n},{name:"Last seen",value:a}],links:[],at:r});function Gs(t,e,s){const n=Qe(e),a=Qe(t);for(const r of s){const o=a.get(r);o?n.set(r,o):n.delete(r)}return{schema_version:1,open:[...n.values()]}}var Wt=u(53751);function qs(t){const e=`agent-ci/${t??"local"}/nightly`;return{of:({dataset:s,model:n,prompts:a,metric:r})=>[e,s,...[n,a].filter(o=>o!==null),r].join("/"),fleet:`${e}/most series`,unmeasured:`${e}/not measured`}}const Vs=.2,Jt=({state:t,confirmed:e})=>t==="steady"||t==="improved"||t==="suspect"&&e!==null&&e.p>=Vs;function Xs(t,e,s,n){const a=t.finished_at,r=(p="")=>[...t.run?[{text:"Run",url:t.run.url}]:[],...n===void 0?[]:[{text:"Trend",url:`${n}${p}`}]],o={links:r(),at:a},i=t.series.filter(({state:p})=>p==="regressed"),l=t.legs.filter(({verdict:p,arm:$})=>p==="errored"&&$==="current"),c=t.fleet_shift,d=[...c?[{...o,...Zs(c.reason,t.series),key:e.fleet}]:[],...i.map(p=>({...Qs(p),links:r(`#${dt(p)}`),at:a,key:e.of(p)})),...l.length>0?[{...o,..._s(l),key:e.unmeasured}]:[]],v=t.series.filter(Jt);return{at:a,firing:d,healthy:[...t.series.filter(p=>Jt(p)||s(p)).map(e.of),...c||v.length===0?[]:[e.fleet],...l.length>0?[]:[e.unmeasured]]}}function Qs(t){const e=(0,g.xv)(t);return{severity:t.unit==="fraction"?"error":"warning",title:`${(0,g.f_)(t)}: ${(0,g.$Y)(t)||"regressed"}${e===""?"":` (${e})`}`,text:t.reason,facts:[{name:"Tonight",value:(0,g.B8)(t)},{name:"Baseline",value:(0,g.BW)(t)},{name:"Change",value:(0,g.k0)(t)},{name:"Run again",value:(0,g.XH)(t)},...e===""?[]:[{name:"Who moved",value:e}]]}}const Yt=20;function Zs(t,e){const s=e.filter(({state:a})=>a==="regressed"||a==="suspect"),n=[...new Set(s.map(g.xv))].filter(a=>a!=="");return{severity:"error",title:`Most series moved alike${n.length===1?`: ${n[0]}`:""}`,text:t,facts:s.slice(0,Yt).map(a=>({name:(0,g.f_)(a),value:(0,g.k0)(a)}))}}function _s(t){return{severity:"warning",title:`${(0,x.pq)(t.length,"leg")} of the night could not be measured`,text:"Nothing is known of them: neither that they are well, nor that they are not.",facts:t.slice(0,Yt).map(e=>({name:(0,g.ue)(e),value:e.reason}))}}async function ea(t,e,{targets:s,githubToken:n,trendUrl:a},r,o){const i=qs(r),l=zt(e.incidents,o),c=new Map(l.open.map(A=>[A.key,A.since])),v=Xs(t,i,A=>{const Y=(0,Js.Hl)(e.blessings,A),oe=c.get(i.of(A));return Y!==void 0&&oe!==void 0&&Y.at>oe},a),{alerts:p,next:$}=Ut(l,v),k=()=>(0,Bt.O)(n,o),m=n!==""&&r!==void 0?{issues:(0,Ys._)(k,r)}:{},M=await(0,Wt.m)(p,s,o,m),R=(0,Wt.D)(M),C=new Map(p.map(({key:A,kind:Y})=>[A,Y])),j=l.open.filter(({key:A})=>C.get(A)==="resolve"),F=A=>{const Y=zt(A,o);return Gs(Y,Ut(Y,v).next,R)};return{incidents:[...$.open.map(({key:A,title:Y,since:oe})=>({key:A,title:Y,since:oe,kind:C.get(A)??"open"})),...j.map(({key:A,title:Y,since:oe})=>({key:A,title:Y,since:oe,kind:"resolve"}))],next:l.open.length+$.open.length===0?void 0:F,issueNumber:M.find(({issueNumber:A})=>A!==void 0)?.issueNumber}}function zt(t,e){if(t===void 0)return Ft;const s=zs.safeParse(t);return s.success?s.data:(e.warn("History","The open incidents in the history cannot be read: they begin anew"),Ft)}const ta="The job was cancelled before it was run";async function Ht({plan:t,facts:e,settings:s,host:n},a){const r=Ls(s.outputDir,e.night),o=[];for(const i of t.legs)o.push(n.signal.aborted?Re({leg:i,arm:"current"},e,ta,n):await a.leg(i,r));return o}async function na(t){const{plan:e,facts:s,startedAt:n,settings:a,host:r}=t,o=new st(a,e,s,0,r);try{await o.openSets();const i=await Ht(t,o);r.signal.aborted||Rt(a.outputDir);const l=Ot({...sa,night:s.night,legs:i,run:s.run,startedAt:n,finishedAt:r.date().toISOString()},a.outputDir),d=l.verdict==="passed"?"Measured; the job that joins the legs judges the night":l.reason;return await es({...l,reason:d},e.legs,a,r)}finally{await o.close()}}const sa={reruns:[],findings:[],fleetShift:null,quarantined:[],tooFlaky:[],notes:[],troubles:[]};async function aa(t){const{plan:e,startedAt:s,settings:n,host:a}=t,r=await Xe.open(n,a),{remembered:o}=r,i=n.merge===void 0?void 0:fs(e.legs,n.merge,t.facts.night,a),l={...t.facts,...i&&{night:i.night}},c=new st(n,e,l,i?.costUsd??0,a);try{await c.openSets();const d=c.joined.bind(c),v=i?await hs(e.legs,i,n.outputDir,l,d,a):await Ht(t,c),p=is(o,Ze(v),l.night,n);await r.add({nights:Ze(v),quarantine:p.next},l);const $=await Ds(v,o,l.night,n,c,a);$.controls.length>0&&await r.add({nights:Ze($.controls)},l);const k=Ot({...$,night:l.night,legs:[...v,...$.controls],fleetShift:$.detection.fleetShift,quarantined:p.quarantined,tooFlaky:p.tooMany,notes:[...ra(n,o.nights,l.night),...p.notes],troubles:r.troubles,run:l.run&&{id:l.run.id,url:l.run.url},startedAt:s,finishedAt:a.date().toISOString()},n.outputDir);$t(k,n.outputDir);const m=a.signal.aborted?void 0:await ea(k,o,n,l.run?.repository,a);m?.next&&await r.add({incidents:m.next},l),n.historyDays!==void 0&&!a.signal.aborted&&await r.prune(n.historyDays,l.night);const M={...k,incidents:m?.incidents??[]},{series:R}=$,{blessings:C}=o,j=await Ws(n.githubToken,l.run?.repository,a);return await ts({results:M,series:R,blessings:C,releases:j,issueNumber:m?.issueNumber,settings:n},a),a.signal.aborted||Rt(n.outputDir),ia(M,n,a)}finally{await c.close()}}const Ze=t=>t.map(({night:e})=>e);function ra({recorded:t},e,s){return[...t?["Answers come from recordings where there are some: of the models themselves the night says nothing"]:[],...oa(e,s)]}function oa(t,e){const n=t.filter(r=>r.arm==="current"&&r.verdict!=="errored"&&r.night<e).reduce((r,o)=>o.night>r?o.night:r,"");if(n==="")return[];const a=Math.round((Date.parse(e)-Date.parse(n))/864e5);return a<=1?[]:[`The last measured night was ${a} days ago, on ${n}`]}function ia(t,{failOnRegression:e},s){const{verdict:n}=t,a=`${n}: ${(0,g._T)(t)}`,r=n==="errored"||n==="failed"&&e?1:0;return n==="failed"&&r===0&&s.warn("Nightly evaluation",(0,y.Ig)(a)),{verdict:n,exitStatus:r,headline:a}}var Kt=u(84423),Gt=u(75944),ge=u(49449),la=u(53855),qt=u(9302),ca=u(92350);function da(t){const e=[t.dataset,t.model,t.prompts].filter(n=>n!==null),s=e.map(n=>n.replaceAll(/[^\w.-]+/g,"-").replace(/^\.+/,"")).join("__");return s.length<=100&&e.join("__")===s&&!e.some(n=>n.includes("__"))?s:`${s.slice(0,100)}-${(0,ca.ol)(Buffer.from(JSON.stringify(e))).slice(7,15)}`}const ua=({datasets:t,models:e,prompts:s})=>t.flatMap(n=>e.flatMap(a=>s.map(r=>{const o={dataset:n,model:a,prompts:r};return{id:da(o),...o}})));function ha(t,e){const s=t.map(({id:a})=>a),n=e.filter(a=>!s.includes(a));if(n.length>0)throw new D.j1(n.map(a=>({what:`legs names ${JSON.stringify(a)}`,why:"There is no such leg in the matrix of datasets, models and prompts",mend:(0,Gt.S)(a,s)})));return t.filter(({id:a})=>e.includes(a))}const fa=["regressed","always","off"],Vt={merge:"",stop:"never",baseline:"none","artifact-name":"none",annotations:"false",prompts:""};async function pa(t){const e=t.input,s=await(0,qt.W)(t),{located:n,baseDir:a}=s,r=n?.config.nightly??{},o=new T.S(e,n),i=(N,V)=>[...new Set(e(N)===""?V??[]:ge.E1(e(N)))],l=i("datasets",r.datasets??Object.keys(n?.config.datasets??{})),c=i("models",r.models),d=o.attempt(()=>ba(e("prompts"),n,a))??new Map;l.length===0&&o.problems.push({what:"There is no dataset",why:"A night needs golden examples",mend:"Write datasets: evals/golden.jsonl as an input, or datasets: in agent-ci.yaml"});const v=e("github-token").trim()||t.env.GITHUB_TOKEN||"",p=(N,V,re)=>o.read(N,V,ge.yG,re),$={history:(0,qt.t)(s,v,t),historyDays:o.read("history-days",void 0,(N,V)=>ge.z2(N,V,30),["nightly","history_days"]),quarantine:ya(r.quarantine),baseline:o.read("baseline",void 0,N=>N.trim().replace(/^ref:/,""),["nightly","baseline"]),control:o.read("control","off",wa,["nightly","control"]),confirm:p("confirm",!0,["nightly","confirm"]),minDrop:o.read("min-drop",.02,ge.WN,["nightly","min_drop"]),failOnRegression:p("fail-on-regression",t.env.GITHUB_EVENT_NAME!=="schedule",["nightly","fail_on_regression"]),retentionDays:o.read("retention-days",void 0,(N,V)=>ge.z2(N,V,1,400),["nightly","retention_days"]),trendUrl:o.read("trend-url",void 0,va,["nightly","trend_url"]),merge:e("merge").trim()===""?void 0:(0,h.resolve)(t.cwd,e("merge").trim()),targets:(0,la.R)(o,n,t.env)};o.refuseProblems();const k=[...d.keys()],m=new Map,M=new Map,R=[];for(const N of l)for(const V of c.length>0?c:[""]){const re=await(0,Kt.sb)(ma(e,{dataset:N,model:V},r,n),t.cwd,t.env),{name:we}=re.dataset,ke=M.get(we);ke!==void 0&&ke!==N&&R.push({what:`Two datasets are called ${JSON.stringify(we)}: ${ke} and ${N}`,why:"Their nights could not be told apart",mend:"Give them names under datasets: in agent-ci.yaml, and write these"}),M.set(we,N),m.set(JSON.stringify([we,re.model??null]),re)}if(R.length>0)throw new D.j1(R);const C=[...m.values()][0];($.control!=="off"||[...d.values()].some(({kind:N})=>N!=="workspace"))&&(0,G.$)(C.agent);const j=ua({datasets:[...M.keys()],models:c.length>0?c:[C.model??null],prompts:k.length>0?k:[null]}),F=ge.E1(e("legs")),{shard:A}=C,Y=F.length>0?ha(j,F):A?j:void 0;if(Y&&$.merge!==void 0)throw new D.j1({what:`${F.length>0?"legs":"shard"} and merge are both given`,why:"A job either evaluates legs or joins what other jobs evaluated",mend:"Leave one of them out"});const oe=C.traffic?.budget?.usd,Ye=C.traffic?.mode==="replay"||C.traffic?.mode==="auto";return{...$,...Ye&&{confirm:!1,control:"off"},recorded:Ye,legs:j,only:Y,promptSources:d,agentByInput:e("agent")!=="",evaluationOf:({dataset:N,model:V})=>m.get(JSON.stringify([N,V])),budgetUsd:oe===void 0||!Y?oe:oe*Y.length/j.length/(A?.of??1),outputDir:C.outputDir,artifactName:ga(e("artifact-name"),F.length>0?Y:[],A,t.env),planOnly:C.planOnly,githubToken:v}}const ma=(t,e,{repeats:s},n)=>a=>{if(a==="dataset"||a==="model")return e[a];if(a in Vt)return Vt[a];if(!(a in f))return"";const r=t(a);if(r!=="")return r;if(a==="repeats")return s===void 0?"":String(s);const o=t("sample")!==""||n?.config.evaluation?.sample!==void 0;return a==="seed"&&o&&n?.config.evaluation?.seed===void 0?"agent-ci":""};function ga(t,e,s,n){if(t!=="")return(0,Kt.TZ)(t,{name:"artifact-name"});const a=Number(n.GITHUB_RUN_ATTEMPT??"1"),r=e.map(({id:i})=>i).join("-").slice(0,200),o=s?[`shard-${s.index}-of-${s.of}`]:[];return["agent-ci-nightly",...r===""?[]:[r],...o,...a>1?[`attempt-${a}`]:[]].join("-")}function ya({owner:t,flip_rate:e,days:s,max_share:n}={}){const a=(r,o)=>r===void 0?void 0:ge.WN(String(r),{name:`nightly.quarantine.${o}`});return{owner:t??null,settings:{...(0,T.l)("flipRate",a(e,"flip_rate")),...(0,T.l)("days",s),...(0,T.l)("maxShare",a(n,"max_share"))}}}function va(t,e){const s=URL.parse(t.trim());if(s?.protocol==="https:"||s?.protocol==="http:")return s.href;throw new D.j1({what:`${e.name} is ${JSON.stringify(t)}`,why:"Expected an address that begins with https://",mend:`Write for example ${e.name}: https://acme.github.io/support/`,...e.source&&{source:e.source}})}function wa(t,e){return t.trim()==="true"?"regressed":t.trim()==="false"?"off":ge.HU(t,e,fa)}function ba(t,e,s){const n=e?.config.nightly?.prompts??{},a=o=>o==="."?{kind:"workspace"}:o.startsWith("ref:")?{kind:"ref",ref:o.slice(4).trim()}:{kind:"directory",path:(0,h.resolve)(s,o)},r=t===""?Object.keys(n):ge.E1(t);return new Map(r.map(o=>{const i=Object.hasOwn(n,o)?n[o]:o;if(i===o&&o!=="."&&!o.startsWith("ref:"))throw new D.j1({what:`prompts names ${JSON.stringify(o)}`,why:"It is no set of prompts of the configuration",mend:Object.keys(n).length>0?(0,Gt.S)(o,Object.keys(n)):"Write it under nightly.prompts in agent-ci.yaml, or ref: and a branch, tag or commit"});return[o.replace(/^\.$/,"workspace"),a(i)]}))}async function $a(t){const e=await pa(t),s=t.date().toISOString(),n=(0,ee.t)(t.env),a={night:s.slice(0,10),run:n&&{repository:n.repository,id:n.id,attempt:n.attempt,url:n.url},repeats:e.evaluationOf(e.legs[0]).repeats},r=await rn(e.only??e.legs,e,t);for(const i of on(r,e))t.info(i);if(e.planOnly)return _n(r.legs,t);(0,O.mkdirSync)(e.outputDir,{recursive:!0}),dn(r.legs,e.outputDir);const o={plan:r,facts:a,startedAt:s,settings:e,host:t};return e.only?na(o):aa(o)}const De={alone:"true",words:["true","false"]},xa={summary:"evaluate datasets x models, hold them against the nights before and tell what moved (the job of nightly-eval)",options:f,flags:{"plan-only":De,confirm:De,issue:De,batch:De,"set-model":De,"fail-on-regression":De,control:{alone:"regressed",words:["true","false","regressed","always"]}},run:t=>$a(t)}}),31993:((be,_,u)=>{u.d(_,{$f:()=>O,hE:()=>X});var f=u(13798);const P=["steady","improved","warming-up","stale","suspect","regressed","unmeasured"],X=["provider","us","both","unknown"],O=f.Ikc({dataset:f.YjP(),model:f.YjP().nullable(),prompts:f.YjP().nullable(),metric:f.YjP(),unit:f.k5n(["fraction","ms","usd","tokens"]),state:f.k5n(P),value:f.aig().nullable(),n:f.Whr(),baseline:f.Ikc({mean:f.aig(),sd:f.aig(),nights:f.Whr(),from:f.YjP(),to:f.YjP()}).nullable(),drop:f.aig().nullable(),scale:f.k5n(["night","week"]).nullable(),p:f.aig().nullable(),confirmed:f.Ikc({value:f.aig(),n:f.Whr(),p:f.aig()}).nullable(),cause:f.k5n(X).nullable(),reason:f.YjP()})}),12692:((be,_,u)=>{u.d(_,{_:()=>O});var f=u(80957);const P=ee=>`$${ee.toFixed(ee<.01?6:2)}`,X=1e-9;class O{spent=0;reserved=0;requests=0;inFlight=0;waiters=[];limits;constructor(h){this.limits=h}get spending(){return{usd:this.spent,requests:this.requests}}get remainingUsd(){return(this.limits.usd??Number.POSITIVE_INFINITY)-this.spent-this.reserved}async reserve(h,D){return this.refuseUnfit(h),this.fits(h)&&this.waiters.length===0?this.admit(h):await new Promise((y,ne)=>{const se=()=>{const K=this.waiters.indexOf(g);K>=0&&this.waiters.splice(K,1),ne(D.reason),this.wake()},g={worstUsd:h,admit:K=>{D.removeEventListener("abort",se),y(K)},refuse:K=>{D.removeEventListener("abort",se),ne(K)}};D.addEventListener("abort",se,{once:!0}),this.waiters.push(g)})}refuseUnfit(h){const{usd:D,requests:y}=this.limits;if(y!==void 0&&this.requests>=y)throw new f.P("budget",`The budget of ${y} requests is used up. Raise it to go on.`);if(D!==void 0&&this.spent+h>D+X)throw new f.P("budget",`The budget of ${P(D)} is used up: ${P(this.spent)} is spent and this call may cost up to ${P(h)}. Raise the budget, or lower the call's limit on output tokens.`)}fits(h){const{usd:D}=this.limits;return D===void 0||this.spent+this.reserved+h<=D+X||this.inFlight===0}admit(h){this.requests++,this.inFlight++,this.reserved+=h;let D=!0;const y=ne=>{D&&(D=!1,this.inFlight--,this.reserved-=h,this.spent+=ne,this.wake())};return{settle:ne=>y(ne??h),release:()=>y(0)}}wake(){for(let h=this.waiters[0];h;h=this.waiters[0]){try{this.refuseUnfit(h.worstUsd)}catch(D){this.waiters.shift(),h.refuse(D);continue}if(!this.fits(h.worstUsd))return;this.waiters.shift(),h.admit(this.admit(h.worstUsd))}}}}),80957:((be,_,u)=>{u.d(_,{P:()=>f});class f extends Error{kind;constructor(X,O){super(O),this.name="Refusal",this.kind=X}}}),99970:((be,_,u)=>{u.d(_,{readPromptFiles:()=>K});var f=u(51455),P=u(76760),X=u(71403),O=u(14006),ee=u(72331),h=u(62608);const D=new Set([".git","node_modules"]),y=B=>B.replaceAll(P.sep,"/");function ne(B){const Q=B.filter(z=>!z.startsWith("!")),W=(Q.length>0?Q:ee.m).map(z=>O.scan(z).base.replace(/^\.$/,"")),G=(z,te)=>te===""||z.startsWith(`${te}/`);return[...new Set(W)].filter(z=>!W.some(te=>te!==z&&G(z,te)))}async function*se(B){const Q=await(0,f.stat)(B).catch(()=>{});if(!Q?.isDirectory()){Q?.isFile()&&(yield B);return}for(const W of await(0,f.readdir)(B,{withFileTypes:!0})){const G=(0,P.join)(B,W.name);W.isDirectory()?D.has(W.name)||(yield*se(G)):W.isFile()?yield G:W.isSymbolicLink()&&(await(0,f.stat)(G).catch(()=>{}))?.isFile()&&(yield G)}}async function g(B,Q,W){const G=(0,P.relative)(await(0,f.realpath)(W),await(0,f.realpath)(B));if(!(G!==".."&&!G.startsWith(`..${P.sep}`)&&(0,P.resolve)(G)!==G))throw new X.j1({what:`The prompt ${JSON.stringify(Q)} is a link that leads out of the repository`,why:"What a prompt says must be in the repository, where it can be reviewed and compared",mend:"Put the file itself there, or exclude it from prompts"})}async function K(B,{directory:Q,root:W}){const G=(0,ee.k)(B,y((0,P.relative)(W,Q))),z=new Map;for(const ie of ne(B))for await(const le of se((0,P.resolve)(Q,ie))){const w=y((0,P.relative)(W,le));G(w)&&z.set(w,le)}const te=[];let he=0;for(const ie of[...z.keys()].sort()){const le=z.get(ie);await g(le,ie,W),he+=(await(0,f.stat)(le)).size,(0,h.op)(he),te.push({path:ie,bytes:await(0,f.readFile)(le)})}return te}}),54634:((be,_,u)=>{u.d(_,{P:()=>f});const f=({dataset:P,model:X,prompts:O,metric:ee})=>JSON.stringify([P,X,O,ee])}),51494:((be,_,u)=>{u.d(_,{PB:()=>W,wE:()=>ye,J1:()=>fe,VR:()=>de,Io:()=>ze,Qb:()=>ae,ep:()=>le,Vg:()=>w,Cr:()=>J});var f=u(41148),P=u(80739),X=u(89804),O=u(50573),ee=u(54634),h=u(56079);const D=30,y=({drop:b,baseline:S})=>b===null||!S?-1/0:b/Math.max(S.sd,1e-12);function ne(b){const S=b.filter(({value:T,baseline:q})=>T!==null&&q!==null),[L]=S.toSorted((T,q)=>y(q)-y(T));return S.find(({state:T})=>T==="regressed")??S.find(({state:T})=>T==="suspect")??L}function se(b,S){switch(b){case"fraction":return{title:"%",factor:100};case"ms":return S>=1e4?{title:"seconds",factor:.001}:{title:"ms",factor:1};case"usd":return S<.01?{title:"millionths of a dollar",factor:1e6}:{title:"dollars",factor:1};case"tokens":return{title:"tokens",factor:1}}}function g({points:b},{baseline:S,unit:L}){const T=b.flatMap(({night:ue,value:Le})=>Le===null?[]:[{night:ue,value:Le}]).slice(-D),[q,U]=[T[0],T.at(-1)];if(!q||!U||T.length<2)return;const pe=({night:ue})=>/^\d{4}-\d\d-\d\d$/.test(ue)?ue:"unknown",x=[...T.map(({value:ue})=>ue),...S?[S.mean]:[]],{title:Te,factor:H}=se(L,Math.max(...x)),[Pe,me]=[Math.min(...x)*H,Math.max(...x)*H],Se=Math.max(me-Pe,Math.abs(me)*.02,.001)*.15,Ce=L==="fraction"?Math.min(100,me+Se):me+Se;return(0,h.Gp)({title:`From ${pe(q)} to ${pe(U)}: blue${S?", baseline grey":""}`,x:{title:"measured nights",from:1,to:T.length},y:{title:Te,from:Math.max(0,Pe-Se),to:Ce},lines:[{colour:h.ft,values:T.map(({value:ue})=>ue*H)},...S?[{colour:h.Qu,values:T.map(()=>S.mean*H)}]:[]]})}var K=u(3819);const B=200,Q=5,W={heading:"###",folded:!1},G=({dataset:b,model:S,prompts:L})=>`${(0,f.aY)(b,120)}${S===null?"":` with ${(0,f.aY)(S,120)}`}${L===null?"":`, prompts ${(0,f.aY)(L,120)}`}`,z=b=>`${(0,f.CS)((0,X.C6)(b.metric),120)} of ${G(b)}`,te=({series:b},S)=>b.filter(L=>L.state===S);function he(b){return(0,f.jD)(z(b),(0,K.B8)(b),(0,K.BW)(b),(0,K.k0)(b),(0,K.XH)(b),(0,K.xv)(b)||"–",(0,f.CS)(b.reason,400)||"–")}const ie=(0,f.PP)("series","tonight","baseline","change","run again","cause","why");function le(b,{heading:S}){const L=te(b,"regressed");return L.length===0?[]:[{before:`${S} ${(0,P.B4)(L.length)} series regressed

${ie}`,rows:L.slice(0,B).map(he),total:L.length,rowName:"regressed one",priority:1}]}function w(b){const S=te(b,"suspect");return S.length===0?[]:[{before:`<details><summary>${(0,P.B4)(S.length)} suspect: flagged, and not confirmed</summary>

${ie}`,rows:S.slice(0,B).map(he),total:S.length,rowName:"suspect one",after:`

</details>`,priority:5}]}const I=b=>{const S=b.length-Q;return`${b.slice(0,Q).map(T=>z(T)).join(", ")}${S>0?` and ${(0,P.B4)(S)} more`:""}`};function J(b){const S=[["warming-up","warming up: fewer nights than a baseline needs"],["stale","stale: dataset, judge or model is another one than the baseline’s; bless a run to set a new one"],["unmeasured","unmeasured: nothing was measured tonight"]].flatMap(([L,T])=>{const q=te(b,L);return q.length===0?[]:[`- ${(0,P.B4)(q.length)} series ${T} (${I(q)})`]});return S.length===0?[]:[(0,O.p)(S.join(`
`),2)]}function de({legs:b},{heading:S,folded:L}){if(b.length===0)return[];const T=(0,P.pq)(b.length,"evaluation"),q=(0,f.PP)("evaluation","arm","verdict","accuracy","latency p95","cost","coverage","answered by");return[{before:`${L?`<details><summary>${T}</summary>`:`${S} ${T}`}

${q}`,rows:b.slice(0,B).map(U=>(0,f.jD)(G(U),U.arm,`${f.j7[U.verdict]} ${U.verdict}${U.verdict==="passed"?"":`: ${(0,f.CS)(U.reason,200)}`}`,(0,P.Fl)(U.accuracy,"fraction"),U.latency_p95===null?"unknown":(0,P._V)(U.latency_p95),U.cost_usd===null?"unknown":(0,P.UK)(U.cost_usd),(0,P.l9)(U.coverage),U.answered.slice(0,3).map(pe=>(0,f.aY)(pe,80)).join(", ")||"–")),total:b.length,rowName:"evaluation",...L&&{after:`

</details>`},priority:3}]}function ae({quarantined:b}){if(b.length===0)return[];const S=(0,f.PP)("example","dataset","flips","owner","until");return[{before:`<details><summary>${(0,P.pq)(b.length,"example")} in quarantine: they flip from night to night, inform, and block nothing</summary>

${S}`,rows:b.slice(0,B).map(({dataset:L,id:T,flip_rate:q,owner:U,until:pe})=>(0,f.jD)((0,f.aY)(T,80),(0,f.aY)(L,80),`${(0,P.l9)(q)} of nights`,U===null?"nobody":(0,f.aY)(U,80),(0,f.CS)(pe,40))),total:b.length,rowName:"example",after:`

</details>`,priority:7}]}const Z={trigger:"opened",open:"open",resolve:"resolved"};function fe({incidents:b},{heading:S}){return b.length===0?[]:[{before:`${S} ${(0,P.pq)(b.length,"incident")}
`,rows:b.slice(0,B).map(({title:L,since:T,kind:q})=>`- **${Z[q]}** since ${(0,f.CS)((0,K.kb)(T),40)}: ${(0,f.CS)(L,300)}`),total:b.length,rowName:"incident",priority:4}]}function ye({series:b},S,{heading:L}){const T=ne(b),q=T&&S.find(({key:Te})=>(0,ee.P)(Te)===(0,ee.P)(T)),U=q&&g(q,T);if(U===void 0)return[];const x=T.state!=="regressed"&&T.state!=="suspect"?`

The series that stands worst against its baseline.`:"";return[(0,O.p)(`${L} Night by night: ${z(T)}${x}

${U}`,6)]}const ze=({notes:b,fleet_shift:S})=>[...S?[`Most series moved alike: ${S.reason}`]:[],...b].slice(0,B).map(L=>(0,O.p)(`> ${(0,f.CS)(L)}`,2))}),3819:((be,_,u)=>{u.d(_,{$Y:()=>se,B8:()=>B,BW:()=>Q,I7:()=>O,XH:()=>W,_T:()=>he,f_:()=>y,i9:()=>ee,k0:()=>g,kb:()=>le,lP:()=>ne,oM:()=>ie,sQ:()=>X,ue:()=>D,xv:()=>h,y1:()=>K});var f=u(80739),P=u(89804);const X=["regressed","suspect","unmeasured","stale","warming-up","improved","steady"],O={regressed:"regressed",suspect:"suspect",unmeasured:"unmeasured",stale:"stale","warming-up":"warming up",improved:"improved",steady:"steady"},ee={provider:"the provider moved",us:"we moved",both:"the provider and we moved",unknown:"who moved is not known"},h=({cause:w})=>w===null?"":ee[w],D=({dataset:w,model:I,prompts:J})=>`${w}${I===null?"":` with ${I}`}${J===null?"":`, prompts ${J}`}`,y=w=>`${(0,P.C6)(w.metric)} of ${D(w)}`,ne=(w,I)=>I==="fraction"?`${(0,f.Xf)(w)} points`:(0,f.Fl)(w,I);function se({drop:w,unit:I}){return w===null?"":w===0?"no change":`${ne(Math.abs(w),I)} ${w>0?"worse":"better"}`}function g(w){const I=se(w);if(I==="")return"–";const J=w.scale==="week"?" over a week":"";return`${I}${J}${w.p===null?"":`, ${K(w.p)}`}`}const K=w=>w<1e-4?"p < 0.0001":`p ${Number(w.toPrecision(2))}`,B=({value:w,n:I,unit:J})=>w===null?"unknown":`${(0,f.Fl)(w,J)}, ${(0,f.pq)(I,"trial")}`,Q=({baseline:w,unit:I})=>w===null?"–":`${(0,f.Fl)(w.mean,I)} ± ${(0,f.Fl)(w.sd,I)}, ${(0,f.pq)(w.nights,"night")}`,W=({confirmed:w,unit:I})=>w===null?"not run again":`${B({...w,unit:I})}, ${K(w.p)}`,G=w=>X.map(I=>({state:I,count:w.filter(J=>J.state===I).length})).filter(({count:I})=>I>0),z=w=>G(w).map(({state:I,count:J})=>`${(0,f.B4)(J)} ${O[I]}`).join(", ");function te(w){const{baseline:I,unit:J,scale:de}=w,ae=se(w),Z=h(w),fe=I===null?"its baseline":`its baseline of ${(0,f.Fl)(I.mean,J)}`,ye=ae===""?"regressed":`is ${ae}${de==="week"?" over a week":""} than ${fe}`;return`${y(w)} ${ye}${Z===""?"":`: ${Z}`}`}function he(w){const{verdict:I,reason:J,series:de,fleet_shift:ae}=w;if(I==="errored")return J;const[Z,...fe]=de.filter(({state:ye})=>ye==="regressed");return Z?ae?ae.reason:`${te(Z)}${fe.length===0?"":`; ${(0,f.B4)(fe.length)} more series regressed`}`:I==="passed"&&de.length>0?`no series regressed: ${z(de)}`:J}function ie({night:w,legs:I,series:J,cost_usd:de}){const ae=(0,f.pq)(I.length,"evaluation"),Z=J.length===0?"no series yet":`${(0,f.B4)(J.length)} series: ${z(J)}`;return`${/^\d{4}-\d\d-\d\d$/.test(w)?`Night ${w}; `:""}${ae}; ${Z}; cost ${(0,f.Fl)(de,"usd")}.`}const le=w=>w.replace(/^(\d{4}-\d\d-\d\d)T.*$/,"$1")})};export{Oa as id,ja as ids,Ma as modules};
