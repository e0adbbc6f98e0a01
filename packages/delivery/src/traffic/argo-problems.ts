import type { Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { Deployment } from '../kubernetes/workload.ts'
import { type ArgoRollout, argoPhase, stepsOf } from './argo-status.ts'

/** What keeps a Rollout that follows a Deployment from being driven from outside. `ours`: a rollout of ours is under way in it. */
export function argoProblems(rollout: ArgoRollout, deployment: Deployment, ours: boolean): readonly Problem[] {
  const { name } = deployment.metadata
  const title = `rollout ${rollout.metadata.name}`
  const problems: Problem[] = []
  const steps = stepsOf(rollout)
  const loose = steps.findIndex((step, index) => {
    const next = steps[index + 1]
    return step.setWeight !== undefined && step.setWeight < 100 && (!next?.pause || next.pause.duration !== undefined)
  })
  if (steps.length === 0 || loose >= 0)
    problems.push({
      what:
        steps.length === 0
          ? `${title} has no canary steps`
          : `Step ${loose + 1} of ${title} has no pause without end after it`,
      why: 'The controller would go on by itself, before our analysis has decided',
      mend: 'Write each step as setWeight followed by pause: {}',
    })
  const { workloadRef, template } = rollout.spec
  if (template || workloadRef?.kind !== 'Deployment' || workloadRef.name !== name)
    problems.push({
      what: template ? `${title} has a pod template of its own` : `${title} does not follow deployment ${name}`,
      why: 'A release is written as the pod template of the Deployment, and the Rollout brings it into use',
      mend: `Write spec.workloadRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}} in place of spec.template`,
    })
  if ((deployment.spec.replicas ?? 1) > 0)
    problems.push({
      what: `deployment ${name} runs ${deployment.spec.replicas ?? 1} pods of its own beside those of ${title}`,
      why: 'They would change to a release at once, without its steps',
      mend: `Write scaleDown: onsuccess into spec.workloadRef, or run kubectl scale deployment/${name} --replicas=0 once the pods of the Rollout serve`,
    })
  if (!ours && argoPhase(rollout) !== 'Healthy')
    problems.push({
      what: `${title} is ${argoPhase(rollout)}: ${forLog(rollout.status?.message ?? 'its controller has said nothing', 300)}`,
      why: 'A release starts from a healthy one, and with a controller at work',
      mend: 'Finish or abort what is under way, and see that the controller runs',
    })
  return problems
}
