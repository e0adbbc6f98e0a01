import { ApiError } from '@agent-ci/delivery/kubernetes/api-error'
import { fieldConflicts, isByHand, isReapplying, takeOverFields } from '@agent-ci/delivery/kubernetes/field-owners'
import type { ManagedFields, NamedObject } from '@agent-ci/delivery/kubernetes/object'
import { expect, test } from '@jest/globals'

const REFUSED = JSON.stringify({
  kind: 'Status',
  status: 'Failure',
  message:
    'Apply failed with 2 conflicts: conflicts with "argocd-controller" using apps/v1:\n- .spec.replicas\nconflicts with "kubectl-edit" using apps/v1 at 2026-01-01T00:00:00Z:\n- .spec.template.spec.containers[name="agent"].image',
  reason: 'Conflict',
  details: {
    causes: [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "argocd-controller" using apps/v1',
        field: '.spec.replicas',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl-edit" using apps/v1 at 2026-01-01T00:00:00Z',
        field: '.spec.template.spec.containers[name="agent"].image',
      },
    ],
  },
  code: 409,
})
const refused = (status: number, body: string) => new ApiError('PATCH /x', status, body, undefined)

test('the conflicts of an apply are read with their fields and owners', () => {
  expect(fieldConflicts(refused(409, REFUSED))).toEqual([
    {
      field: '.spec.replicas',
      owner: 'argocd-controller',
      message: 'conflict with "argocd-controller" using apps/v1',
    },
    {
      field: '.spec.template.spec.containers[name="agent"].image',
      owner: 'kubectl-edit',
      message: 'conflict with "kubectl-edit" using apps/v1 at 2026-01-01T00:00:00Z',
    },
  ])
})

test.each([
  [
    'a race of two writes',
    refused(409, JSON.stringify({ reason: 'Conflict', message: 'the object has been modified' })),
  ],
  ['a refusal for another reason', refused(422, REFUSED)],
  ['an error of no server', new Error('socket hang up')],
])('%s is no conflict of owners', (_, error) => {
  expect(fieldConflicts(error)).toBeUndefined()
})

test.each([
  ['kubectl', true],
  ['kubectl-client-side-apply', true],
  ['kubectl-edit', true],
  ['before-first-apply', true],
  ['agent-ci', true],
  ['kubectlish', false],
  ['argocd-controller', false],
  ['kube-controller-manager', false],
])('%s is by hand: %s', (manager, expected) => {
  expect(isByHand(manager)).toBe(expected)
})

test.each([
  ['argocd-controller', true],
  ['flux', true],
  ['kustomize-controller', true],
  ['helm', true],
  ['kubectl-edit', false],
  ['kube-controller-manager', false],
])('%s writes its fields back: %s', (manager, expected) => {
  expect(isReapplying(manager)).toBe(expected)
})

const entry = (
  manager: string,
  operation: ManagedFields['operation'],
  fieldsV1: ManagedFields['fieldsV1'],
  subresource?: string,
): ManagedFields => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...(subresource && { subresource }),
})
const owned = (...managedFields: ManagedFields[]): NamedObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'agent', resourceVersion: '7', managedFields },
})

test('taking over leaves one entry of ours with the union of the fields, and others as they are', () => {
  const argo = entry('argocd-controller', 'Apply', { 'f:spec': { 'f:paused': {} } })
  const controller = entry('kube-controller-manager', 'Update', { 'f:status': {} }, 'status')
  const scaled = entry('kubectl', 'Update', { 'f:spec': { 'f:replicas': {} } }, 'scale')
  const patch = takeOverFields(
    owned(
      entry('agent-ci', 'Apply', { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:a': {} } } }),
      entry('kubectl-client-side-apply', 'Update', { 'f:spec': { 'f:template': { 'f:b': {} } }, 'f:metadata': {} }),
      entry('agent-ci', 'Update', { 'f:spec': { 'f:template': { 'f:a': { '.': {} } } } }),
      argo,
      controller,
      scaled,
    ),
    isByHand,
  )
  expect(patch).toEqual([
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [
        argo,
        controller,
        scaled,
        entry('agent-ci', 'Apply', {
          'f:spec': { 'f:replicas': {}, 'f:template': { 'f:a': { '.': {} }, 'f:b': {} } },
          'f:metadata': {},
        }),
      ],
    },
  ])
})

test('nothing is patched where nothing was set by hand', () => {
  const ours = entry('agent-ci', 'Apply', { 'f:spec': {} })
  expect(takeOverFields(owned(ours, entry('argocd-controller', 'Apply', {})), isByHand)).toBeUndefined()
  expect(takeOverFields({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }, isByHand)).toBeUndefined()
})

test('without an entry of ours the one that was taken becomes ours', () => {
  const patch = takeOverFields(owned(entry('kubectl', 'Update', { 'f:spec': {} })), isByHand)
  expect(patch?.[1]).toMatchObject({ value: [entry('agent-ci', 'Apply', { 'f:spec': {} })] })
})
