import { catalogue } from '@/state/text'

/** What a person can do about a failure, by the kind of error. */
export const ADVICE = catalogue(
  {
    file: 'The file itself is the trouble. Play it on your own machine; if it is broken there, export or copy it anew and add it again.',
    asked: 'Trying again as it is will not help: change what was asked for, then ask anew.',
    later:
      'Something the server needs did not answer. Try again in a while; if it stays, tell whoever runs the server.',
    setUp: 'Something is missing on the server. Whoever runs it finds out what under System; then try again.',
    models: 'A model is not installed. An administrator installs it under System, Models; then try again.',
    measuring: 'Try once more. If it fails in the same way, tell whoever runs the server which video it was.',
    time: 'It took longer than it may. Try again when less is running, or ask whoever runs the server for more time.',
    defect: 'This is a fault of the program. Try once more; if it stays, report it with the words above.',
  },
  {
    file: '파일 자체의 문제입니다. PC에서 재생해 보고, 거기서도 손상되어 있으면 다시 내보내거나 복사해 추가하세요.',
    asked: '그대로 다시 시도해도 해결되지 않습니다. 요청 내용을 바꾸어 새로 요청하세요.',
    later: '서버에 필요한 서비스가 응답하지 않았습니다. 잠시 후 다시 시도하고, 계속되면 서버 관리자에게 알려 주세요.',
    setUp: '서버에 빠진 것이 있습니다. 서버 관리자가 ‘시스템’에서 원인을 확인한 뒤 다시 시도하세요.',
    models: '모델이 설치되어 있지 않습니다. 관리자가 ‘시스템 > 모델’에서 설치한 뒤 다시 시도하세요.',
    measuring: '한 번 더 시도하세요. 같은 오류가 반복되면 어떤 영상인지 서버 관리자에게 알려 주세요.',
    time: '허용된 시간을 넘겼습니다. 작업이 적을 때 다시 시도하거나 서버 관리자에게 제한 시간을 늘려 달라고 하세요.',
    defect: '프로그램의 결함입니다. 한 번 더 시도하고, 계속되면 위 내용과 함께 신고해 주세요.',
  },
)
