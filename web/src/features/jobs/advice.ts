import type { ADVICE } from './adviceText'

export type Advice = keyof (typeof ADVICE)['en']

const BY_TYPE: Readonly<Record<string, Advice>> = {
  MediaNotFound: 'file',
  MediaUnreadable: 'file',
  MediaEmpty: 'file',
  AddressRefused: 'asked',
  RequestInvalid: 'asked',
  LimitExceeded: 'asked',
  TemplateInvalid: 'asked',
  Conflict: 'later',
  Unavailable: 'later',
  OutputUnwritable: 'setUp',
  PartMissing: 'setUp',
  SetupError: 'setUp',
  WeightsError: 'models',
  WeightsMissing: 'models',
  WeightsRefused: 'models',
  WeightsDenied: 'models',
  OutOfTime: 'time',
  MeasuringFailed: 'measuring',
  Defect: 'defect',
}

/** What can be done about an error of this type; null: nothing but what it says itself. */
export function adviceFor(type: string): Advice | null {
  return BY_TYPE[type] ?? null
}
