import type { Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type ArgoRollout, argoPhase, stepsOf } from './argo-status.ts'

/** What keeps a Rollout from being driven from outside. */
export function argoProblems(rollout: ArgoRollout): readonly Problem[] {
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
  if (!rollout.spec.template)
    problems.push({
      what: `${title} has no template of its own (workloadRef)`,
      why: 'A release is put into spec.template',
      mend: 'Move the pod template into the Rollout',
    })
  if (argoPhase(rollout) !== 'Healthy')
    problems.push({
      what: `${title} is ${argoPhase(rollout)}: ${forLog(rollout.status?.message ?? 'its controller has said nothing', 300)}`,
      why: 'A release starts from a healthy one, and with a controller at work',
      mend: 'Finish or abort what is under way, and see that the controller runs',
    })
  return problems
}
