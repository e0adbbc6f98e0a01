const d=742,E=[742],e={8742:((t,o,_)=>{_.d(o,{APIError:()=>s.LG,default:()=>r.N});var r=_(7766),s=_(5064)})};export{d as id,E as ids,e as modules};
