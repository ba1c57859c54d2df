import { catalogue } from '@/state/text'

export const POLICIES = catalogue(
  {
    about: 'An interview is analysed for a purpose. The purpose decides what is measured and told.',
    change: 'Which are allowed is set under {section}.',
    allowed: 'Allowed here',
    notAllowed: 'Not allowed here',
    consent: 'Consent',
    consentNeeded: 'a record has to be there first',
    noConsent: 'not asked for',
    denied: 'never',
    given: 'may be given',
  },
  {
    about: '면접은 정해진 목적에 따라 분석합니다. 목적에 따라 측정하고 알려 주는 내용이 달라집니다.',
    change: '허용할 목적은 {section}에서 정합니다.',
    allowed: '허용됨',
    notAllowed: '허용 안 됨',
    consent: '동의',
    consentNeeded: '동의 기록이 먼저 있어야 함',
    noConsent: '요구하지 않음',
    denied: '제공 안 함',
    given: '제공 가능',
  },
)
