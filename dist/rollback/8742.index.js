const d=8742,E=[8742],e={18742:((t,o,_)=>{_.d(o,{APIError:()=>s.LG,default:()=>r.N});var r=_(7766),s=_(25064)})};export{d as id,E as ids,e as modules};
