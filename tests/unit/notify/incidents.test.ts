import { type Incidents, incidents, incidentsSchema, NO_INCIDENTS, withoutUntold } from '@agent-ci/notify/incidents'
import { expect, test } from '@jest/globals'
import fc from '../../properties.ts'
import { ALERT } from './fixtures.ts'

const { kind: _, ...FIRING } = { ...ALERT, key: 'a', severity: 'warning' as const }
const AT = '2026-11-24T03:00:00Z'
const NEXT_DAY = '2026-11-25T03:00:00Z'

const open = (firing = [FIRING]): Incidents => incidents(NO_INCIDENTS, { at: AT, firing, healthy: [] }).next

test('the first night triggers', () => {
  const { alerts, next } = incidents(NO_INCIDENTS, { at: AT, firing: [FIRING], healthy: ['b'] })
  expect(alerts).toEqual([{ ...FIRING, kind: 'trigger' }])
  expect(next.open).toEqual([{ key: 'a', severity: 'warning', title: FIRING.title, since: AT, last_seen: AT }])
})

test('the same incident on the next night tells nobody again', () => {
  const { alerts, next } = incidents(open(), { at: NEXT_DAY, firing: [FIRING], healthy: [] })
  expect(alerts).toEqual([])
  expect(next.open[0]).toMatchObject({ since: AT, last_seen: NEXT_DAY })
})

test('one that gets worse is told again, one that wavers is not', () => {
  const worse = incidents(open(), { at: NEXT_DAY, firing: [{ ...FIRING, severity: 'critical' }], healthy: [] })
  expect(worse.alerts).toMatchObject([{ key: 'a', kind: 'trigger', severity: 'critical' }])
  const milder = incidents(worse.next, { at: NEXT_DAY, firing: [FIRING], healthy: [] })
  expect(milder.alerts).toEqual([])
  const again = incidents(milder.next, { at: NEXT_DAY, firing: [{ ...FIRING, severity: 'critical' }], healthy: [] })
  expect(again.alerts).toEqual([])
})

test('a recovery is told once, with how long it lasted', () => {
  const { alerts, next } = incidents(open(), { at: NEXT_DAY, firing: [], healthy: ['a', 'a'] })
  expect(alerts).toEqual([
    {
      key: 'a',
      kind: 'resolve',
      severity: 'warning',
      title: FIRING.title,
      text: 'It is well again.',
      facts: [
        { name: 'Since', value: AT },
        { name: 'Last seen', value: AT },
      ],
      links: [],
      at: NEXT_DAY,
    },
  ])
  expect(incidents(next, { at: NEXT_DAY, firing: [], healthy: ['a'] }).alerts).toEqual([])
})

test('what was not measured is not well: its incident stays open', () => {
  const { alerts, next } = incidents(open(), { at: NEXT_DAY, firing: [], healthy: ['b'] })
  expect(alerts).toEqual([])
  expect(next).toEqual(open())
})

test('what fires is not well, whatever else is said of it', () => {
  expect(incidents(open(), { at: NEXT_DAY, firing: [FIRING], healthy: ['a'] }).alerts).toEqual([])
})

test('of several alerts with one key the worst counts', () => {
  const firing = [FIRING, { ...FIRING, severity: 'error' as const }, { ...FIRING, severity: 'info' as const }]
  expect(incidents(NO_INCIDENTS, { at: AT, firing, healthy: [] }).alerts).toMatchObject([{ severity: 'error' }])
})

test('an alert that reached nobody is sent on the next night, a trigger as well as a resolve', () => {
  const first = incidents(NO_INCIDENTS, { at: AT, firing: [FIRING], healthy: [] })
  const kept = withoutUntold(NO_INCIDENTS, first.next, ['a'])
  expect(incidents(kept, { at: NEXT_DAY, firing: [FIRING], healthy: [] }).alerts).toMatchObject([{ kind: 'trigger' }])
  const over = incidents(open(), { at: NEXT_DAY, firing: [], healthy: ['a'] })
  const stillOpen = withoutUntold(open(), over.next, ['a'])
  expect(incidents(stillOpen, { at: NEXT_DAY, firing: [], healthy: ['a'] }).alerts).toMatchObject([{ kind: 'resolve' }])
})

test('over any sequence of nights triggers and resolves take turns, and the state survives its file', () => {
  const key = fc.constantFrom('a', 'b', '__proto__', 'constructor')
  const night = fc.record({ firing: fc.array(key), healthy: fc.array(key) })
  fc.assert(
    fc.property(fc.array(night, { maxLength: 20 }), (nights) => {
      let state = NO_INCIDENTS
      const open = new Set<string>()
      for (const { firing, healthy } of nights) {
        const observed = { at: AT, firing: firing.map((each) => ({ ...FIRING, key: each })), healthy }
        const { alerts, next } = incidents(state, observed)
        for (const alert of alerts) {
          expect(open.has(alert.key)).toBe(alert.kind === 'resolve')
          if (alert.kind === 'resolve') open.delete(alert.key)
          else open.add(alert.key)
        }
        state = incidentsSchema.parse(JSON.parse(JSON.stringify(next)))
        expect(new Set(state.open.map((incident) => incident.key))).toEqual(open)
      }
    }),
  )
})
